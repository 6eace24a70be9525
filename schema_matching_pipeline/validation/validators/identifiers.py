"""Identifiers have the shape or the check digit of their kind."""

from __future__ import annotations

from collections.abc import Iterator

from schema_matching_pipeline.canon.identifiers import IDENTIFIERS
from schema_matching_pipeline.model.validation import Expectation, ExpectationKind, ExpectationResult
from schema_matching_pipeline.validation.validator import VALIDATORS, Case, Pair, expect, of_tested

# Kind of identifier by the field's semantic type, and by words that its name holds.
_BY_TYPE: dict[str, str] = {
    "email": "email",
    "phone": "phone",
    "home_phone": "phone",
    "work_phone": "phone",
    "mobile_phone": "phone",
    "fax": "phone",
    "national_identifier": "national_number",
    "policy_number": "contract_number",
}
_BY_WORDS: tuple[tuple[frozenset[str], str], ...] = (
    (frozenset({"npi"}), "npi"),
    (frozenset({"national", "provider", "identifier"}), "npi"),
    (frozenset({"dea"}), "dea_number"),
    (frozenset({"iban"}), "iban"),
    (frozenset({"isbn"}), "isbn"),
    (frozenset({"ean"}), "ean"),
    (frozenset({"email"}), "email"),
    (frozenset({"phone"}), "phone"),
    (frozenset({"telephone"}), "phone"),
    (frozenset({"fax"}), "phone"),
    (frozenset({"ssn"}), "national_number"),
    (frozenset({"social", "security"}), "national_number"),
    (frozenset({"policy", "number"}), "contract_number"),
    (frozenset({"member", "number"}), "contract_number"),
    (frozenset({"subscriber", "number"}), "contract_number"),
)
# Such a word makes it something about the identifier, not the identifier itself.
_ABOUT = frozenset(
    {"type", "flag", "verified", "preference", "consent", "status", "extension", "date", "count"}
)


class Identifiers:
    """Asks whether numbers and addresses that have a form of their own follow it.

    The kind comes from the field (an NPI, an e-mail address, a policy number), and from the column itself:
    where most values carry a check digit, those with a wrong one are found.
    """

    code = "IDENTIFIER_MALFORMED"

    def plan(self, case: Case) -> Iterator[Expectation]:
        """One question for every kind of identifier that a pair should follow."""
        for pair in case.pairs:
            for kind in sorted(_wanted(pair) | _observed(pair, case.policy.identifier_share)):
                yield expect(ExpectationKind.MATCHES, pair, mostly=case.policy.mostly, pattern=kind)

    def message(self, expectation: Expectation, result: ExpectationResult) -> str:
        """How many values are not of the kind."""
        identifier = IDENTIFIERS[expectation.parameter("pattern")[0]]
        why = " (form or check digit)" if identifier.checked else ""
        return f"{of_tested(result)} are not {identifier.description}{why}"


def _wanted(pair: Pair) -> set[str]:
    """What the field asks for."""
    words = frozenset(pair.words)
    if words & _ABOUT:
        return set()
    by_words = next((kind for phrase, kind in _BY_WORDS if phrase <= words), None)
    kind = by_words or _BY_TYPE.get(pair.field.semantic_type or "")
    return {kind} if kind else set()


def _observed(pair: Pair, least_share: float) -> set[str]:
    """Check digits that most of the column's values carry: too many for chance."""
    if pair.profile is None:
        return set()
    checked = (name for name, identifier in IDENTIFIERS.items() if identifier.checked)
    return {name for name in checked if pair.profile.pattern_share(name) >= least_share}


VALIDATORS.register("identifiers")(Identifiers())
