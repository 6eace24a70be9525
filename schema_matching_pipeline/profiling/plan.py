"""How a table is to be measured, decided from what the source declares."""

from __future__ import annotations

from schema_matching_pipeline.canon.name_kinds import in_english
from schema_matching_pipeline.canon.names import english_words, name_tokens
from schema_matching_pipeline.model.measurement import ProfilePlan
from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline.model.profile import PersonalLevel, PlanKind, ValueType
from schema_matching_pipeline.model.source import SourceColumn, SourceTable
from schema_matching_pipeline.profiling.personal import Held, Surroundings, personal_data, surroundings

# Dates of a row's subject, not of the row: they say nothing about when the table was in use.
_NOT_ACTIVITY = frozenset(
    (
        "birth", "born", "dob", "death", "deceased", "died", "expiry", "expiration", "expire", "expires",
        "expired", "exp", "due", "until", "end", "stop", "termination", "terminated", "valid", "validity",
        "birthday", "hire", "hired", "onset", "geburtsdatum", "geburtstag", "geburt", "gebdat", "gebdatum",
        "geb", "sterbedatum", "todesdatum", "tod", "ablauf", "ablaufdatum", "bis", "ende", "faellig",
        "gueltig", "nacimiento", "vencimiento", "naissance", "nascita", "scadenza", "warranty", "retired",
        "retirement", "deletion", "deleted", "anniversary", "deadline", "holiday", "discontinued",
        "required", "promised", "estimated", "scheduled", "target", "goal", "follow", "reminder", "next",
    )
)  # fmt: skip
_RANKS = (
    (100, "created create creation inserted insert added entered entry recorded record erstellt erstellung angelegt anlage erfasst erfassung creado cree creato ingested"),
    (80, "visit encounter service admission admitted appointment event transaction order ordered invoice posted post posting sale purchase besuch termin aufnahme behandlung buchung rechnung bestellung leistung visita visite consulta factura cita seen performed administered collected submitted received issued bill billed billing filled dispensed eventdate"),
    (60, "reg registered registration registrierung beg begin begun start started from von ab seit beginn inicio debut inizio effective log logged"),
    (40, "updated update modified modify changed change last edited geaendert aenderung aktualisiert modificado modifie modificato upd mod touched login"),
)  # fmt: skip
_RANK_OF = {word: rank for rank, words in _RANKS for word in words.split()}
_DATE_WORDS = frozenset(
    "date datum dat dt datetime timestamp ts time on at am fecha data day tag zeit zeitpunkt".split()  # noqa: SIM905  # see above
)
_BEGINNINGS = frozenset(
    ("start", "started", "begin", "begun", "beg", "beginn", "inicio", "debut", "inizio", "anfang")
)
_MOMENTS = frozenset(
    "created inserted entered recorded updated modified changed edited issued received submitted collected performed erstellt angelegt erfasst geaendert aktualisiert creado modificado modifie".split()  # noqa: SIM905  # see above
)
_PARTS = frozenset(("year", "month", "day", "hour"))
_GLUED = ("datum", "date", "dat", "beginn", "beg", "ende", "end")  # endings of compounds written as one word
_SHORTEST_STEM = 3  # letters before such an ending
_PLAIN_RANK = 90  # a column called just "date" is the date of the row
_DATED_RANK = 50
_DATE_TYPES = ("date", "timestamp", "datetime", "smalldatetime")
_PERSONAL_TYPES = (ValueType.TEXT, ValueType.INTEGER, ValueType.DATE)
_TEXT_TYPES = ("char", "text", "string", "varchar", "clob", "object", "str", "unknown", "any")


def plan_profile(
    table: SourceTable, policy: ProfilePolicy, *, is_file: bool, data_stays: bool = False
) -> ProfilePlan:
    """The plan for one table: by its size and place, in slices of columns, with its column of activity.

    A table whose ``data_stays`` is measured in place whatever its size, and without a sample.
    """
    names = tuple(column.name for column in table.columns)
    candidates = activity_candidates(table)[: policy.activity_candidates]
    kind = PlanKind.LARGE if data_stays else _kind(table.row_estimate, policy, is_file=is_file)
    sample_rows = 0 if data_stays else policy.sample_rows
    return ProfilePlan(
        table=table.name,
        kind=kind,
        slices=tuple(
            names[start : start + policy.columns_per_slice]
            for start in range(0, len(names), policy.columns_per_slice)
        ),
        top_values=policy.top_values,
        sketch_size=policy.sketch_size,
        distinct_sample=policy.distinct_sample,
        word_sample=policy.word_sample,
        sample_rows=sample_rows if kind is PlanKind.LARGE else None,
        activity_column=candidates[0] if candidates else None,
        activity_candidates=candidates,
        activity_filled_share=policy.activity_filled_share,
        hidden_columns=_hidden_columns(table, policy) if data_stays else (),
    )


def activity_candidates(table: SourceTable) -> tuple[str, ...]:
    """Columns that may tell when rows were made, the likeliest first, by type and name."""
    ranked = [
        (-rank, column.position, column.name)
        for column in table.columns
        if (rank := _activity_rank(column, table)) > 0
    ]
    return tuple(name for _, _, name in sorted(ranked))


def _hidden_columns(table: SourceTable, policy: ProfilePolicy) -> tuple[str, ...]:
    """Columns whose name announces data of a person, whatever they turn out to hold."""
    names = tuple(column.name for column in table.columns)
    beside = surroundings(table.name, names)
    return tuple(
        name
        for name in names
        if any(_identifies(name, beside, value_type, policy) for value_type in _PERSONAL_TYPES)
    )


def _identifies(name: str, beside: Surroundings, value_type: ValueType, policy: ProfilePolicy) -> bool:
    announced = personal_data(name, beside, Held(value_type, longest=policy.longest_text), policy)
    return announced is not None and announced.level is PersonalLevel.IDENTIFYING


def _kind(rows: int | None, policy: ProfilePolicy, *, is_file: bool) -> PlanKind:
    """Files are measured here whatever their size; so is a table of unknown size, which suits any."""
    if is_file:
        return PlanKind.MEDIUM
    if rows is None:
        return PlanKind.MEDIUM
    if rows <= policy.small_rows:
        return PlanKind.SMALL
    return PlanKind.LARGE if rows > policy.large_rows else PlanKind.MEDIUM


def _activity_rank(column: SourceColumn, table: SourceTable) -> int:
    declared = column.data_type.casefold()
    typed = declared.startswith(_DATE_TYPES)
    if not typed and not any(word in declared for word in _TEXT_TYPES):
        return 0
    words = _words(column.name)
    if set(words) & _NOT_ACTIVITY or _is_part_of_a_date(words):
        return 0
    rank = _name_rank(words, table)
    is_moment = bool(_MOMENTS & set(name_tokens(column.name)[-1:]))
    speaks_of_a_date = typed or is_moment or bool(set(words) & (_DATE_WORDS | _BEGINNINGS))
    return rank + typed if rank and speaks_of_a_date else int(typed)


def _is_part_of_a_date(words: tuple[str, ...]) -> bool:
    """Whether a column holds the year, month or day of a date alone, as in begin_date_year."""
    return "date" in words[:-1] and words[-1] in _PARTS


def _name_rank(words: tuple[str, ...], table: SourceTable) -> int:
    told = [word for word in words if word not in _DATE_WORDS]
    if words and (not told or set(told) <= set(_words(table.name))):
        return _PLAIN_RANK
    ranks = [_RANK_OF[word] for word in told if word in _RANK_OF]
    if ranks:
        return min(ranks)
    return _DATED_RANK if set(words) & _DATE_WORDS else 0


def _words(name: str) -> tuple[str, ...]:
    """The tokens of a name, abbreviations and other languages spelled out beside them."""
    tokens = tuple(part for token in name_tokens(name) for part in _parted(token))
    return tuple(dict.fromkeys((*tokens, *(word for word in in_english(tokens) if word != "of"))))


def _parted(token: str) -> tuple[str, ...]:
    """A compound that ends in a word for a date, a beginning or an end, in its parts; other tokens whole."""
    if token in english_words():
        return (token,)
    ending = next(
        (end for end in _GLUED if token.endswith(end) and len(token) >= len(end) + _SHORTEST_STEM), ""
    )
    return (token.removesuffix(ending).removesuffix("s"), ending) if ending else (token,)
