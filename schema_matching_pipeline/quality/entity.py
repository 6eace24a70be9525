"""Which things of the world a name speaks of, to see whether a key column and the key it holds agree."""

from __future__ import annotations

from schema_matching_pipeline.canon.name_kinds import in_english
from schema_matching_pipeline.canon.names import name_tokens

# Each word stands for every thing it may mean; two names agree when they have one in common.
_THINGS = {
    "patient": "patient subscriber member insured guarantor beneficiary person people",
    "customer": "customer client buyer person people contact debtor company",
    "employee": "employee staff worker person people manager user provider physician doctor nurse supervisor",
    "provider": "provider physician doctor practitioner clinician nurse surgeon prescriber person people staff employee user supervisor",
    "user": "user login account author editor creator person people employee staff provider",
    "payer": "payer payor insurer carrier insurance company",
    "coverage": "insurance coverage policy plan subscription subscriber member",
    "organization": "organization organisation facility hospital clinic practice location site company office department branch institution provider payer",
    "encounter": "encounter visit stay admission episode case treatment consultation",
    "appointment": "appointment booking reservation slot schedule",
    "claim": "claim invoice bill billing",
    "invoice": "invoice bill billing claim",
    "order": "order purchase request",
    "product": "product item article sku drug medication device supply track",
    "supplier": "supplier vendor manufacturer company",
    "condition": "condition diagnosis problem",
    "procedure": "procedure treatment service",
    "drug": "drug medication prescription product",
    "place of service": "",
    "department": "department ward unit office organization",
    "category": "category group class type genre",
}
_MEANINGS: dict[str, frozenset[str]] = {
    word: frozenset(thing for thing, words in _THINGS.items() if word in words.split())
    for words in _THINGS.values()
    for word in words.split()
}
_PHRASES = {
    ("place", "of", "service"): frozenset({"place of service"}),
    ("insurance", "company"): frozenset({"payer"}),
    ("patient", "insurance"): frozenset({"coverage"}),
    ("member", "insurance"): frozenset({"coverage"}),
    ("insurance", "plan"): frozenset({"coverage"}),
    ("insurance", "policy"): frozenset({"coverage"}),
}


def things_named(name: str) -> frozenset[str]:
    """The things the head of a name may speak of; empty where it names none that is known.

    >>> sorted(things_named("primary_patient_insurance_id")), sorted(things_named("encounters"))
    (['coverage'], ['encounter'])
    """
    tokens = [_singular(token) for token in in_english(name_tokens(name))]
    for end in range(len(tokens), 0, -1):
        for phrase, things in _PHRASES.items():
            if tuple(tokens[max(0, end - len(phrase)) : end]) == phrase:
                return things
        if tokens[end - 1] in _MEANINGS:
            return _MEANINGS[tokens[end - 1]]
    return frozenset()


def _singular(word: str) -> str:
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "sis", "us")) else word
