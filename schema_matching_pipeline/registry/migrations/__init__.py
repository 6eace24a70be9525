"""Numbered revisions of the registry's schema; the SQL of each lies beside them, one file a subject."""

from __future__ import annotations

import re
from importlib.resources import files

from alembic import op

from schema_matching_pipeline.registry.tables.columns import SCHEMA


def run_script(name: str) -> None:
    """Runs one packaged SQL file as it stands, in the migration's transaction."""
    _execute(_text_of(name))


def restore_routines(script: str, *names: str) -> None:
    """Gives functions of the schema the bodies back that a packaged SQL file defines."""
    for name in names:
        found = re.search(_DEFINITION.format(name=name), _text_of(script), re.MULTILINE | re.DOTALL)
        if found is None:
            raise LookupError(f"{script} defines no function {name}")
        _execute(found.group(0).replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1))


def restore_view(script: str, name: str) -> None:
    """Gives a view of the schema the query back that a packaged SQL file defines."""
    found = re.search(_VIEW.format(name=name), _text_of(script), re.MULTILINE | re.DOTALL)
    if found is None:
        raise LookupError(f"{script} defines no view {name}")
    _execute(found.group(0).replace("CREATE VIEW", "CREATE OR REPLACE VIEW", 1))


def drop_routines(*names: str) -> None:
    """Removes functions of the schema by name, with the triggers that call them."""
    listed = ", ".join(f"{SCHEMA}.{name}" for name in names)
    op.execute(f"DROP ROUTINE IF EXISTS {listed} CASCADE")


_DEFINITION = r"^CREATE (?:OR REPLACE )?FUNCTION smp\.{name}\(.*?(?:^AS \$\$.*?\$\$;|^RETURN\b.*?;)$"

_VIEW = r"^CREATE VIEW smp\.{name}\b.*?;$"


def _text_of(script: str) -> str:
    return files(__package__).joinpath("sql", script).read_text(encoding="utf-8")


def _execute(statements: str) -> None:
    op.get_bind().exec_driver_sql(statements, execution_options={"no_parameters": True})
