"""The embedded server's memory goes by what the machine, or the container, has."""

from __future__ import annotations

from pathlib import Path

import pytest

from schema_matching_pipeline.registry import server_memory
from schema_matching_pipeline.registry.server_memory import memory_settings

GIGABYTE = 1024**3


@pytest.mark.parametrize(
    ("limit", "kept", "cached"),
    [
        (GIGABYTE // 2, "128MB", "256MB"),
        (2 * GIGABYTE, "256MB", "1024MB"),
    ],
)
def test_a_container_gives_an_eighth_of_what_it_may_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int, kept: str, cached: str
) -> None:
    allowed = tmp_path / "memory.max"
    allowed.write_text(f"{limit}\n")
    monkeypatch.setattr(server_memory, "_LIMITS", (allowed, tmp_path / "absent"))

    assert memory_settings() == {"shared_buffers": kept, "effective_cache_size": cached}


def test_a_container_without_a_limit_goes_by_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    allowed = tmp_path / "memory.max"
    allowed.write_text("max\n")
    monkeypatch.setattr(server_memory, "_LIMITS", (allowed,))
    unlimited = memory_settings()
    monkeypatch.setattr(server_memory, "_LIMITS", ())

    assert unlimited == memory_settings()
    assert 128 <= int(unlimited["shared_buffers"].removesuffix("MB")) <= 2048
