"""Who sends a request: sessions in a cookie, access tokens, keys."""
