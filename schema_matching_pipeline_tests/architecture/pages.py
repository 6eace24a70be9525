"""Pages of the documentation that are made from the code: `make docs` writes them, a test holds them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import typer.main
from pydantic.fields import FieldInfo

from schema_matching_pipeline.entrances.cli.main import EPILOG, app
from schema_matching_pipeline.settings import Settings

DOCS = Path(__file__).parents[2] / "docs"


def settings_page() -> str:
    rows = [
        f"| `SMP_{name.upper()}` | {_default(field)} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]
    head = [
        "# Settings",
        "",
        "Read once from the environment and from `.env`. Made by `make docs` from `settings.py`.",
        "",
        "| variable | default | meaning |",
        "|---|---|---|",
    ]
    return "\n".join([*head, *rows, "", EXTERNAL])


EXTERNAL = """## An external PostgreSQL

The server needs the extension pgvector (0.8 or newer), two databases and three roles; nobody of them is a superuser.

```sql
create role smp_owner login password '...';
create role smp_app login password '...';
create role smp_dagster login password '...';
create database smp owner smp_owner;
create database dagster owner smp_dagster;
\\c smp
create extension vector;
```

Then set `SMP_DATABASE_URL` (as smp_app), `SMP_MIGRATION_URL` (as smp_owner), `SMP_DAGSTER_URL` (as smp_dagster) and
`SMP_SECRET_KEY`. Migrations run by themselves. Start-up refuses an application role that could get round the gate.
"""


def commands_page() -> str:
    lines = ["# Commands", "", EPILOG, "", "Made by `make docs` from the command line itself.", ""]
    for name, help_text in _commands(typer.main.get_command(app), "smp"):
        lines.append(f"- `{name}`: {help_text}")
    return "\n".join([*lines, ""])


def _commands(command, path: str) -> Iterator[tuple[str, str]]:
    children = getattr(command, "commands", None)
    if children is None:
        yield path, (command.help or "").split("\n\n")[0].replace("\n", " ").strip()
        return
    for name, child in children.items():
        yield from _commands(child, f"{path} {name}")


def _default(field: FieldInfo) -> str:
    return "" if field.default is None else f"`{field.default}`"


PAGES = {"settings.md": settings_page, "commands.md": commands_page}

if __name__ == "__main__":
    for name, make in PAGES.items():
        (DOCS / name).write_text(make(), encoding="utf-8")
