"""Sentences that were written for a terminal, as a page says them: its places in place of commands, or who can help."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

_COMMAND = re.compile(r"`?\bsmp (?=[a-z])(?P<words>[a-z]+(?: [a-z]+)?)")
_END_OF_SENTENCE = re.compile(r"((?<=[.?!])\s+|\n+)")
_LEADS_TO_IT = re.compile(r".*[:;]\s*")
_OPTION = re.compile(r"`--[a-z-]+`")
# By how a command begins, after the program's name: where a page has what it shows or does.
_PLACES = {
    "review": "the review queue",
    "status": "the client's page",
    "onboard": "the client's page",
    "run": "the client's page",
    "approve": "the client's page",
    "mappings": "the client's mappings",
    "explain": "the client's mappings",
    "client list": "the list of clients",
}
_ENUMERATED = frozenset({"enum", "literal_error"})
_LONGEST = 60


def in_page_words(message: str) -> str:
    """The message without commands: each sentence that names one leads to a place, or to who can help.

    >>> in_page_words("There is no review item named 'x'. See `smp review list`.")
    "There is no review item named 'x'. See the review queue."
    >>> in_page_words("It is at rest. Bring it back first: smp client set a --active")
    'It is at rest. Bring it back first: ask an administrator.'
    >>> in_page_words("Nothing here names a command.")
    'Nothing here names a command.'
    """
    parts = _END_OF_SENTENCE.split(message)
    said = [_in_page_words(part) for part in parts[::2]]
    gaps = [*parts[1::2], ""]
    return "".join(f"{one}{gap}" for one, gap in zip(said, gaps, strict=True) if one).rstrip()


def _in_page_words(sentence: str) -> str:
    command = _COMMAND.search(sentence)
    if command is None:
        return "" if _OPTION.search(sentence) else sentence
    place = next((said for begins, said in _PLACES.items() if command["words"].startswith(begins)), "")
    before = _LEADS_TO_IT.match(sentence[: command.start()])
    if before:
        return f"{before[0]}{f'see {place}' if place else 'ask an administrator'}."
    return f"See {place}." if place else "An administrator can help."


def mistakes_in_page_words(problems: Sequence[Mapping[str, object]]) -> str:
    """What is wrong with a request as Pydantic found it, in sentences; of a closed set all are named.

    >>> mistakes_in_page_words(
    ...     [{"type": "enum", "loc": ("query", "kind", "str-enum"), "input": "x", "ctx": {"expected": "'a' or 'b'"}}]
    ... )
    "There is no kind 'x'. Kinds are: a, b."
    """
    sets: dict[str, tuple[str, list[str]]] = {}
    others: list[str] = []
    for problem in problems:
        place = problem["loc"]
        name = str(place[1] if isinstance(place, tuple) and len(place) > 1 else "request")
        facts = problem.get("ctx")
        if problem["type"] in _ENUMERATED and isinstance(facts, dict):
            known = [one for one in re.findall(r"'([^']*)'", str(facts["expected"])) if one]
            sets.setdefault(name, (str(problem["input"])[:_LONGEST], []))[1].extend(known)
        else:
            others.append(f"{name.capitalize()}: {problem['msg']}.")
    unknown = [
        f"There is no {name} {given!r}. {name.capitalize()}s are: {', '.join(known)}."
        for name, (given, known) in sets.items()
    ]
    return " ".join((*unknown, *others))
