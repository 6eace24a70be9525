"""The six ways a command ends, seen from the shell that started it."""

from __future__ import annotations

from pathlib import Path

import pytest

from schema_matching_pipeline_tests.entrances.cli.terminal import Terminal
from schema_matching_pipeline_tests.entrances.dagster.installation import PATIENTS, write_tables


def test_a_command_that_is_done_ends_with_0(smp: Terminal) -> None:
    said = smp.process("canonical", "list")
    assert (said.code, said.err) == (0, "")
    assert "practice" in said.out


def test_a_fault_ends_with_1(smp: Terminal) -> None:
    said = smp.process("client", "list", SMP_SECRET_KEY="too short")
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("Error: SMP_SECRET_KEY must hold 64 hexadecimal digits")


def test_wrong_usage_ends_with_2(smp: Terminal) -> None:
    said = smp.process("status", "nobody")
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("Error: There is no client named 'nobody'.")


def test_a_client_that_waits_for_a_human_ends_with_3(smp: Terminal, tmp_path: Path) -> None:
    source = write_tables(tmp_path, patients=PATIENTS)
    assert smp("client", "add", "waits", "--source", source, "--trust-profile", "conservative").code == 0
    said = smp.process("onboard", "waits")
    assert said.code == 3
    assert {line.partition(":")[0] for line in said.err.splitlines()} == {"waits"}  # how far it is, no fault
    assert "waits: column profiles (0 of 5 done)" in said.err
    assert "awaiting_review" in said.out
    assert "patients.old_remark" in said.out
    assert said.out.rstrip().endswith("Decide what waits: smp review list waits")


def test_trouble_with_a_source_ends_with_4(smp: Terminal, tmp_path: Path) -> None:
    said = smp.process("profile", tmp_path)
    assert (said.code, said.out) == (4, "")
    assert said.err.startswith(f"Error: The folder '{tmp_path.name}' holds no file")


def test_what_a_gate_refuses_ends_with_5(smp: Terminal, acme: str) -> None:
    said = smp.process("approve", acme, "--reason", "I am in a hurry.")
    assert (said.code, said.out) == (5, "")
    assert "nothing was published" in said.err
    assert "patients.old_remark" in said.err


def test_help_names_every_exit_code(smp: Terminal) -> None:
    told = " ".join(smp("--help").out.split())
    assert "0 done, 1 fault, 2 usage, 3 waits for a human, 4 source trouble, 5 refused by a gate" in told


@pytest.mark.parametrize(
    "words",
    [
        ["nonsense"],
        ["status", "a", "b"],
        ["review", "list", "--kind", "nonsense"],
        ["review", "list", "--page", "0"],
        ["mappings", "a", "--format", "xml"],
        ["client", "add", "a"],
        ["match", "a"],
    ],
    ids=" ".join,
)
def test_words_no_command_understands_are_usage_with_and_without_json(
    smp: Terminal, words: list[str]
) -> None:
    plain, for_programs = smp(*words), smp(*words, "--json")
    assert (plain.code, plain.out) == (2, "")
    assert plain.err.startswith("Usage: smp")
    assert (for_programs.code, for_programs.out) == (2, "")
    assert for_programs.fault["code"] == "USAGE"
