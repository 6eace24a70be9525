from __future__ import annotations

import ast
from pathlib import Path

import pytest

import schema_matching_pipeline

PACKAGE = Path(schema_matching_pipeline.__file__).parent
PHASES = ("catalog", "profiling", "quality", "classification", "matching", "validation", "review")
PURE = ("model", "canon", *PHASES)
ROOMS = (
    *PURE,
    "registry",
    "workflows",
    "adapters/connectors",
    "adapters/llm",
    "adapters/channels",
    "adapters/identity",
    "entrances/orchestration",
    "entrances/api",
    "entrances/cli",
)
LINES = ("Comes in:", "Goes out:", "How it decides:", "To add to it:", "It must never:")
IMPURE = {
    "os",
    "sys",
    "time",
    "random",
    "secrets",
    "socket",
    "subprocess",
    "tempfile",
    "requests",
    "urllib",
    "logging",
    "uuid",
    "threading",
}
ALLOWED = {("sql_ddl.py", "logging")}  # it silences the SQL parser's own warnings, which quote the statement
CLOCKS = {"now", "utcnow", "today"}


def sources(room: str) -> list[Path]:
    return sorted((PACKAGE / room).rglob("*.py"))


@pytest.mark.parametrize("room", ROOMS)
def test_each_room_says_what_comes_in_and_what_goes_out(room):
    docstring = ast.get_docstring(ast.parse((PACKAGE / room / "__init__.py").read_text())) or ""
    assert [line for line in LINES if line not in docstring] == []


@pytest.mark.parametrize("room", PURE)
def test_a_pure_room_imports_nothing_of_the_outside(room):
    found = {
        (path.name, name) for path in sources(room) for name in imported(path) if name.split(".")[0] in IMPURE
    }
    assert found - ALLOWED == set()


@pytest.mark.parametrize("room", PURE)
def test_a_pure_room_asks_no_clock(room):
    calls = {
        (path.name, node.lineno)
        for path in sources(room)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCKS
    }
    assert calls == set()


def test_no_file_names_where_it_was_written():
    root = PACKAGE.parent
    texts = [
        path
        for folder in (
            "schema_matching_pipeline",
            "schema_matching_pipeline_tests",
            "docs",
            "bench",
            "requirements",
        )
        for path in (root / folder).rglob("*")
        if path.suffix in {".py", ".md", ".yaml", ".yml", ".txt", ".sql"}
    ]
    guilty = [
        str(path) for path in texts if "/" + "work/" in path.read_text(encoding="utf-8", errors="ignore")
    ]
    assert guilty == []


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names
