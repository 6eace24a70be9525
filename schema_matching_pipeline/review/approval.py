"""The hash an approval is bound to: while it stands, the approval stands.

It is made in two steps, so that whoever knows a column's anchor can bind a decision to another target: the
anchor speaks of the column alone, the hash adds the target's definition and the rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from schema_matching_pipeline.model.ids import content_id
from schema_matching_pipeline.model.matching import Correspondence, TransformRule
from schema_matching_pipeline.model.quality import LabelName
from schema_matching_pipeline.model.rule import Computed, sources_of
from schema_matching_pipeline.model.source import ColumnRef

NO_TARGET = "no target"


def column_anchor(ref: ColumnRef, data_type: str, label: LabelName | None, fingerprint: str) -> str:
    """Identifies a column as it was when somebody decided: its name, type, quality and content."""
    return content_id("column", ref.table, ref.column, data_type, label or "", fingerprint)


def with_derived_columns(
    fingerprints: Mapping[ColumnRef, str], correspondences: Iterable[Correspondence]
) -> dict[ColumnRef, str]:
    """The content fingerprints of all columns; that of a derived one changes with any that it is made of."""
    computed = {each.ref: each.rule.computed for each in correspondences if each.rule and each.rule.computed}
    return {
        **fingerprints,
        **{ref: derived_fingerprint(fingerprints, ref, rule) for ref, rule in computed.items()},
    }


def derived_fingerprint(fingerprints: Mapping[ColumnRef, str], ref: ColumnRef, computed: Computed) -> str:
    """The content fingerprint of one derived column."""
    return content_id(
        "derived", *(fingerprints.get(source, "") for source in sources_of(ref.table, computed))
    )


def approval_hash(anchor: str, target_definition: str, rule: TransformRule | None) -> str:
    """Identifies one decision: this column, to a target of this definition, by this rule.

    ``target_definition`` is the canonical schema's definition hash, or ``NO_TARGET``.
    """
    return content_id("approval", anchor, target_definition, rule.canonical_json() if rule else "")


def quality_question(ref: ColumnRef, label: LabelName) -> str:
    """Identifies the question whether a column with this label is to be used."""
    return content_id("quality", ref.table, ref.column, label)


def quality_hash(ref: ColumnRef, label: LabelName, anchor: str) -> str:
    """Identifies one answer to that question: the question, then the column as it was when somebody answered."""
    return quality_question(ref, label) + anchor


def waiver_hash(mapping_hash: str, expectation_id: str) -> str:
    """Identifies living with one failed check of one mapping."""
    return content_id("waiver", mapping_hash, expectation_id)
