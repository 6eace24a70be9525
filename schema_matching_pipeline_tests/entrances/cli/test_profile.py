"""``smp profile``: what it shows on a terminal of any width and on its page, and what it keeps to itself."""

from __future__ import annotations

import io
import os
import re
import subprocess
from collections.abc import Sequence
from html.parser import HTMLParser
from math import comb
from pathlib import Path

import pytest
from rich.console import Console

from schema_matching_pipeline.entrances.cli.profiled.terminal import draw_profile
from schema_matching_pipeline.entrances.reports.profiled.diagram import BOX_HEIGHT, BOX_WIDTH, draw_references
from schema_matching_pipeline.entrances.reports.profiled.distribution import distribution_of
from schema_matching_pipeline.entrances.reports.profiled.page import PLOTTED, render_profile
from schema_matching_pipeline.entrances.reports.profiled.view import ProfileView
from schema_matching_pipeline.model.profile import TableProfile
from schema_matching_pipeline.model.source import ForeignKey, TableTrouble
from schema_matching_pipeline.quality import FORMULA, assess_quality, score_tables
from schema_matching_pipeline_tests.builders import Values, a_column, a_measured_source, a_profile, a_table
from schema_matching_pipeline_tests.entrances.cli.profile_view import viewed
from schema_matching_pipeline_tests.entrances.cli.terminal import LONGEST_COMMAND_SECONDS, SMP, Terminal
from schema_matching_pipeline_tests.entrances.dagster.installation import PATIENTS, write_tables

ROWS = 40
RARE = "Zebedee Quillfeather"
PERSONAL = "123-45-6789"
FAR = "987654321.5"
PLANTED: dict[str, Values] = {
    "patient_id": tuple(f"77{number:04}" for number in range(ROWS)),
    "social_security_number": (PERSONAL,) * 10 + tuple(f"321-54-{number:04}" for number in range(30)),
    "remark": ("nothing found",) * 39 + (RARE,),
    "birth_date": ("1961-07-29",) * 20 + ("1985-11-03",) * 20,
    "amount": (*(str(number) for number in range(39)), FAR),
    "referred_by": ("880001",) * 20 + ("880002",) * 20,
    "<b>bold</b><script>alert(1)</script>": ("x",) * ROWS,
}


class _Page(HTMLParser):
    """What a browser would load or run, the ids that stand in the page, and those that it links to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.ids: list[str] = []
        self.linked: set[str] = set()
        self.elsewhere: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            elif name == "href" and (value or "").startswith("#"):
                self.linked.add((value or "")[1:])
            elif name in {"href", "src", "srcset", "action"} or name.startswith("on"):
                self.elsewhere.append(f"{tag} {name}={value}")


@pytest.fixture(scope="module")
def planted() -> ProfileView:
    key = ForeignKey(columns=("referred_by",), referred_table="doctors", referred_columns=("id",))
    return viewed(
        a_measured_source(
            {"patients": PLANTED, "doctors": {"id": ("880001", "880002")}}, foreign_keys={"patients": (key,)}
        )
    )


@pytest.fixture(scope="module")
def page(planted: ProfileView) -> str:
    return render_profile(planted)


def drawn(view: ProfileView, width: int) -> str:
    console = Console(width=width, file=io.StringIO(), legacy_windows=False)
    draw_profile(console, view)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_page_needs_nothing_and_runs_nothing(page: str) -> None:
    seen = _Page(page)
    assert seen.elsewhere == []
    assert seen.tags & {"script", "link", "img", "iframe", "object", "embed", "base"} == set()
    assert re.findall(r"url\(|@import|https?:", page) == []


def test_every_link_of_the_page_leads_to_one_place_in_it(page: str) -> None:
    seen = _Page(page)
    assert seen.linked - set(seen.ids) == set()
    assert len(seen.ids) == len(set(seen.ids))


def test_the_page_shows_every_column_and_keeps_names_as_text(page: str) -> None:
    unbroken = page.replace("<wbr>", "")
    assert [name for name in PLANTED if name.isidentifier() and name not in unbroken] == []
    assert "&lt;b&gt;bold&lt;/b&gt;&lt;script&gt;alert(1)&lt;/script&gt;" in page


@pytest.mark.parametrize(
    "secret",
    [RARE, "Quillfeather", PERSONAL, "321-54-0007", "1961-07", "1985-11", "770007", "987654321", "880001"],
)
def test_no_rare_or_personal_value_stands_on_the_page_or_the_terminal(
    secret: str, page: str, planted: ProfileView
) -> None:
    assert secret not in page
    assert secret not in drawn(planted, 200)


def test_what_many_rows_hold_stands_on_the_page(page: str) -> None:
    assert "nothing found" in page
    assert "987.7 M" in page


@pytest.mark.parametrize("width", [40, 72, 109, 110, 160])
def test_nothing_is_wider_than_the_terminal_and_no_column_is_lost(width: int, planted: ProfileView) -> None:
    shown = drawn(planted, width)
    assert max(map(len, shown.splitlines())) <= width
    narrow = "".join(shown.split())
    assert [name for name in PLANTED if name.isidentifier() and name not in narrow] == []


def test_a_terminal_tells_key_references_activity_and_why(planted: ProfileView) -> None:
    shown = drawn(planted, 160)
    assert "refers to       doctors.id by referred_by (declared)" in shown
    assert "referred to by  patients" in shown
    assert "key             patient_id (not declared)" in shown
    assert "All 40 values are the same." in shown


def test_the_columns_shown_are_told_from_those_a_table_has() -> None:
    profile = a_measured_source({"patients": PLANTED, "doctors": {"id": ("1", "2")}})
    view = viewed(profile, frozenset({"remark", "amount"}))
    assert [(table.profile.name, table.counted) for table in view.tables] == [("patients", "2 of 7")]
    assert view.tables[0].score == score_tables(assess_quality(profile))["patients"]


@pytest.fixture(scope="module")
def half_empty() -> ProfileView:
    """A table in use with two faults, and two tables without rows, one of which names the other."""
    key = ForeignKey(
        columns=("old_id",), referred_table="old", referred_columns=("id",), declared=False, score=0.6
    )
    used: dict[str, Values] = {
        "fax": [None] * ROWS,
        "email": [f"(619) 555-{number:04d}" for number in range(ROWS)],
    }
    return viewed(
        a_measured_source(
            {"visits": used, "old": {"id": []}, "older": {"old_id": [], "gone": []}},
            foreign_keys={"older": (key,)},
        )
    )


def test_what_a_person_must_look_into_is_not_drowned_by_tables_without_rows(half_empty: ProfileView) -> None:
    listed = [str(column.label.ref) for column in half_empty.flagged_in_use]
    assert listed == ["visits.email", "visits.fax"]
    assert len(half_empty.flagged) == 5
    page = render_profile(half_empty)
    assert "2 tables without rows, of which 3 columns are flagged as empty" in page
    assert "old.<b>id</b>" not in page


def test_a_flagged_column_that_a_person_uses_is_counted_as_good_everywhere() -> None:
    source = a_measured_source({"staff": {"id": ("1", "2"), "fax": ("", ""), "pager": ("", "")}})
    shown = viewed(source, overruled="fax")
    assert [column.label.ref.column for column in shown.flagged] == ["pager"]
    assert [column.label.ref.column for column in shown.flagged_in_use] == ["pager"]
    assert (shown.tables[0].flagged, len(shown.flagged)) == (1, 1)
    assert "fax" in [column.label.ref.column for column in shown.noted]
    assert '<div class="card"><b>1</b><span>flagged columns</span></div>' in render_profile(shown)


def test_of_very_many_columns_the_small_plots_alone_are_drawn(page: str) -> None:
    few = [str(number % 7) for number in range(ROWS)]
    wide = viewed(a_measured_source({"t": {f"m{place}": few for place in range(PLOTTED + 1)}}))
    shown = render_profile(wide)
    assert "Of more than 3,000 columns only the small plots are drawn" in shown
    assert (shown.count('class="mini'), "<figure>" in shown) == (PLOTTED + 1, False)
    assert "<figure>" in page


def test_a_source_without_a_table_is_said_to_have_none_and_gets_no_score() -> None:
    page = render_profile(viewed(a_profile()))
    assert "The source has no tables, or none that its user may see." in page
    assert ("score of 100" in page, "<thead>" in page) == (False, False)


def test_where_no_table_could_be_read_the_page_says_why() -> None:
    trouble = TableTrouble(table="lost", code="SOURCE_UNREADABLE", message="It is a view that fails.")
    page = render_profile(viewed(a_profile().model_copy(update={"troubles": (trouble,)})))
    assert "It is a view that fails." in page
    assert "No table could be read" in page


def test_a_page_of_tables_without_rows_names_them_and_shows_no_empty_list() -> None:
    page = render_profile(viewed(a_measured_source({"patients": {"born": []}})))
    assert '<details class="more rowless" open><summary>1 table without rows' in page
    assert '<th scope="col">score</th>' not in page


@pytest.mark.parametrize("width", [60, 140])
def test_a_terminal_names_tables_without_rows_and_tells_no_column_of_them(
    width: int, half_empty: ProfileView
) -> None:
    shown = drawn(half_empty, width)
    assert "2 table(s) without rows, all columns empty: old, older" in " ".join(shown.split())
    assert "gone" not in shown


def test_a_single_table_without_rows_still_tells_its_columns() -> None:
    assert "born" in drawn(viewed(a_measured_source({"patients": {"born": []}})), 100)


def test_a_reference_of_a_table_without_rows_is_known_by_its_name(half_empty: ProfileView) -> None:
    (table, key), *_ = half_empty.references
    assert (table, half_empty.known_by(table, key)) == ("older", "name, 0.60")
    assert half_empty.known_by("visits", key) == "values, 0.60"


def test_the_score_stands_beside_its_formula(page: str, planted: ProfileView) -> None:
    assert FORMULA in page
    assert FORMULA in " ".join(drawn(planted, 160).split())


def test_of_patterns_that_hold_alike_the_one_that_the_name_announces_is_told() -> None:
    codes = [f"0123{number % 9}" for number in range(ROWS)]
    (zip_code, code) = viewed(a_measured_source({"places": {"zip": codes, "c": codes}})).columns
    assert (zip_code.gist, code.gist) == ("postal code 100 %", "5 digits 100 %")


def test_codes_with_a_check_digit_have_no_middle() -> None:
    diagnoses = ["44054006", "38341003", "195967001", "15777000"] * 10
    (column,) = viewed(a_measured_source({"claims": {"diagnosis1": diagnoses}})).columns
    assert column.gist == "snomed 100 %"
    assert column.distribution is not None
    assert column.distribution.what == "most frequent values"


def test_the_middle_of_numbers_is_spread_evenly_between_their_quantiles() -> None:
    column = a_column("amount", [str(number / 10) for number in range(1000)])
    found = distribution_of(column)
    assert found is not None
    assert sum(bar.share for bar in found.bars) == pytest.approx(0.9)
    assert max(found.heights) / min(found.heights) < 1.2


def test_years_without_a_row_are_bars_and_long_spans_are_taken_together() -> None:
    few = distribution_of(a_column("visit_date", ["2001-05-05"] * 3 + ["2004-01-02"]))
    many = distribution_of(a_column("visit_date", [f"{year}-01-02" for year in range(1900, 2020)]))
    assert few is not None
    assert [(bar.name, bar.share) for bar in few.bars] == [
        ("2001", 0.75), ("2002", 0.0), ("2003", 0.0), ("2004", 0.25)
    ]  # fmt: skip
    assert many is not None
    assert (many.bars[0].name, many.bars[-1].name, len(many.bars)) == ("1900 to 1902", "2017 to 2019", 40)


def test_what_is_referred_to_stands_left_even_where_references_run_in_a_circle() -> None:
    def key(table: str) -> ForeignKey:
        return ForeignKey(columns=("id",), referred_table=table, referred_columns=("id",))

    ids = a_column("id", ["1", "2"])
    profile = a_profile(
        a_table("visit", [ids], foreign_keys=(key("patient"),)),
        a_table("patient", [ids]),
        a_table("hen", [ids], foreign_keys=(key("egg"), key("hen"))),
        a_table("egg", [ids], foreign_keys=(key("hen"),)),
        a_table("alone", [ids]),
    )
    diagram = draw_references(viewed(profile))
    assert diagram is not None
    left = {box.name: box.x for box in diagram.boxes}
    assert left["patient"] < left["visit"]
    assert set(left) == {"visit", "patient", "hen", "egg"}
    assert sorted(line.title for line in diagram.lines) == [
        "egg refers to hen",
        "hen refers to egg",
        "hen refers to itself",
        "visit refers to patient",
    ]


def test_no_line_of_a_diagram_goes_behind_a_table() -> None:
    def table(name: str, *refers_to: str) -> TableProfile:
        keys = (ForeignKey(columns=("id",), referred_table=to, referred_columns=("id",)) for to in refers_to)
        return a_table(name, [a_column("id", ["1", "2"])], foreign_keys=tuple(keys))

    wide = [table(f"visit{number}", "patient") for number in range(5)]
    deep = table("line", "patient", "visit2", "invoice"), table("invoice", "visit0", "patient", "invoice")
    diagram = draw_references(viewed(a_profile(table("patient"), *wide, *deep)))
    assert diagram is not None
    assert len({box.x for box in diagram.boxes}) == 4
    hidden = [
        (line.title, box.name)
        for line in diagram.lines
        for box in diagram.boxes
        for x, y in _points_of(line.path)
        if box.x < x < box.x + BOX_WIDTH and box.y < y < box.y + BOX_HEIGHT
    ]
    assert hidden == []
    assert all(
        0 <= x <= diagram.width and 0 <= y <= diagram.height
        for line in diagram.lines
        for x, y in _points_of(line.path)
    )


def _points_of(path: str) -> list[tuple[float, float]]:
    """Points along a path of curves and level lines."""
    points = list[tuple[float, float]]()
    x = y = 0.0
    for sign, written in re.findall(r"([MCH])([^MCH]*)", path):
        given = [float(figure) for figure in written.split()]
        if sign == "M":
            x, y = given
        elif sign == "H":
            points += [(x + (given[0] - x) * step / 20, y) for step in range(21)]
            x = given[0]
        else:
            ends = (x, y), *zip(given[::2], given[1::2], strict=True)
            points += [_on_curve(ends, step / 20) for step in range(21)]
            x, y = given[-2:]
    return points


def _on_curve(ends: Sequence[tuple[float, float]], share: float) -> tuple[float, float]:
    """A point of Bezier's curve of four points."""
    weights = [comb(3, place) * (1 - share) ** (3 - place) * share**place for place in range(4)]
    return (
        sum(weight * end[0] for weight, end in zip(weights, ends, strict=True)),
        sum(weight * end[1] for weight, end in zip(weights, ends, strict=True)),
    )


def test_a_diagram_tells_tables_apart_that_begin_alike_and_stays_within_its_height() -> None:
    ids = a_column("id", ["1", "2"])
    names = [f"customer_account_table_{place:02}" for place in range(30)]
    hub = ForeignKey(columns=("id",), referred_table="hub", referred_columns=("id",))
    tables = (a_table(name, [ids], foreign_keys=(hub,)) for name in names)
    diagram = draw_references(viewed(a_profile(a_table("hub", [ids]), *tables)))
    assert diagram is not None
    assert len({box.shown for box in diagram.boxes}) == 31
    assert diagram.boxes[-1].shown == "customer_…unt_table_29"
    assert len({box.x for box in diagram.boxes}) == 3
    assert diagram.height < 900


def test_a_circle_of_references_still_has_its_tables_side_by_side() -> None:
    def table(name: str, refers_to: str) -> TableProfile:
        key = ForeignKey(columns=("id",), referred_table=refers_to, referred_columns=("id",))
        return a_table(name, [a_column("id", ["1", "2"])], foreign_keys=(key,))

    diagram = draw_references(
        viewed(a_profile(table("a", "b"), table("b", "c"), table("c", "a"), table("d", "a")))
    )
    assert diagram is not None
    left = {box.name: box.x for box in diagram.boxes}
    assert left["c"] < left["b"] < left["a"] < left["d"]


def test_filters_take_names_and_patterns(smp: Terminal, tmp_path: Path) -> None:
    source = write_tables(tmp_path, patients=PATIENTS, other={"id": ("1", "2")}, others={"x": ("1", "2")})
    told = smp("profile", source, "--table", "oth*", "--json").json
    assert [table["name"] for table in told["profile"]["tables"]] == ["other", "others"]
    told = smp("profile", source, "--columns", "gender, *_name", "--json").json
    assert [label["ref"]["column"] for label in told["quality"]["labels"]] == [
        "first_name",
        "last_name",
        "gender",
    ]
    unknown = smp("profile", source, "--columns", "gendre")
    assert (unknown.code, "Did you mean 'gender'?" in unknown.err) == (2, True)


def test_each_table_has_its_line_where_nobody_watches_and_none_for_programs(
    smp: Terminal, tmp_path: Path
) -> None:
    source = write_tables(tmp_path / "in", patients=PATIENTS, other={"id": ("1", "2")})
    page = tmp_path / "report.html"
    said = smp("profile", source, "--html", page)
    lines = re.sub(r"\d+\.\d s", "N s", said.err).splitlines()
    assert lines == [
        "other: took N s (1 of 2)",
        "patients: took N s (2 of 2)",
        f"The page is written to {page}.",
    ]
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    assert smp("profile", source, "--json").err == ""


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("missing/report.html", "There is no folder"),
        ("in", "is a folder. Name the file"),
        (f"{'n' * 300}.html", "cannot be written: File name too long"),
        ("/proc/report.html", "cannot be written" if os.geteuid() == 0 else "may not be written to"),
    ],
    ids=["no folder", "a folder", "too long", "closed"],
)
def test_a_page_that_cannot_be_written_is_refused_with_the_reason(
    place: str, said: str, smp: Terminal, tmp_path: Path
) -> None:
    source = write_tables(tmp_path / "in", other={"id": ("1", "2")})
    answer = smp("profile", source, "--html", tmp_path / place)
    assert (answer.code, said in answer.err) == (2, True)


def test_the_page_is_written_whether_or_not_anybody_reads_the_rest(smp: Terminal, tmp_path: Path) -> None:
    source, page = write_tables(tmp_path / "in", other={"id": ("1", "2")}), tmp_path / "page.html"
    command: list[str | Path] = [SMP, "profile", source, "--html", page]
    with subprocess.Popen(
        command, env=smp.environment({}), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as running:
        assert running.stdout
        running.stdout.close()
        running.wait(LONGEST_COMMAND_SECONDS)
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        pytest.param("clinc/patients.csv", "clinic/patients.csv", id="a folder"),
        pytest.param("clinic/patient.csv", "clinic/patients.csv", id="a file"),
        pytest.param("Clinic/Patients.csv", "clinic/patients.csv", id="capitals"),
        pytest.param("clinic/staff.sqlite", None, id="nothing like it"),
        pytest.param("clinc/remarks.json", None, id="a folder that has it not"),
    ],
)
def test_a_path_that_is_not_there_is_told_with_the_likest_that_is(
    asked: str, meant: str | None, smp: Terminal, tmp_path: Path
) -> None:
    write_tables(tmp_path / "clinic", patients={"id": ("1", "2")})
    said = smp("profile", tmp_path / asked)
    guess = f" Did you mean '{tmp_path / meant}'?" if meant else ""
    assert said.code == 4
    assert said.err.replace("\n", " ").strip().endswith(f"named '{tmp_path / asked}'. Check the path.{guess}")
