"""Identity tokens: what one says, once it is known to be meant for this desk, now, and for this journey."""

from __future__ import annotations

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import ClaimError, ExpiredTokenError, JoseError
from joserfc.jwk import KeySet

from schema_matching_pipeline.errors import NotKnownError
from schema_matching_pipeline.model.identity import Journey, OutsidePerson, ProviderTerms

ALGORITHMS = (
    "RS256",
    "PS256",
    "ES256",
    "EdDSA",
)  # those with a key for all to see; no shared secret, and never none
SKEW_SECONDS = 60
_LONGEST_ADDRESS = 320
_WRONG = {
    "iss": "it is another provider's",
    "aud": "it is for another program",
    "azp": "it is for another program",
    "nonce": "it belongs to another login",
    "exp": "it has run out",
    "iat": "it is of another time",
    "nbf": "it is of another time",
}


def said_by(token: str, keys: KeySet) -> jwt.Token:
    """The token, once it is known who signed it.

    Raises:
        JoseError: none of these keys did, or not by a way that counts.
    """
    return jwt.decode(token, keys, algorithms=list(ALGORITHMS))


def require_ours(said: jwt.Token, terms: ProviderTerms, journey: Journey, access_token: str) -> None:
    """Passes for a token of this provider for this desk, of this journey, that has not run out.

    Raises:
        NotKnownError: it is another one; what is wrong with it is named.
    """
    wanted = {
        "iss": {"essential": True, "value": terms.issuer},
        "aud": {"essential": True, "value": terms.client_id},
    }
    context = {"nonce": journey.nonce, "client_id": terms.client_id, "access_token": access_token}
    try:
        CodeIDToken(said.claims, said.header, wanted, context).validate(leeway=SKEW_SECONDS)
    except ExpiredTokenError:
        raise refused(_WRONG["exp"]) from None
    except ClaimError as error:
        raise refused(_WRONG.get(error.claim, f"its {error.claim} is not right")) from None
    except JoseError:
        raise refused("it cannot be read") from None


def person_of(said: jwt.Token, terms: ProviderTerms) -> OutsidePerson:
    """The person of whom the token speaks.

    Raises:
        NotKnownError: it names no address, or one that the provider has not verified.
    """
    email = said.claims.get(terms.email_claim)
    if not isinstance(email, str) or "@" not in email or len(email) > _LONGEST_ADDRESS:
        raise refused(f"it names no e-mail address as {terms.email_claim!r}")
    # The provider's own claim counts as far as it has looked; another one is what its administrators entered.
    if terms.email_claim == "email" and said.claims.get("email_verified") is not True:
        raise refused("the e-mail address in it is not verified")
    groups = said.claims.get(terms.groups_claim)
    named = [groups] if isinstance(groups, str) else groups if isinstance(groups, list) else []
    return OutsidePerson(email=email, groups=tuple(group for group in named if isinstance(group, str)))


def refused(why: str) -> NotKnownError:
    """What is told of a token that does not count."""
    return NotKnownError(
        f"What the identity provider says of you does not count: {why}. Sign in again; if that does not help, ask an administrator."
    )
