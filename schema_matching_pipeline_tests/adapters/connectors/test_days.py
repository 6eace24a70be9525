"""Days out of texts, one format a column."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pytest

from schema_matching_pipeline.adapters.connectors.days import day_format_of, days_in, read_days


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["2024-05-31", "2023-1-2"], [date(2024, 5, 31), date(2023, 1, 2)]),
        (["2024-05-31T08:15:00Z", "2024-05-31 08:15:00.5"], [date(2024, 5, 31)] * 2),
        (["31.05.2024", "01.02.2023 08:15"], [date(2024, 5, 31), date(2023, 2, 1)]),
        (["05/31/2024", "01/02/2023"], [date(2024, 5, 31), date(2023, 1, 2)]),
        (["31/05/2024", "01/02/2023"], [date(2024, 5, 31), date(2023, 2, 1)]),
        (["20240531", "20230102"], [date(2024, 5, 31), date(2023, 1, 2)]),
        (["31-Mai-2024", "02-Okt-2023"], [date(2024, 5, 31), date(2023, 10, 2)]),
        (["31 May 2024", "2 October 2023"], [date(2024, 5, 31), date(2023, 10, 2)]),
    ],
    ids=["iso", "iso with time", "dots", "month first", "day first", "compact", "german months", "words"],
)
def test_a_column_of_dates_is_read_by_one_format(texts: list[str], expected: list[date]) -> None:
    days = read_days(pa.array(texts), least_share=0.9)
    assert days is not None
    assert days.to_pylist() == expected


def test_days_that_do_not_exist_are_none() -> None:
    days = read_days(pa.array(["2024-02-30", "0000-00-00", "2024-02-29"]), least_share=0.3)
    assert days is not None
    assert days.to_pylist() == [None, None, date(2024, 2, 29)]


@pytest.mark.parametrize("texts", [["Miller", "Smith"], ["12.50", "3.25"], ["555-0142", "555-0143"], []])
def test_what_is_no_date_is_not_read_as_one(texts: list[str]) -> None:
    assert read_days(pa.array(texts, pa.string()), least_share=0.5) is None


@pytest.mark.parametrize(
    ("strptime", "text"),
    [
        ("%d.%m.%Y", "5.4.2021"),
        ("%d.%m.%Y %H:%M", "05.04.2021 10:30"),
        ("%Y%m%d%H%M%S", "20210405103000"),
        ("%d %b %Y", "5 avril 2021"),
    ],
)
def test_a_given_format_reads_the_day_and_leaves_the_time(strptime: str, text: str) -> None:
    assert days_in(pa.array([text]), day_format_of(strptime)).to_pylist() == [date(2021, 4, 5)]


@pytest.mark.parametrize("tail", ["", " 08:15:00", "T23:59:59", " 99:99:99", " 08-15-00"])
@pytest.mark.parametrize(
    "day", ["2024-02-29", "2023-02-29", "0001-01-01", "9999-12-31", "2024-13-01", "2024/01/01"]
)
def test_a_column_of_days_alone_is_read_like_one_with_another_text(day: str, tail: str) -> None:
    texts = [f"2024-05-31{tail}", day + tail]
    alone = read_days(pa.array(texts), least_share=0.1)
    among = read_days(pa.array([*texts, "n"]), least_share=0.1)
    assert (alone and alone.to_pylist()) == (among and among.to_pylist()[:2])
