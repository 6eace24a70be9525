"""A profile as people look at it: tables with their columns, labels and references side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import PurePath
from statistics import fmean
from urllib.parse import urlsplit

from schema_matching_pipeline.canon.name_kinds import NameKind, kind_of_name
from schema_matching_pipeline.canon.told_patterns import told_patterns
from schema_matching_pipeline.entrances.reports.profiled.distribution import Distribution, distribution_of
from schema_matching_pipeline.entrances.reports.profiled.figures import (
    Figure,
    compact,
    day_span,
    figures_of,
    per_cent,
)
from schema_matching_pipeline.model.profile import ColumnProfile, PersonalLevel, SourceProfile, TableProfile
from schema_matching_pipeline.model.quality import EvidenceFact, LabelName, QualityLabel, QualityReport
from schema_matching_pipeline.model.source import ColumnRef, ForeignKey, TableTrouble

_PERSONAL_NOTES = frozenset(("personal_data", "sensitive_data", "quasi_identifier"))
_PERSONAL_FACTS = frozenset(("personal data", "level", "evidence"))
# What a person must look into comes first.
_GRAVEST_FIRST = (LabelName.MISUSED, LabelName.ABANDONED, LabelName.TEST_ONLY, LabelName.EMPTY)
_LEVELS = {PersonalLevel.QUASI: "quasi-identifying"}
_NAMING = frozenset((NameKind.KEY, NameKind.NUMBER))
# Codes of digits alone that carry a check digit: where nearly all values do, they are no quantities.
_CHECKED_CODES = ("snomed", "npi", "isbn")
_NEARLY_ALL = 0.95
_VAGUE = frozenset(("short_code", "words"))  # patterns that many others are cases of


@dataclass(frozen=True)
class ColumnView:
    """One column with its label and what it refers to."""

    profile: ColumnProfile
    label: QualityLabel
    references: tuple[ForeignKey, ...]

    @cached_property
    def _measured(self) -> ColumnProfile:
        """The profile without the figures of what is written in digits but no number: codes and keys."""
        coded = any(self.profile.pattern_share(name) >= _NEARLY_ALL for name in _CHECKED_CODES)
        names = coded or self._names_things or kind_of_name(self.profile.column) is NameKind.CODE
        return self.profile.model_copy(update={"numbers": None}) if names else self.profile

    @property
    def type(self) -> str:
        """What the values are, with the share of them where not all are."""
        share = self.profile.type_share
        whole = share >= 1.0 or self.profile.filled_count == 0
        return str(self.profile.value_type) if whole else f"{self.profile.value_type} {per_cent(share)}"

    @property
    def nulls(self) -> str:
        """The share of rows without a value, blanks among them."""
        return per_cent(1 - self.profile.filled_share) if self.profile.row_count else "-"

    @property
    def gist(self) -> str:
        """What says most of the values in a few words: their span, their middle, or the pattern most of them follow."""
        if self.profile.dates:
            return day_span(self.profile.dates, personal=self.profile.personal)
        numbers = self._measured.numbers
        if numbers and numbers.quantiles:
            return f"median {compact(numbers.quantiles[2])}"
        own = str(self.profile.value_type)
        telling = [pattern for pattern in told_patterns(self.profile) if pattern.name != own]
        # Of patterns that hold alike, the one that the column announces.
        meant = {self.profile.personal_data.kind if self.profile.personal_data else "", self._announced}
        held = max(
            telling,
            key=lambda one: (one.share, one.name in meant, one.name not in _VAGUE),
            default=None,
        )
        return f"{held.name.replace('_', ' ')} {per_cent(held.share)}" if held else ""

    @property
    def personal(self) -> str:
        """Which personal data it holds and how far that exposes people; empty for none."""
        about = self.profile.personal_data
        return f"{about.kind.replace('_', ' ')}, {_LEVELS.get(about.level, about.level)}" if about else ""

    @property
    def why_personal(self) -> str:
        """What speaks for the personal data, as one sentence."""
        about = self.profile.personal_data
        told = "; ".join(about.evidence).replace("_", " ") if about else ""
        return f"{told[:1].upper()}{told[1:]}." if told else ""

    @property
    def marks(self) -> tuple[str, ...]:
        """What the column is to its table: key, unique, a reference."""
        own = ("key",) if self.profile.in_primary_key else ("unique",) if self.profile.is_unique else ()
        return (*own, *(f"→ {key.referred_table}" for key in self.references))

    @property
    def notes(self) -> tuple[str, ...]:
        """Lesser findings in words, those left out that the label or what is said of personal data covers."""
        return tuple(
            note.replace("_", " ")
            for note in self.label.notes
            if note not in _PERSONAL_NOTES
            and not (note == "constant" and self.label.label is LabelName.EMPTY)
        )

    @property
    def facts(self) -> tuple[EvidenceFact, ...]:
        """The figures behind the label; those of personal data have a place of their own."""
        return tuple(fact for fact in self.label.facts if fact.name not in _PERSONAL_FACTS)

    @property
    def is_remarkable(self) -> bool:
        """Whether there is more to say than that nothing speaks against it."""
        return self.label.flagged or bool(self.notes)

    @cached_property
    def distribution(self) -> Distribution | None:
        """How its values are spread, where that may be shown."""
        return distribution_of(self._measured, names_things=self._names_things)

    @property
    def _announced(self) -> str:
        return str(kind_of_name(self.profile.column) or "")

    @cached_property
    def _names_things(self) -> bool:
        """Whether its values tell persons or things apart, so that each of them may be somebody's."""
        return (
            self.profile.personal
            or self.profile.in_primary_key
            or bool(self.references)
            or kind_of_name(self.profile.column) in _NAMING
        )

    @cached_property
    def figures(self) -> tuple[Figure, ...]:
        """Every figure that may be shown."""
        return figures_of(self._measured)


@dataclass(frozen=True)
class TableView:
    """One table with the columns shown, its score, and who refers to it; ``place`` counts from 1."""

    place: int
    profile: TableProfile
    score: float
    columns: tuple[ColumnView, ...]
    referred_by: tuple[tuple[str, ForeignKey], ...]

    @property
    def counted(self) -> str:
        """How many columns it has, and how many of them are shown."""
        shown, own = len(self.columns), len(self.profile.columns)
        return f"{own:,}" if shown == own else f"{shown:,} of {own:,}"

    @property
    def has_rows(self) -> bool:
        """Whether there is anything to say of its columns but that there is nothing in them."""
        return self.profile.row_count > 0

    @property
    def flagged(self) -> int:
        """How many columns are anything but good, those left out that a person uses all the same."""
        return sum(column.label.stays_flagged for column in self.columns)

    @property
    def personal(self) -> int:
        """How many columns hold data about persons."""
        return sum(column.profile.personal_data is not None for column in self.columns)

    @property
    def other_keys(self) -> tuple[str, ...]:
        """Columns that could be the key, the declared one left out."""
        return tuple(", ".join(key) for key in self.profile.key_candidates if key != self.profile.primary_key)

    @property
    def key(self) -> str:
        """The declared key, or the first that could be one."""
        declared = ", ".join(self.profile.primary_key)
        return declared or next((f"{key} (not declared)" for key in self.other_keys), "")


@dataclass(frozen=True)
class ProfileView:
    """Everything one look at a source found."""

    source: str
    taken_at: datetime
    tables: tuple[TableView, ...]
    troubles: tuple[TableTrouble, ...]

    @property
    def columns(self) -> tuple[ColumnView, ...]:
        """Every column of every table."""
        return tuple(column for table in self.tables for column in table.columns)

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(table.profile.row_count for table in self.tables)

    @property
    def score(self) -> float:
        """The mean of the columns' scores: every table counts by its columns."""
        weighed = [table.score for table in self.tables for _ in table.profile.columns]
        return round(fmean(weighed), 1) if weighed else 0.0

    @property
    def flagged(self) -> tuple[ColumnView, ...]:
        """The columns that are anything but good, those left out that a person uses all the same."""
        return tuple(column for column in self.columns if column.label.stays_flagged)

    @property
    def flagged_in_use(self) -> tuple[ColumnView, ...]:
        """The flagged columns of tables that have rows, the gravest first."""
        found = (column for column in self.flagged if column.profile.row_count)
        return tuple(sorted(found, key=lambda column: _GRAVEST_FIRST.index(column.label.label)))

    @property
    def with_rows(self) -> tuple[TableView, ...]:
        """The tables that hold anything."""
        return tuple(table for table in self.tables if table.has_rows)

    @property
    def without_rows(self) -> tuple[TableView, ...]:
        """The tables that hold nothing."""
        return tuple(table for table in self.tables if not table.has_rows)

    @property
    def noted(self) -> tuple[ColumnView, ...]:
        """Good columns with lesser findings, and those that a person uses though they are flagged."""
        good = (column for column in self.columns if not column.label.stays_flagged)
        return tuple(column for column in good if column.notes or column.label.overruled)

    @property
    def labels(self) -> tuple[tuple[LabelName, int], ...]:
        """How many columns have each label."""
        counted = Counter(column.label.label for column in self.columns)
        return tuple((name, counted[name]) for name in LabelName if counted[name])

    @property
    def references(self) -> tuple[tuple[str, ForeignKey], ...]:
        """Every reference with the table that has it."""
        return tuple((table.profile.name, key) for table in self.tables for key in table.profile.foreign_keys)

    def known_by(self, table: str, key: ForeignKey) -> str:
        """What a reference is known by: the source's word, the values, or where there are none its name alone."""
        if key.declared:
            return "declared"
        place = self.place_of(table)
        has_rows = place is not None and self.tables[place - 1].has_rows
        return f"{'values' if has_rows else 'name'}, {key.score:.2f}"

    def place_of(self, table: str) -> int | None:
        """Where a table stands, or None where it is not shown."""
        return self._places.get(table)

    @cached_property
    def _places(self) -> dict[str, int]:
        return {table.profile.name: table.place for table in self.tables}


def view_profile(
    source: str,
    taken_at: datetime,
    profile: SourceProfile,
    report: QualityReport,
    scores: Mapping[str, float],
    names: frozenset[str] | None = None,
) -> ProfileView:
    """The view of a profile, of the columns of these names alone where any are given.

    ``source`` is the name people know it by; a table of which no column is shown is left out.
    """
    labels = report.by_ref()
    referred: dict[str, list[tuple[str, ForeignKey]]] = {}
    for table in profile.tables:
        for key in table.foreign_keys:
            referred.setdefault(key.referred_table, []).append((table.name, key))
    shown = [
        table
        for table in profile.tables
        if names is None or any(one.column in names for one in table.columns)
    ]
    return ProfileView(
        source=source,
        taken_at=taken_at,
        tables=tuple(
            TableView(
                place=place,
                profile=table,
                score=scores.get(table.name, 0.0),
                columns=tuple(
                    _column(table, column, labels)
                    for column in table.columns
                    if names is None or column.column in names
                ),
                referred_by=tuple(referred.get(table.name, ())),
            )
            for place, table in enumerate(shown, start=1)
        ),
        troubles=profile.troubles,
    )


def _column(
    table: TableProfile, column: ColumnProfile, labels: Mapping[ColumnRef, QualityLabel]
) -> ColumnView:
    return ColumnView(
        profile=column,
        label=labels[ColumnRef(table=column.table, column=column.column)],
        references=tuple(key for key in table.foreign_keys if column.column in key.columns),
    )


def spoken_reference(key: ForeignKey) -> str:
    """A reference in words: declared by the source, or how sure the discovery is."""
    how = "declared" if key.declared else f"discovered, {key.score:.2f}"
    own, referred = ", ".join(key.columns), ", ".join(key.referred_columns)
    return f"{key.referred_table}.{referred} by {own} ({how})"


def spoken_source(location: str) -> str:
    """The name people know a source by: no login, no password, no option of its address.

    >>> spoken_source("postgresql://ann:secret@db.example.org:5432/clinic?sslmode=require")
    'clinic on db.example.org'
    >>> spoken_source("/data/exports/acme/"), spoken_source("sqlite:////data/old.db")
    ('exports/acme', 'old.db')
    """
    if "://" not in location:
        return "/".join(part for part in PurePath(location).parts[-2:] if part != "/")
    parts = urlsplit(location)
    name, host = PurePath(parts.path).name, parts.hostname
    return f"{name} on {host}" if name and host else name or host or parts.scheme
