"""Zip archives as folders: the files in them that can be tables, unpacked where a source may keep files.

What an archive says of itself is not believed: names that lead out of it, links, and contents out of all proportion
to its size are refused before or while it is unpacked.
"""

from __future__ import annotations

import shutil
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath, PureWindowsPath

from schema_matching_pipeline.adapters.connectors.faults import translated
from schema_matching_pipeline.errors import SourceError, SourceUnreadableError
from schema_matching_pipeline.model.ids import content_id
from schema_matching_pipeline.model.source import TableTrouble

SUFFIX = ".zip"
# Archives that nothing here unpacks.
OTHER_SUFFIXES = frozenset({".tar", ".tgz", ".tbz2", ".txz", ".7z", ".rar"})
_MOST_MEMBERS = 10_000
_DEEPEST = 3
# Text packs to a tenth, rarely to a hundredth; only what is large as well can do harm.
_MOST_RATIO = 200
_HARMLESS_BYTES = 64 * 1024 * 1024
_SPARED_BYTES = 256 * 1024 * 1024
_CHUNK = 1024 * 1024
_ENCRYPTED = 0x1


@dataclass(slots=True)
class Unpacked:
    """The files of an archive, and what could not be unpacked."""

    files: list[Path] = field(default_factory=list)
    troubles: list[TableTrouble] = field(default_factory=list)


def unpacked(archive: Path, folder: Path, wanted: Callable[[PurePosixPath], bool]) -> Unpacked:
    """The wanted files of an archive, and of archives in it, in folders as they have there, below ``folder``.

    Raises:
        SourceError: it is no archive, or one that must not be unpacked; the message says why.
    """
    return _unpacked(archive, folder, wanted, 1, _Whole(archive.stat().st_size))


@dataclass(slots=True)
class _Whole:
    """The outermost archive: its size, and what it and all archives in it promise to hold."""

    size: int
    promised: int = 0


def _unpacked(
    archive: Path, folder: Path, wanted: Callable[[PurePosixPath], bool], depth: int, whole: _Whole
) -> Unpacked:
    target = folder / content_id(str(archive)) / archive.stem
    found = Unpacked()
    with translated(archive.name), zipfile.ZipFile(archive) as opened:
        members = [member for member in opened.infolist() if not member.is_dir()]
        _refuse_tricks(archive, members)
        chosen = [member for member in members if _is_chosen(member, wanted)]
        promised = sum(member.file_size for member in chosen)
        whole.promised += promised
        _refuse_bomb(archive, promised, folder, whole)
        for member in sorted(chosen, key=lambda one: one.filename):
            try:
                file = _copy(opened, member, target, archive)
            except _OutOfProportionError:
                raise _refused(archive, _BOMB) from None
            except SourceError as error:
                name = PurePosixPath(member.filename).stem
                found.troubles.append(TableTrouble(table=name, code=error.code, message=str(error)))
                continue
            for path, troubles in _inner(file, folder, wanted, depth, whole):
                found.files.extend(path)
                found.troubles.extend(troubles)
    return found


def _inner(
    file: Path, folder: Path, wanted: Callable[[PurePosixPath], bool], depth: int, whole: _Whole
) -> Iterator[tuple[list[Path], list[TableTrouble]]]:
    """The file itself; or what it holds, where it is an archive again."""
    if file.suffix.lower() != SUFFIX:
        yield [file], []
        return
    if depth == _DEEPEST:
        raise _refused(file, f"holds archives in archives, more than {_DEEPEST} deep")
    inner = _unpacked(file, folder, wanted, depth + 1, whole)
    file.unlink()
    yield inner.files, inner.troubles


def _is_chosen(member: zipfile.ZipInfo, wanted: Callable[[PurePosixPath], bool]) -> bool:
    path = PurePosixPath(member.filename)
    is_hidden = any(part.startswith((".", "~$", "__MACOSX")) for part in path.parts)
    return not is_hidden and (wanted(path) or path.suffix.lower() == SUFFIX)


def _refuse_tricks(archive: Path, members: list[zipfile.ZipInfo]) -> None:
    if len(members) > _MOST_MEMBERS:
        raise _refused(archive, f"holds more than {_MOST_MEMBERS:,} files")
    if any(_leads_out(member.filename) for member in members):
        raise _refused(archive, "holds a file whose name leads out of the archive")
    if any(stat.S_ISLNK(member.external_attr >> 16) for member in members):
        raise _refused(archive, "holds a link instead of a file")
    if any(member.flag_bits & _ENCRYPTED for member in members):
        raise _refused(archive, "is encrypted", "Unpack it with its password and name the folder")


def _leads_out(name: str) -> bool:
    windows = PureWindowsPath(name)
    return ".." in windows.parts or bool(windows.drive or windows.root) or "\0" in name


def _refuse_bomb(archive: Path, promised: int, folder: Path, whole: _Whole) -> None:
    if whole.promised > _HARMLESS_BYTES and whole.promised > _MOST_RATIO * whole.size:
        raise _refused(archive, _BOMB)
    if promised > shutil.disk_usage(folder).free - _SPARED_BYTES:
        raise _refused(
            archive,
            "holds more than the disk of this machine has room for",
            "Make room, or unpack it elsewhere",
        )


_BOMB = f"unfolds to more than {_MOST_RATIO} times its size, as no export does"


class _OutOfProportionError(Exception):
    """More came out of an archive than it had promised."""


def _copy(opened: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, archive: Path) -> Path:
    """The file a member is copied to.

    Raises:
        SourceError: the member is damaged or packed in a way nothing here reads.
    """
    path = target.joinpath(*PurePosixPath(member.filename).parts)
    path.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    try:
        with opened.open(member) as source, path.open("wb") as out:
            while chunk := source.read(_CHUNK):
                written += len(chunk)
                if written > member.file_size:
                    raise _OutOfProportionError
                out.write(chunk)
    except (zipfile.BadZipFile, zlib.error, EOFError):
        raise _refused(archive, f"is damaged where it holds {path.name!r}", "Export it again") from None
    except NotImplementedError:
        raise _refused(
            archive, f"packs {path.name!r} in a way that is not known here", "Pack it again as a plain zip"
        ) from None
    return path


def _refused(
    archive: Path, what: str, way_out: str = "Unpack it yourself and name the folder"
) -> SourceError:
    return SourceUnreadableError(
        f"The archive {archive.name!r} {what}. {way_out}.", source=archive.name, reason="UNREADABLE"
    )
