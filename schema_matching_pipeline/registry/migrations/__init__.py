"""Numbered revisions of the registry's schema; the SQL of each lies beside them, one file a subject."""

from __future__ import annotations

from importlib.resources import files

from alembic import op

from schema_matching_pipeline.registry.tables.columns import SCHEMA


def run_script(name: str) -> None:
    """Runs one packaged SQL file as it stands, in the migration's transaction."""
    script = files(__package__).joinpath("sql", name).read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(script, execution_options={"no_parameters": True})


def drop_routines(*names: str) -> None:
    """Removes functions of the schema by name, with the triggers that call them."""
    listed = ", ".join(f"{SCHEMA}.{name}" for name in names)
    op.execute(f"DROP ROUTINE IF EXISTS {listed} CASCADE")
