"""What is derived of clients beside the columns' own suggestions, and what codes become, to be judged by people.

    .venv/bin/python -m bench.derived_fields NAME=SOURCE... [--canonical MODEL] [--cache DIR]

SOURCE is a URL or a path, MODEL a file that `smp canonical import` reads; without it, it is the packaged one. Empty columns
alone are left out.
"""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path

from bench.tasks import KEY, NO_THRESHOLDS, client_profile
from schema_matching_pipeline.adapters.connectors.value_hash import hash_text
from schema_matching_pipeline.canon.canonical_import import read_canonical_path
from schema_matching_pipeline.canon.value_bank import packaged_values
from schema_matching_pipeline.classification import classify_by_rules
from schema_matching_pipeline.matching import propose_mapping, value_map, with_derived
from schema_matching_pipeline.model.canonical import CanonicalSchema
from schema_matching_pipeline.model.knowledge import Knowledge
from schema_matching_pipeline.model.matching import MappingProposal
from schema_matching_pipeline.model.profile import SourceProfile
from schema_matching_pipeline.model.source import ColumnRef
from schema_matching_pipeline.runtime import packaged_model

FLOOR = 0.5


def main() -> None:
    """Prints the derived fields of each client, and which suggestions they take the place of."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clients", nargs="+")
    parser.add_argument("--canonical", type=Path)
    parser.add_argument("--cache", type=Path)
    asked = parser.parse_args()
    canonical = read_canonical_path(asked.canonical) if asked.canonical else packaged_model("practice")
    values = packaged_values(canonical, partial(hash_text, KEY))
    knowledge = Knowledge(canonical=canonical, thresholds=NO_THRESHOLDS, field_values=values)
    for named in asked.clients:
        name, _, location = named.partition("=")
        profile = client_profile(name, location, asked.cache)
        before, after = _proposed(profile, knowledge)
        _show(name, before, after)
        _show_values(profile, after, canonical)


def _proposed(profile: SourceProfile, knowledge: Knowledge) -> tuple[MappingProposal, MappingProposal]:
    empty = frozenset(
        ColumnRef(table=column.table, column=column.column)
        for column in profile.columns
        if not column.filled_count
    )
    classification = classify_by_rules(profile, empty, knowledge)
    before = propose_mapping(profile, classification, knowledge, excluded=empty)
    return before, with_derived(before, profile, classification, knowledge)


def _show(name: str, before: MappingProposal, after: MappingProposal) -> None:
    derived = [each for each in after.correspondences if each.rule and each.rule.computed]
    own = before.by_ref()
    print(f"{name}: {len(derived)} derived of {len(own)} columns")
    for each in derived:
        rule = each.rule.in_words if each.rule else ""
        print(f"  {each.ref} -> {each.target}: {rule}")
        print(f"    {each.explanation} {'; '.join(each.objections)}")
    for each in after.correspondences:
        if each.ref in own and own[each.ref].target != each.target:
            print(f"  instead of {each.ref} -> {own[each.ref].target} ({own[each.ref].confidence:.2f})")


def _show_values(profile: SourceProfile, proposal: MappingProposal, canonical: CanonicalSchema) -> None:
    """Every code that is to become another value, and how many have none."""
    columns, unmatched, same = profile.by_ref(), 0, 0
    for each in proposal.correspondences:
        field = canonical.field(each.target) if each.target else None
        if each.ref not in columns or each.target is None or field is None or each.confidence < FLOOR:
            continue
        found = value_map(columns[each.ref], each.target, field)
        for match in found.matches if found else ():
            unmatched += match.target is None
            same += match.why == "it is the same"
            if match.target is not None and match.why != "it is the same":
                print(
                    f"  {each.ref} {match.value.text!r} is {match.target!r}, {match.equivalence}: {match.why}"
                )
    print(f"  {same} values are those of their field, {unmatched} have none")


if __name__ == "__main__":
    main()
