"""Files that may be packed: their names without the packing suffix, and their bytes unpacked."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
from pathlib import Path, PurePath
from typing import IO, TYPE_CHECKING, cast

import pyarrow as pa

from schema_matching_pipeline.errors import SourceUnreadableError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer as Buffer

_CHUNK = 1 << 20
# Text packs to a tenth, rarely to a hundredth; only what is large as well can do harm.
_MOST_RATIO = 200
_HARMLESS_BYTES = 256 * 1024 * 1024
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
    """The bytes of a file, unpacked where its suffix says that it is packed.

    What unfolds out of all proportion is refused while it is read.
    """
    if packing_of(path) is None:
        return path.open("rb")
    return cast("IO[bytes]", io.BufferedReader(_Unpacked(path), _CHUNK))


def refuse_out_of_proportion(name: str, packed: int, unpacked: int) -> None:
    """Refuses what was made to fill a disk.

    Raises:
        SourceUnreadableError: it unfolds as no export does.
    """
    if unpacked > _HARMLESS_BYTES and unpacked > _MOST_RATIO * packed:
        raise SourceUnreadableError(
            f"The file {name!r} unfolds to more than {_MOST_RATIO} times its size, as no export does. "
            "Unpack it yourself, if you know what it is.",
            source=name,
            reason="UNREADABLE",
        )


class _Unpacked(io.RawIOBase):
    """A packed file as the bytes in it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._name, self._packed, self._given = path.name, path.stat().st_size, 0
        self._stream = _stream(path)

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Buffer) -> int:
        """Fills a buffer."""
        view = memoryview(buffer)
        chunk = self._stream.read(len(view))
        view[: len(chunk)] = chunk
        self._given += len(chunk)
        refuse_out_of_proportion(self._name, self._packed, self._given)
        return len(chunk)

    def close(self) -> None:
        """Lets go of the file."""
        if not self.closed:
            self._stream.close()
        super().close()


def _stream(path: Path) -> IO[bytes] | pa.CompressedInputStream:
    match packing_of(path):
        case ".gz":
            return cast("IO[bytes]", gzip.open(path, "rb"))
        case ".bz2":
            return cast("IO[bytes]", bz2.open(path, "rb"))
        case ".xz":
            return cast("IO[bytes]", lzma.open(path, "rb"))
        case _:
            # The standard library has Zstandard from Python 3.14 on only; Arrow brings it everywhere.
            return pa.CompressedInputStream(pa.OSFile(str(path), "rb"), "zstd")
