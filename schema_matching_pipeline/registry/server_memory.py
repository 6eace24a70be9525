"""How much memory the embedded server takes for what it read, by what there is."""

from __future__ import annotations

from pathlib import Path

import psutil

_MEGABYTE = 1024 * 1024
_LEAST, _MOST = 128, 2048  # megabytes that the server keeps pages in
_KEPT_PART, _CACHED_PART = 8, 2  # of the memory: one such part
# What the kernel allows this container, by the two versions of control groups.
_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


def memory_settings() -> dict[str, str]:
    """PostgreSQL's settings of the memory for pages; an eighth of what there is, 128 MB at least and 2 GB at most.

    PostgreSQL's manual counsels a quarter for a machine of its own; here the desk and Dagster live beside it. A page that
    is only in the system's cache may be taken from there at any time, and then a decision waits for the disk.
    """
    megabytes = _memory() // _MEGABYTE
    kept = min(max(megabytes // _KEPT_PART, _LEAST), _MOST)
    return {
        "shared_buffers": f"{kept}MB",
        "effective_cache_size": f"{max(megabytes // _CACHED_PART, kept)}MB",
    }


def _memory() -> int:
    """Bytes of memory that this machine has, or this container may use."""
    limits = (path.read_text().strip() for path in _LIMITS if path.is_file())
    return min([psutil.virtual_memory().total, *(int(limit) for limit in limits if limit.isdecimal())])
