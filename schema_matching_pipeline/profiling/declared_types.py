"""The type of a column whose values stay with the client: what its database declares."""

from __future__ import annotations

import re

from schema_matching_pipeline.model.profile import ValueType

# The words of the databases for their types, the more telling first.
_DECLARED = tuple(
    (re.compile(pattern), value_type)
    for pattern, value_type in (
        (r"bool|bit$|bit\(1\)|tinyint\(1\)", ValueType.BOOLEAN),
        (r"timestamp|datetime|smalldatetime", ValueType.DATETIME),
        (r"date", ValueType.DATE),
        (r"uuid|uniqueidentifier", ValueType.UUID),
        (r"json|variant|object$|super", ValueType.JSON),
        (r"blob|binary|bytea|bytes|image|raw", ValueType.BINARY),
        (
            r"(?:unsigned )?(?:big|small|tiny|medium)?int(?!erval)|(?:big|small)?serial|year$",
            ValueType.INTEGER,
        ),
        (r"numeric|decimal|number|float|double|real|(?:small)?money|bignumeric", ValueType.DECIMAL),
    )
)


def declared_type(data_type: str) -> ValueType:
    """The type of value that a database's own word for a type stands for; text where it stands for none.

    >>> [str(declared_type(word)) for word in ("BIGINT", "TIMESTAMP WITH TIME ZONE", "INTERVAL", "VARCHAR(20)")]
    ['integer', 'datetime', 'text', 'text']
    """
    word = data_type.casefold()
    return next((found for pattern, found in _DECLARED if pattern.match(word)), ValueType.TEXT)
