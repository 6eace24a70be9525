"""Values for validation tests that say only what matters to the test."""

from __future__ import annotations

from datetime import date

from schema_matching_pipeline.model.canonical import (
    CanonicalEntity,
    CanonicalField,
    CanonicalSchema,
    FieldRef,
)
from schema_matching_pipeline.model.matching import Correspondence, TransformRule
from schema_matching_pipeline.model.policy import ValidationPolicy
from schema_matching_pipeline.model.profile import (
    ColumnProfile,
    DateSummary,
    PatternShare,
    SourceProfile,
    TableProfile,
    ValueType,
)
from schema_matching_pipeline.model.source import ColumnRef
from schema_matching_pipeline.model.trust import EntityThreshold, Thresholds, TrustProfile
from schema_matching_pipeline.validation import plan_suite

POLICY = ValidationPolicy()
TODAY = date(2030, 5, 10)


def an_entity(name, **fields):
    """An entity by its fields: a type, or a mapping of what is special about the field."""
    made = (
        CanonicalField(name=field, **(about if isinstance(about, dict) else {"type": about}))
        for field, about in fields.items()
    )
    return CanonicalEntity(name=name, fields=tuple(made))


def field(text):
    entity, name = text.split(".")
    return FieldRef(entity=entity, field=name)


def column(text):
    table, name = text.split(".")
    return ColumnRef(table=table, column=name)


def thresholds(*demanding):
    return Thresholds(
        profile=TrustProfile(
            name="standard",
            auto_accept_threshold=0.9,
            review_required_before_production=True,
            auto_exclude_flagged_columns=True,
            auto_verify_high_occurrence_values=False,
        ),
        review_floor=0.5,
        entities=tuple(
            EntityThreshold(
                entity=name, risk_class="critical", effective_threshold=0.97, validation_required=required
            )
            for name, required in demanding
        ),
    )


def a_column_profile(text, **more):
    table, name = text.split(".")
    formats = more.pop("date_format", None)
    dates = DateSummary(first=TODAY, last=TODAY, format=formats) if formats else None
    patterns = tuple(PatternShare(name=key, share=share) for key, share in more.pop("patterns", {}).items())
    return ColumnProfile(
        **{
            "table": table,
            "column": name,
            "position": 1,
            "data_type": "text",
            "row_count": 100,
            "null_count": 0,
            "distinct_count": 100,
            "value_type": ValueType.TEXT,
            "dates": dates,
            "patterns": patterns,
            **more,
        }
    )


def a_source(*profiles, foreign_keys=None):
    tables: dict[str, list[ColumnProfile]] = {profile.table: [] for profile in profiles}
    for profile in profiles:
        tables[profile.table].append(profile)
    return SourceProfile(
        snapshot_fingerprint="s",
        tables=tuple(
            TableProfile(
                name=name,
                row_count=100,
                columns=tuple(columns),
                foreign_keys=tuple((foreign_keys or {}).get(name, ())),
            )
            for name, columns in tables.items()
        ),
    )


def steps(*names):
    """A rule by the names of its steps, or by steps told in full."""
    given = ({"step": name} if isinstance(name, str) else name for name in names)
    return TransformRule.model_validate({"steps": list(given)})


def planned(mapping, *entities, source=None, policy=POLICY, rules=None):
    """The expectations of a mapping, given as column: field; rules by column."""
    known = rules or {}
    correspondences = [
        Correspondence(ref=column(ref), target=field(target), confidence=0.9, rule=known.get(ref))
        for ref, target in mapping.items()
    ]
    return plan_suite(
        correspondences,
        source or a_source(),
        CanonicalSchema(name="library", entities=entities),
        thresholds(),
        policy,
        today=TODAY,
    )


def of_kind(suite, kind):
    return [asked for asked in suite.expectations if asked.kind is kind]
