"""Values that stand for none: what is written in their place, and conventional ends of time and of numbers."""

from __future__ import annotations

import re

PLACEHOLDERS = frozenset(
    (
        "null", "nil", "none", "n/a", "na", "n.a.", "n.a", "#n/a", "nan", "nat", "undefined", "\\n", "(null)", "<null>",
        "[null]", "(empty)", "(leer)", "(blank)", "(none)", "blank", "empty", "missing", "not available",
        "not applicable", "not provided", "not specified", "not known", "unknown", "unbekannt", "unk", "k.a.", "k. a.",
        "ka", "keine angabe", "keine", "leer", "entfällt", "nicht bekannt", "inconnu", "desconocido", "sconosciuto",
        "onbekend", "tbd", "to be determined", "not given", "not stated", "not recorded", "not documented", "none given", "no data", "no value",
        "nicht angegeben", "nicht vorhanden", "ohne angabe", "unbek.", "n. a.", "n.n.", "n/d", "n.d.", "s/d", "sin datos", "sin dato", "no aplica",
        "no disponible", "no especificado", "ninguno", "ninguna", "desconocida", "non renseigné", "sans objet", "non connu", "inconnue", "aucun",
        "aucune", "non disponibile", "non applicabile", "nessuno", "nessuna", "não informado", "não disponível", "desconhecido", "nenhum",
        "n.v.t.", "niet bekend", "geen", "<na>", "{}", "[]", '""', "''", "0000-00-00", "0000-00-00 00:00:00", "00.00.0000", "00/00/0000", "00000000",
    )
)  # fmt: skip
NO_CONTENT = re.compile(r"[-\u2013\u2014._?*#/\\|~ ]+")
_LONGEST_PLACEHOLDER = 20  # characters
_SENTINELS = re.compile(
    r"9999[-/.]12[-/.]31.*|31[./-]12[./-]9999.*|12/31/9999.*|99991231.*|2999[-/.]12[-/.]31.*|31\.12\.2999.*|2099-12-31.*|31\.12\.2099.*"
    r"|1900-01-01.*|01\.01\.1900.*|0?1/0?1/1900.*|19000101|1899-12-3[01].*|1753-01-01.*|01\.01\.1753.*|0001-01-01.*|1800-01-01.*|0000-00-00.+"
    r"|1970-01-01(?:[T ]00:00.*)?|01\.01\.1970|0?1/0?1/1970|2079-06-06.*|3000-01-01.*|1111-11-11.*"
    r"|-?9{3,}(?:\.(?:0+|9+))?|-?8{4,}(?:\.0+)?|-9{1,2}(?:\.0+)?|-1(?:\.0+)?"
)

# The first three characters of all of them.
_SENTINEL_STARTS = frozenset(
    ("999", "31.", "31/", "31-", "12/", "299", "207", "300", "111", "209", "190", "01.", "01/", "1/0", "1/1", "189", "175", "000", "180", "197",
     "-99", "888", "-88", "-9", "-9.", "-1", "-1.")
)  # fmt: skip
_SENTINEL_LENGTH = 32  # characters
_ZERO = re.compile(r"0+(?:[.,]0+)?")


def is_placeholder(text: str) -> bool:
    """Whether a value says in words or marks that there is none.

    >>> is_placeholder("N/A"), is_placeholder("--"), is_placeholder("0")
    (True, True, False)
    """
    if len(text) > _LONGEST_PLACEHOLDER:
        return False
    if text.casefold() in PLACEHOLDERS:
        return True
    return not text[:1].isalnum() and NO_CONTENT.fullmatch(text) is not None


def is_sentinel(text: str) -> bool:
    """Whether a value is a conventional end of time, beginning of time or number that means "none".

    >>> is_sentinel("9999-12-31"), is_sentinel("-1"), is_sentinel("2021-03-04")
    (True, True, False)
    """
    return (
        text[:3] in _SENTINEL_STARTS
        and len(text) <= _SENTINEL_LENGTH
        and _SENTINELS.fullmatch(text) is not None
    )


def is_zero(text: str) -> bool:
    """Whether a value is a zero, as a default writes it.

    >>> is_zero("0.00"), is_zero("10")
    (True, False)
    """
    return _ZERO.fullmatch(text) is not None
