"""The pages: one file a page, with its template; HTMX is vendored, nothing is fetched from elsewhere."""
