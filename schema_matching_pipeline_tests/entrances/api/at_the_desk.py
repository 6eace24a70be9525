"""One person at the desk in a browser of his own, who has a keyboard and no mouse."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from schema_matching_pipeline.entrances.api.auth.tokens import AccessTokens
from schema_matching_pipeline.model.access import Actor, SessionTerms
from schema_matching_pipeline.workflows.log_in import begin_session
from schema_matching_pipeline_tests.entrances.dagster.installation import Installation

_WATCH_THE_MOUSE = """
for (const kind of ["pointerdown", "mousedown", "wheel", "touchstart"])
  addEventListener(kind, (event) => { if (event.isTrusted) sessionStorage.setItem("mouse", kind); }, true);
"""
_FOCUSED = "document.activeElement.textContent.trim().replace(/\\s+/g, ' ')"
FURTHEST = 60  # times that Tab is pressed for one place of a page


@dataclass
class Desk:
    """The desk of one person; ``presses`` are the keys that he pressed."""

    page: Page
    served: str
    client: str
    presses: int = 0
    _pictures: Iterator[int] = field(default_factory=lambda: count(1))

    def press(self, *keys: str) -> None:
        """Presses the keys one after the other."""
        for key in keys:
            self.page.keyboard.press(key)
            self.presses += 1

    def open(self, query: str = "") -> None:
        """Goes to the client's queue by its address."""
        self.page.goto(f"{self.served}/review?client={self.client}{query}")
        expect(self.page.locator("#desk-top .standing")).to_be_visible()

    @property
    def item(self) -> str:
        """The item that is looked at."""
        return self.page.locator("#item").get_attribute("data-item") or ""

    def show(self, item: str) -> None:
        """Goes to one item by its address."""
        self.page.goto(f"{self.served}/review/{item}?client={self.client}")
        expect(self.page.locator("#item")).to_have_attribute("data-item", item)

    def decide(self, *keys: str, status: int = 200) -> None:
        """Presses the keys one after the other; the last one sends a decision, which is answered so."""
        expect(self.page.locator("#offline")).to_be_hidden()
        self.press(*keys[:-1])
        if keys[-1] == "Enter" and self.page.evaluate("document.activeElement.id") == "refrain":
            self.press("Shift+Tab")  # where something speaks against it, what saves is not the first
        with self.page.expect_response(lambda answer: answer.request.method == "POST") as told:
            self.press(keys[-1])
        assert told.value.status == status, told.value.text()
        expect(self.page.locator("body")).not_to_have_class("deciding")

    def move(self, key: str) -> None:
        """Goes on in the queue, until another item is shown."""
        before = self.item
        self.press(key)
        expect(self.page.locator("#item")).not_to_have_attribute("data-item", before)

    def reach(self, word: str) -> None:
        """Goes on by Tab to what begins with a word."""
        for _ in range(FURTHEST):
            self.press("Tab")
            if self.page.evaluate(_FOCUSED).startswith(word):
                return
        raise AssertionError(f"{FURTHEST} times Tab do not lead to {word!r}")

    def keep(self, folder: Path, name: str) -> None:
        """Keeps a picture of what is seen, numbered in the order of the story."""
        self.page.screenshot(path=folder / f"{next(self._pictures):02}-{name}.png")


@contextmanager
def at_the_desk(
    browser: Browser, installation: Installation, served: str, person: Actor, client: str
) -> Iterator[Desk]:
    """A desk at which the person is logged in; afterwards, whether a script failed or a mouse was used."""
    started = begin_session(installation.world, person, SessionTerms(access_minutes=10))
    ticket = AccessTokens(installation.settings.key).made(started, 10)
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.add_init_script(_WATCH_THE_MOUSE)
    page = context.new_page()
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(f"{served}/enter?ticket={ticket}")
    yield Desk(page, served, client)
    mouse = page.evaluate("sessionStorage.getItem('mouse')")
    context.close()
    assert (said, mouse) == ([], None)
