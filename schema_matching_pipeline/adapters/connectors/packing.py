"""Files that may be packed: their names without the packing suffix, and their bytes unpacked."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
from pathlib import Path, PurePath
from typing import IO, TYPE_CHECKING, cast

import pyarrow as pa

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer as Buffer

PACKINGS = frozenset({".gz", ".bz2", ".xz", ".zst"})


def packing_of(path: PurePath) -> str | None:
    """The packing suffix of a file, where it has one."""
    suffix = path.suffix.lower()
    return suffix if suffix in PACKINGS else None


def unpacked_name(path: PurePath) -> str:
    """The file's name without a packing suffix."""
    packing = packing_of(path)
    return path.name[: -len(packing)] if packing else path.name


def opened(path: Path) -> IO[bytes]:
    """The bytes of a file, unpacked where its suffix says that it is packed."""
    match packing_of(path):
        case ".gz":
            return cast("IO[bytes]", gzip.open(path, "rb"))
        case ".bz2":
            return cast("IO[bytes]", bz2.open(path, "rb"))
        case ".xz":
            return cast("IO[bytes]", lzma.open(path, "rb"))
        case ".zst":
            # The standard library has it from Python 3.14 on only; Arrow brings it everywhere.
            return cast("IO[bytes]", io.BufferedReader(_Unpacked(path)))
        case _:
            return path.open("rb")


class _Unpacked(io.RawIOBase):
    """Zstandard through Arrow, as a file of Python's own kind."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._stream = pa.CompressedInputStream(pa.OSFile(str(path), "rb"), "zstd")

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Buffer) -> int:
        """Fills a buffer."""
        view = memoryview(buffer)
        chunk = self._stream.read(len(view))
        view[: len(chunk)] = chunk
        return len(chunk)

    def close(self) -> None:
        """Lets go of the file."""
        if not self.closed:
            self._stream.close()
        super().close()
