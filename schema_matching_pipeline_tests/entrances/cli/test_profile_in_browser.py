"""The page of a profile in a browser: found, read and printed by anybody, in whatever light."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page

from schema_matching_pipeline.entrances.reports.profiled.page import render_profile
from schema_matching_pipeline.model.source import ForeignKey, TableTrouble
from schema_matching_pipeline_tests.builders import Values, a_measured_source
from schema_matching_pipeline_tests.entrances.cli.profile_view import viewed

TABLES, COLUMNS = 40, 12
_LONG_NAME = "n" * 200
_LEAST_CONTRAST = 4.5
# Text whose colour is too near to that of its ground; what is switched off may be faint.
_FAINT = """(least) => {
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => parts(colour).slice(0, 3).map((one) => one / 255)
    .map((one) => one <= .03928 ? one / 12.92 : ((one + .055) / 1.055) ** 2.4)
    .reduce((sum, one, place) => sum + one * [.2126, .7152, .0722][place], 0);
  const ground = (one) => {
    for (; one; one = one.parentElement) {
      const colour = getComputedStyle(one).backgroundColor;
      if ((parts(colour)[3] ?? 1) > 0) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  return [...document.querySelectorAll("body *")]
    .filter((one) => one.checkVisibility() && !one.closest("svg, input:disabled + label, .skip"))
    .filter((one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
    .map((one) => {
      const both = [light(getComputedStyle(one).color), light(ground(one))].sort((a, b) => b - a);
      return [(both[0] + .05) / (both[1] + .05), one.outerHTML.slice(0, 80)];
    })
    .filter(([ratio]) => ratio < least).map(([ratio, text]) => `${ratio.toFixed(1)} ${text}`);
}"""
_HEADS_THE_WINDOW = """(name) => [...document.querySelectorAll("h2")].some((one) =>
  one.textContent.startsWith(name) && one.getBoundingClientRect().top >= 0 && one.getBoundingClientRect().top < 60)"""
_LINES_CUT_OFF = """() => [...document.querySelectorAll(".diagram path")].filter((one) => {
  const box = one.getBBox(), sheet = one.ownerSVGElement.viewBox.baseVal;
  return box.x < 0 || box.y < 0 || box.x + box.width > sheet.width || box.y + box.height > sheet.height;
}).length"""


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with many tables, faults, personal data, references in a circle, and very long names."""

    def key(column: str, table: str) -> ForeignKey:
        return ForeignKey(columns=(column,), referred_table=table, referred_columns=("id",))

    def ids(start: int) -> list[str]:
        return [str(start + number) for number in range(20)]

    some = ["a", "b"] * 10
    plain: dict[str, Values] = {f"column_{place}": some for place in range(COLUMNS)}
    tables: dict[str, dict[str, Values]] = {
        f"table_{place:02}": {"id": ids(1000 * place), **plain} for place in range(TABLES)
    }
    tables["patients"] = {
        "id": ids(50_000),
        "email": ["(619) 555-0101"] * 20,
        "last_name": [f"Miller{letter}" for letter in "abcdefghijklmnopqrst"],
        "fax": [None] * 20,
        "kind": ["a"] * 20,
        _LONG_NAME: some,
    }
    tables[_LONG_NAME] = {"id": ids(60_000)}
    profile = a_measured_source(
        tables,
        foreign_keys={
            "patients": (key("id", "table_00"),),
            "table_00": (key("id", "table_01"),),
            "table_01": (key("id", "patients"),),
            _LONG_NAME: (key("id", "patients"),),
        },
    )
    trouble = TableTrouble(
        table="lost", code="SOURCE_UNREADABLE", message="Table 'lost' is a view that fails."
    )
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(render_profile(viewed(profile.model_copy(update={"troubles": (trouble,)}))))
    return path


def opened(
    browser: Browser, file: Path, *, width: int = 1280, scheme: Literal["light", "dark"] = "light"
) -> Page:
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.goto(file.as_uri())
    return page


@pytest.mark.parametrize("table", ["table_39", "table_05", "table_20"])
def test_a_table_chosen_from_the_contents_is_what_stands_on_top(
    browser: Browser, page_file: Path, table: str
) -> None:
    page = opened(browser, page_file)
    page.locator("nav").get_by_role("link", name=table).click()
    page.wait_for_function(_HEADS_THE_WINDOW, arg=table, timeout=10_000)
    page.close()


@pytest.mark.parametrize("width", [1280, 800, 390])
def test_no_long_name_makes_the_page_wider_than_the_window(
    browser: Browser, page_file: Path, width: int
) -> None:
    page = opened(browser, page_file, width=width)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


@pytest.mark.parametrize("media", ["screen", "print"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_its_ground(
    browser: Browser, page_file: Path, scheme: Literal["light", "dark"], media: Literal["screen", "print"]
) -> None:
    page = opened(browser, page_file, scheme=scheme)
    page.emulate_media(media=media, color_scheme=scheme)
    page.evaluate("document.querySelectorAll('#t41 details').forEach((one) => { one.open = true })")
    assert page.evaluate(_FAINT, _LEAST_CONTRAST) == []
    page.close()


def test_the_keyboard_alone_skips_the_contents_and_chooses_the_columns_shown(
    browser: Browser, page_file: Path
) -> None:
    page = opened(browser, page_file)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the overview"
    page.locator("#show-all").focus()
    page.keyboard.press("ArrowRight")
    shown = page.locator("main .column").filter(visible=True)
    assert sorted(shown.evaluate_all("found => found.map((one) => one.querySelector('b').textContent)")) == [
        "email",
        "fax",
    ]
    page.close()


def test_no_line_of_the_diagram_is_cut_off(browser: Browser, page_file: Path) -> None:
    page = opened(browser, page_file)
    assert page.locator(".diagram path").count() == 4
    assert page.evaluate(_LINES_CUT_OFF) == 0
    page.close()
