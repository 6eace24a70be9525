from __future__ import annotations

import re

from schema_matching_pipeline_tests.architecture.pages import DOCS

REQUIREMENTS = DOCS.parent / "requirements"


def _pinned(name: str) -> dict[str, str]:
    """Each package of a lock file with its version and the machines it is for, as written."""
    text = (REQUIREMENTS / name).read_text(encoding="utf-8")
    entries = re.findall(r"^(\S+)==(\S+)(?: ; (.*?))? \\$", text, re.MULTILINE)
    return {f"{package} {marker}".strip(): version for package, version, marker in entries}


def test_what_an_extra_needs_has_the_version_that_everybody_has() -> None:
    everybody, extra = _pinned("lock.txt"), _pinned("ibis.txt")
    shared = everybody.keys() & extra.keys()
    assert {"pandas", "pyarrow", "sqlglot"} <= shared
    assert {name: extra[name] for name in shared} == {name: everybody[name] for name in shared}, (
        "run `make lock-ibis`"
    )


def test_nobody_installs_spark_unasked() -> None:
    assert "pyspark" in _pinned("ibis.txt")
    assert not {"pyspark", "ibis-framework"} & _pinned("lock.txt").keys()
