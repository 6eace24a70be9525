"""Data for the profiling benchmark, made from a seed: patient-like rows, wide rows, and many small tables."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

CHUNK_ROWS = 250_000
_FIRST = [
    "Anna", "Ben", "Clara", "David", "Elena", "Farid", "Grace", "Hugo", "Ines", "Jonas", "Karin", "Liam", "Maria", "Noah", "Olga", "Paul",
    "Quentin", "Rosa", "Samuel", "Tessa", "Uwe", "Vera", "Walter", "Ximena", "Yusuf", "Zoe",
]  # fmt: skip
_STREETS = ["Main St", "Oak Ave", "Park Rd", "Cedar Ln", "Elm St", "Lake Dr", "Hill Rd", "Mill Ln"]
_CITIES = [f"{stem}{tail}" for stem in ("Spring", "River", "Lake", "Fair", "Oak", "Mill") for tail in ("field", "view", "ton", "dale", "wood")]  # fmt: skip
_STATES = ["NY", "CA", "TX", "FL", "WA", "IL", "MA", "OH", "GA", "NC"]
_NOTES = "patient seen for follow up of chronic condition advised to return in three months no acute distress".split()  # noqa: SIM905 - a sentence reads better whole

Columns = dict[str, pa.Array]


def write_patients(folder: Path, rows: int, seed: int = 7) -> tuple[Path, Path]:
    """``rows`` x 30 patient-like columns, once as Parquet and once as CSV; what exists already is kept."""
    parquet, delimited = folder / f"patients_{rows}.parquet", folder / f"patients_{rows}.csv"
    if not parquet.exists():
        _write_parquet(parquet, patient_chunks(rows, seed))
    if not delimited.exists() and rows <= 1_000_000:
        part = delimited.with_suffix(".part")
        pyarrow.csv.write_csv(pq.read_table(parquet), part)
        part.rename(delimited)
    return parquet, delimited


def write_wide(folder: Path, rows: int = 100_000, columns: int = 500, seed: int = 7) -> Path:
    """``rows`` x ``columns`` of five kinds of content, as Parquet."""
    path = folder / f"wide_{rows}x{columns}.parquet"
    if not path.exists():
        _write_parquet(path, iter([_wide(rows, columns, np.random.default_rng(seed))]))
    return path


def small_tables(tables: int = 300, rows: int = 1_000, seed: int = 7) -> Iterator[tuple[str, pa.Table]]:
    """Tables of 40 columns, each with a key of its own and a reference to an earlier one."""
    for place in range(tables):
        rng = np.random.default_rng(seed + place)
        made: Columns = {
            "id": pa.array(np.arange(1, rows + 1)),
            "parent_id": pa.array(rng.integers(1, rows + 1, rows)),
        }
        made.update(list(_wide_columns(rows, 38, rng)))
        yield f"t{place:03d}", pa.table(made)


def patient_chunks(rows: int, seed: int) -> Iterator[pa.Table]:
    """The patient-like rows, a chunk at a time; a row's content depends on the seed and its place alone."""
    for start in range(0, rows, CHUNK_ROWS):
        count = min(CHUNK_ROWS, rows - start)
        yield pa.table(_patients(start, count, np.random.default_rng([seed, start])))


def patient_tables(rows: int, seed: int = 7) -> Iterator[tuple[str, pa.Table]]:
    """The same rows as parts of one table."""
    return (("patients", chunk) for chunk in patient_chunks(rows, seed))


def _patients(start: int, count: int, rng: np.random.Generator) -> Columns:
    serial = np.arange(start, start + count)
    first, last = rng.integers(0, len(_FIRST), count), rng.zipf(1.3, count) % 40_000
    born = rng.integers(-14_600, 19_000, count).astype("datetime64[D]")
    seen = rng.integers(1_577_836_800, 1_767_225_600, count)
    return {
        "patient_id": _texts(f"{value:032x}" for value in _scrambled(serial)),
        "mrn": pa.array(serial + 100_000),
        "first_name": _picked(_FIRST, first),
        "last_name": _texts(f"Name{value}" for value in last),
        "middle_initial": _some(_picked(list("ABCDEFGHIJKLM"), rng.integers(0, 13, count)), rng, 0.6),
        "birth_date": pa.array(born),
        "death_date": _some(pa.array(rng.integers(18_000, 20_000, count).astype("datetime64[D]")), rng, 0.05),
        "gender": _picked(["F", "M", "X"], rng.choice(3, count, p=[0.51, 0.48, 0.01])),
        "race": _picked(["white", "black", "asian", "other"], rng.integers(0, 4, count)),
        "marital_status": _some(_picked(["S", "M", "D", "W"], rng.integers(0, 4, count)), rng, 0.9),
        "ssn": _texts(f"{v // 1_000_000:03d}-{v // 10_000 % 100:02d}-{v % 10_000:04d}" for v in rng.integers(1_000_000, 899_999_999, count)),
        "email": _some(_texts(f"{_FIRST[f].lower()}.{n}@example.org" for f, n in zip(first, last, strict=True)), rng, 0.7),
        "phone": _texts(f"({v // 10_000_000}) {v // 10_000 % 1_000:03d}-{v % 10_000:04d}" for v in rng.integers(2_010_000_000, 9_890_000_000, count)),
        "street": _texts(f"{n} {_STREETS[s]}" for n, s in zip(rng.integers(1, 9_999, count), rng.integers(0, 8, count), strict=True)),
        "city": _picked(_CITIES, rng.integers(0, len(_CITIES), count)),
        "state": _picked(_STATES, rng.integers(0, 10, count)),
        "zip": _texts(f"{value:05d}" for value in rng.integers(501, 99_950, count)),
        "country": _picked(["US", "CA"], rng.choice(2, count, p=[0.99, 0.01])),
        "height_cm": pa.array(np.round(rng.normal(170, 10, count), 1)),
        "weight_kg": pa.array(np.round(rng.normal(75, 14, count), 1)),
        "blood_type": _some(_picked(["A+", "O+", "B+", "AB+", "A-", "O-"], rng.integers(0, 6, count)), rng, 0.5),
        "npi": _texts(str(1_000_000_000 + value * 7) for value in rng.integers(0, 5_000, count)),
        "icd10": _texts(f"{'ABCDEFGHIJ'[v % 10]}{v // 10 % 100:02d}.{v % 7}" for v in rng.integers(0, 3_000, count)),
        "policy_number": _texts(f"POL{value:09d}" for value in rng.integers(0, 400_000_000, count)),
        "iban": _some(_texts(f"DE{value:020d}" for value in rng.integers(0, 10**18, count)), rng, 0.05),
        "balance": pa.array(np.round(rng.exponential(200, count), 2)),
        "visits": pa.array(rng.poisson(4, count)),
        "last_visit": pa.array(seen.astype("datetime64[s]")),
        "is_active": pa.array(rng.random(count) < 0.9),
        "notes": _some(_texts(" ".join(_NOTES[w] for w in words) for words in rng.integers(0, len(_NOTES), (count, 6))), rng, 0.3),
    }  # fmt: skip


def _wide(rows: int, columns: int, rng: np.random.Generator) -> pa.Table:
    return pa.table(dict(_wide_columns(rows, columns, rng)))


def _wide_columns(rows: int, columns: int, rng: np.random.Generator) -> Iterator[tuple[str, pa.Array]]:
    epoch = (date(2020, 1, 1) - date(1970, 1, 1)).days
    for place in range(columns):
        match place % 5:
            case 0:
                yield f"code_{place}", _picked([f"C{v:03d}" for v in range(40)], rng.integers(0, 40, rows))
            case 1:
                yield f"amount_{place}", pa.array(np.round(rng.exponential(100, rows), 2))
            case 2:
                yield f"count_{place}", pa.array(rng.poisson(12, rows))
            case 3:
                yield f"day_{place}", pa.array((epoch + rng.integers(0, 2_000, rows)).astype("datetime64[D]"))
            case _:
                yield (
                    f"text_{place}",
                    _some(_texts(f"value {v}" for v in rng.integers(0, 5_000, rows)), rng, 0.8),
                )


def _write_parquet(path: Path, chunks: Iterator[pa.Table]) -> None:
    part = path.with_suffix(".part")
    writer: pq.ParquetWriter | None = None
    for chunk in chunks:
        writer = writer or pq.ParquetWriter(part, chunk.schema)
        writer.write_table(chunk)
    if writer:
        writer.close()
    part.rename(path)


def _scrambled(serial: npt.NDArray[np.int64]) -> Iterator[int]:
    """Distinct numbers of 128 bits: a multiplication by an odd number loses none."""
    return (int(value) * 0x9E3779B97F4A7C15F39CC0605CEDC835 % 2**128 for value in serial)


def _picked(words: list[str], places: npt.NDArray[np.int64]) -> pa.Array:
    return pa.array(words).take(pa.array(places))


def _texts(values: Iterator[str]) -> pa.Array:
    return pa.array(list(values), pa.string())


def _some(values: pa.Array, rng: np.random.Generator, share: float) -> pa.Array:
    return pa.array(values.to_pandas().where(rng.random(len(values)) < share), type=values.type)
