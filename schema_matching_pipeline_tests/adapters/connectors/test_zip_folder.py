"""Zip archives as folders of tables, and archives that must not be unpacked."""

from __future__ import annotations

import gzip
import io
import stat
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pytest

from schema_matching_pipeline.adapters.connectors.opener import Sources
from schema_matching_pipeline_tests.adapters.connectors.measuring import address, measured, snapshot_of


def _packed(members: Mapping[str, bytes | str]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return held.getvalue()


def test_an_archive_is_a_folder_of_tables(sources: Sources, tmp_path: Path) -> None:
    inner = _packed({"codes.csv": "code\nx1\nx2\n"})
    (tmp_path / "export.zip").write_bytes(
        _packed(
            {
                "people.csv": "id,name\n1,Ann\n",
                "deep/er/visits.json": '[{"id": 1}, {"id": 2}]',
                "more/codes.zip": inner,
                "readme.md": "no table",
                "__MACOSX/._people.csv": "x",
            }
        )
    )
    snapshot = snapshot_of(sources, tmp_path / "export.zip")
    assert ({table.name for table in snapshot.tables}, snapshot.troubles) == (
        {"people", "visits", "codes"},
        (),
    )
    assert measured(sources, tmp_path / "export.zip", "codes").row_count == 2


def test_files_beside_an_archive_that_is_refused_go_on(sources: Sources, tmp_path: Path) -> None:
    (tmp_path / "bad.zip").write_bytes(_packed({"../evil.csv": "a,b\n1,2\n"}))
    (tmp_path / "sound.csv").write_text("id,name\n1,Smith\n")
    snapshot = snapshot_of(sources, tmp_path)
    assert [table.name for table in snapshot.tables] == ["sound"]
    assert [trouble.table for trouble in snapshot.troubles] == ["bad"]


def test_the_mark_of_a_table_in_an_archive_is_that_of_its_own_bytes(sources: Sources, tmp_path: Path) -> None:
    marks = []
    for other in ("1", "2"):
        (tmp_path / "export.zip").write_bytes(_packed({"a.csv": "k,v\n1,2\n", "b.csv": f"k,v\n1,{other}\n"}))
        with sources.open(address(tmp_path)) as source:
            source.snapshot()
            marks.append(dict(source.content_marks()))  # type: ignore[attr-defined]  # files know their content
    assert marks[0]["a"] == marks[1]["a"]
    assert marks[0]["b"] != marks[1]["b"]


def _link() -> bytes:
    held = io.BytesIO()
    member = zipfile.ZipInfo("people.csv")
    member.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr(member, "/etc/passwd")
    return held.getvalue()


def _encrypted() -> bytes:
    """The bit that says so, set where it stands in the two headers of the only member."""
    held = bytearray(_packed({"people.csv": "id,name\n1,Ann\n"}))
    held[6] |= 1
    held[held.index(b"PK\x01\x02") + 8] |= 1
    return bytes(held)


def _damaged() -> bytes:
    held = bytearray(_packed({"people.csv": "id,name\n" + "1,Ann\n" * 50}))
    held[45:50] = b"\xff" * 5
    return bytes(held)


def _bombs_in_an_archive() -> bytes:
    """Each of the archives holds less than any alone may, all of them far more than the outer one."""
    harmless = _packed({"t.csv": b"0,0\n" * 8_000_000})
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(4):
            archive.writestr(f"{number}.zip", harmless)
    return held.getvalue()


def _nested(depth: int) -> bytes:
    held = _packed({"t.csv": "k,v\n1,2\n"})
    for _ in range(depth):
        held = _packed({"in.zip": held})
    return held


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (_packed({"../evil.csv": "a,b\n1,2\n"}), "holds a file whose name leads out of the archive"),
        (_packed({"/etc/evil.csv": "a,b\n1,2\n"}), "holds a file whose name leads out of the archive"),
        (_packed({"C:\\evil.csv": "a,b\n1,2\n"}), "holds a file whose name leads out of the archive"),
        (_link(), "holds a link instead of a file"),
        (_packed({"t.csv": b"0,0\n" * 20_000_000}), "unfolds to more than 200 times its size"),
        (_bombs_in_an_archive(), "unfolds to more than 200 times its size"),
        (_encrypted(), "is encrypted. Unpack it with its password and name the folder"),
        (_damaged(), "is damaged where it holds 'people.csv'"),
        (_nested(4), "holds archives in archives, more than 3 deep"),
        (b"PK\x03\x04 rubbish", "cannot be read as what it claims to be"),
    ],
    ids=["up", "root", "drive", "link", "bomb", "bombs", "encrypted", "damaged", "too deep", "rubbish"],
)
def test_an_archive_that_must_not_be_unpacked_is_refused_in_words(
    content: bytes, said: str, sources: Sources, tmp_path: Path
) -> None:
    (tmp_path / "export.zip").write_bytes(content)
    snapshot = snapshot_of(sources, tmp_path / "export.zip")
    assert snapshot.tables == ()
    assert said in snapshot.troubles[0].message
    assert [path.name for path in tmp_path.rglob("*")] == ["export.zip"]


@pytest.mark.parametrize("suffix", ["zst", "xlsx"])
def test_a_packed_file_that_unfolds_beyond_measure_is_refused_while_it_is_read(
    suffix: str, sources: Sources, tmp_path: Path
) -> None:
    path = tmp_path / f"people.csv.{suffix}"
    block = b"0,0\n" * 250_000
    if suffix == "xlsx":
        with (
            zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
            archive.open("xl/workbook.xml", "w") as part,
        ):
            for _ in range(300):
                part.write(block)
    else:
        with pa.CompressedOutputStream(str(path), "zstd") as packed:
            for _ in range(300):
                packed.write(block)
    [trouble] = snapshot_of(sources, tmp_path).troubles
    assert f"'{path.name}' unfolds to more than 200 times its size" in trouble.message


def test_archives_of_other_kinds_and_without_a_table_are_named(sources: Sources, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,name\n1,x\n")
    with tarfile.open(tmp_path / "b.tar.gz", "w:gz") as other_kind:
        other_kind.add(tmp_path / "a.csv", "a.csv")
    with zipfile.ZipFile(tmp_path / "c.zip", "w") as archive:
        archive.writestr("README.md", "# nothing here")
    snapshot = snapshot_of(sources, tmp_path)
    assert [table.name for table in snapshot.tables] == ["a"]
    other, empty = sorted(trouble.message for trouble in snapshot.troubles)
    assert (
        other
        == "The archive 'b.tar.gz' is of a kind that is not unpacked here. Unpack it, or pack it as a zip."
    )
    assert empty.startswith("The folder 'c.zip' holds no file that can be read as a table.")


def test_a_packed_file_that_ends_too_early_is_told_as_cut_off(sources: Sources, tmp_path: Path) -> None:
    packed = gzip.compress("".join(f"{number},x\n" for number in range(5_000)).encode())
    (tmp_path / "a.csv.gz").write_bytes(packed[: len(packed) // 2])
    [trouble] = snapshot_of(sources, tmp_path).troubles
    assert trouble.message == (
        "Table 'a' of a.csv.gz is cut off: what is packed in it ends too early. Copy it or export it again."
    )
