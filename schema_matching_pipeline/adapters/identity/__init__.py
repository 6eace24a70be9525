"""Identity: who a person is, by the word of an OpenID provider.

Comes in:        what was agreed upon with the provider; a journey, and the code with which somebody comes back from it.
Goes out:        the address a browser is sent to; the person whom a token proves.
How it decides:  a token counts if the provider signed it, for this desk, for this journey, and a moment ago.
To add to it:    nothing; every provider that speaks OpenID Connect is one by its settings.
It must never:   follow a redirect, take a token that is not signed by a published key, keep a token, or know what a person may do.
"""

from schema_matching_pipeline.adapters.identity.provider import OpenIdProvider

__all__ = ["OpenIdProvider"]
