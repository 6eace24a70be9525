"""Pages of the documentation that are made from the code: `make docs` writes them, a test holds them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import typer.main
import yaml
from pydantic.fields import FieldInfo

from schema_matching_pipeline.entrances.api.app import openapi
from schema_matching_pipeline.entrances.api.errors import OF_STATUS, TABLE
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

The server needs PostgreSQL 15 or newer with the extension pgvector (0.8 or newer), two databases and three roles;
none of them is a superuser. As superuser, in `psql`:

```sql
create role smp_owner login password 'OWNER_PASSWORD';
create role smp_app login password 'APP_PASSWORD';
create role smp_dagster login password 'DAGSTER_PASSWORD';
create database smp owner smp_owner;
create database dagster owner smp_dagster;
\\c smp
create extension vector;
```

Other names will do. Then set, where the pipeline runs:

```console
export SMP_DATABASE_URL="postgresql://smp_app:APP_PASSWORD@HOST/smp?sslmode=verify-full&sslrootcert=system"
export SMP_MIGRATION_URL="postgresql://smp_owner:OWNER_PASSWORD@HOST/smp?sslmode=verify-full&sslrootcert=system"
export SMP_DAGSTER_URL="postgresql://smp_dagster:DAGSTER_PASSWORD@HOST/dagster?sslmode=verify-full&sslrootcert=system"
export SMP_SECRET_KEY=$(openssl rand -hex 32)   # once; keep it: without it stored credentials stay closed
smp doctor                                      # migrates, and examines role, key, people and audit
smp user add ada --role admin                   # the first administrator, as the owner; prints SMP_USER and SMP_API_KEY
```

A server elsewhere is refused until its URL, or `PGSSLMODE`, says how safe the line is: `verify-full` encrypts it and asks the server who it is, with
the system's authorities or those of a file (`sslrootcert=/etc/ssl/db.pem`); whoever trusts his network may say `disable`.

Migrations run by themselves wherever `SMP_MIGRATION_URL` is set. Start-up refuses an application role that could get
round the gate, and a secret key that is not the installation's; without a secret key there is no start at all.

With `SMP_USER` and `SMP_API_KEY` of an administrator set, the rest needs no owner:

```console
smp user add grace --role steward                       # decides about every client
smp user add eve --role steward --client acme           # decides about acme alone, and sees no other
smp user add edsger --role engineer                     # adds clients and runs pipelines, decides nothing
smp user list
smp user key add grace --name export --scope read       # another key, for one use; smp user key revoke ends one
smp user set grace --inactive                           # may do nothing any more; her decisions stand
```

People need `SMP_DATABASE_URL`, `SMP_DAGSTER_URL`, `SMP_SECRET_KEY`, `SMP_USER` and `SMP_API_KEY`, and not the owner's
URL. The daemon needs no person: it proposes, validates and releases, and decides nothing. Roles: a viewer reads, an
engineer also manages clients and runs pipelines, a steward reads and decides, an administrator does all of it and
manages people. Who may not is refused with exit code 5, by the command and again by the database, which compares the
key shown with the login that acts ([decision 0006](decisions/0006-people-prove-who-they-are-to-the-database.md)).
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


ERRORS_HEAD = """# Errors of the REST interface

Every answer that is no success has the form `{"error": {"code": ..., "message": ..., "details": {...}}}`. The code is
stable, the message tells the way out, the details are facts that a program may read. Made by `make docs` from the
interface itself; [openapi.yaml](api/openapi.yaml) describes every route.

| status | code | what it means |
|---|---|---|
"""


def errors_page() -> str:
    """Every code with its status, and what the fault behind it means."""
    rows: dict[tuple[int, str], list[str]] = {}
    for kind, telling in TABLE:
        meaning = (kind.__doc__ or "").split("\n")[0]
        rows.setdefault((telling.status, telling.code), []).append(meaning)
    for status, code in OF_STATUS.items():
        rows.setdefault((status, code), [status.phrase + "."])
    lines = [
        f"| {status:d} | `{code}` | {' Or: '.join(said)} |" for (status, code), said in sorted(rows.items())
    ]
    return ERRORS_HEAD + "\n".join([*lines, ""])


def openapi_document() -> str:
    """The description of every route, as the app serves it."""
    return yaml.safe_dump(openapi(), sort_keys=False, allow_unicode=True, width=110)


PAGES = {
    "settings.md": settings_page,
    "commands.md": commands_page,
    "errors.md": errors_page,
    "api/openapi.yaml": openapi_document,
}

if __name__ == "__main__":
    for name, make in PAGES.items():
        (DOCS / name).write_text(make(), encoding="utf-8")
