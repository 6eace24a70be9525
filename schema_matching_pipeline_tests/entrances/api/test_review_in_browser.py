"""The review desk in a real browser: a client's questions decided by keyboard alone, up to production."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Browser, Page, expect

from schema_matching_pipeline.entrances.api.auth.tokens import AccessTokens
from schema_matching_pipeline.entrances.orchestration.launch import carry_on
from schema_matching_pipeline.model.access import Actor, SessionTerms
from schema_matching_pipeline.model.canonical import RiskClass
from schema_matching_pipeline.model.review import ItemKind, ItemState, ReviewItem
from schema_matching_pipeline.workflows.list_review import show_item
from schema_matching_pipeline.workflows.log_in import begin_session
from schema_matching_pipeline_tests.entrances.api.test_review_page import DAYS, MEDICATIONS
from schema_matching_pipeline_tests.entrances.dagster.installation import PATIENTS, Installation

NUMBERS = tuple(str(number) for number in range(200, 240))
TABLES = {
    # Ten patients without a first name, which every patient must have: a person, and then another, lives with that.
    "patients": {**PATIENTS, "first_name": (*("",) * 10, *PATIENTS["first_name"][10:])},
    "medications": MEDICATIONS,
    "immunizations": {
        "immunization_id": NUMBERS,
        "patient_id": PATIENTS["patient_id"],
        "given_on": DAYS,
        "vaccine": ("Influenza", "Tetanus", "Mumps", "Polio") * 10,
        "remark_old": ("",) * 40,
    },
    "claim_lines": {
        "line_id": NUMBERS,
        "patient_id": PATIENTS["patient_id"],
        "proc": ("99213", "99214") * 20,
        "descr": ("visit", "visit long") * 20,
        "units": ("1", "2") * 20,
        "charge": ("10.50", "20.10") * 20,
        "day_of_service": DAYS,
    },
}


@dataclass(frozen=True)
class Desk:
    """The desk of one person in a browser of his own."""

    page: Page
    served: str
    client: str

    def open(self, query: str = "") -> None:
        """Goes to the client's queue."""
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
        for key in keys[:-1]:
            self.page.keyboard.press(key)
        with self.page.expect_response(lambda answer: answer.request.method == "POST") as told:
            self.page.keyboard.press(keys[-1])
        assert told.value.status == status, told.value.text()
        expect(self.page.locator("body")).not_to_have_class("deciding")


@contextmanager
def at_the_desk(
    browser: Browser, installation: Installation, served: str, person: Actor, client: str
) -> Iterator[Desk]:
    started = begin_session(installation.world, person, SessionTerms(access_minutes=10))
    ticket = AccessTokens(installation.settings.key).made(started, 10)
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(f"{served}/enter?ticket={ticket}")
    yield Desk(page, served, client)
    context.close()
    assert said == []


def test_a_client_comes_into_production_by_keyboard_and_four_eyes(browser, installation, served, tmp_path):
    tenant = installation.alone("keys")
    client = tenant.add_client("keys", **TABLES)
    tenant.propose(client)
    with (
        at_the_desk(browser, installation, served, tenant.steward, client) as mine,
        at_the_desk(browser, installation, served, tenant.second, client) as other,
    ):
        together = decide_together(tenant, mine)
        mine.open()
        mine.page.screenshot(path=tmp_path / "desk.png")
        be_second(tenant, mine, other)
        decide_one_by_one(tenant, mine)
        live_with_what_failed(tenant, mine, other)
        publish(tenant, mine)
    assert tenant.published(client) > together


def decide_together(tenant: Installation, desk: Desk) -> int:
    """Many at once are shown, decided, taken back as a whole, and made again; how many they are."""
    asked = tenant.items(desk.client)
    every, plain = ({item.id for item in some} for some in (asked, filter(is_plain, asked)))
    desk.open("&kind=mapping")
    desk.page.keyboard.press("b")
    desk.page.locator("#bulk select[name=at_least]").press("End")  # any confidence
    expect(desk.page.locator(".bulk-count")).not_to_contain_text("confidence")
    sent = desk.page.locator("#bulk-body input[name=items]").input_value().split(",")
    meant = {each.partition(":")[0] for each in sent}
    assert meant <= plain
    assert len(meant) >= 10
    desk.page.locator("#bulk-go").focus()
    for key, left in (("Enter", every - meant), ("u", every), ("U", every - meant)):
        desk.decide(key)
        assert waiting_of(tenant, desk.client) == left
    return len(meant)


def be_second(tenant: Installation, mine: Desk, other: Desk) -> None:
    """What another person decided first is told, and nothing is overwritten."""
    contested = next(item.id for item in tenant.items(mine.client) if item.ref.column == "remark_old")
    mine.show(contested)
    other.show(contested)
    other.decide("0", "2")
    mine.decide(*keys_for(tenant, contested), status=409)
    expect(mine.page.locator("#said")).to_contain_text("test:second said unmap")
    expect(mine.page.locator("#item")).to_have_attribute("data-open", "no")
    assert [act.who for act in show_item(tenant.world, tenant.steward, contested).history] == ["test:second"]
    mine.open()


def decide_one_by_one(tenant: Installation, desk: Desk) -> None:
    """Whatever comes next is answered, until nothing is left but what waits for another person."""
    while any(item.state is ItemState.OPEN for item in tenant.items(desk.client)):
        if desk.page.locator("#approve").count():
            desk.decide(*keys_for(tenant, desk.item))
        else:
            desk.page.keyboard.press("j")


def live_with_what_failed(tenant: Installation, mine: Desk, other: Desk) -> None:
    """What fails for a critical field takes two people to live with; the data are asked again about what was decided."""
    (doubt,) = tenant.items(mine.client)
    assert (doubt.state, doubt.required_approvals) == (ItemState.AWAITING_SECOND, 2)
    mine.show(doubt.id)
    expect(mine.page.locator("#approve")).to_have_count(0)
    assert not tenant.gate(mine.client).review_open
    other.show(doubt.id)
    other.decide("a", "1")
    carry_on(tenant.settings, tenant.world, mine.client)
    mine.open()
    decide_one_by_one(tenant, mine)
    assert tenant.gate(mine.client).review_open


def publish(tenant: Installation, desk: Desk) -> None:
    """Nothing is published before the final approval, and by itself after it."""
    carry_on(tenant.settings, tenant.world, desk.client)
    assert tenant.published(desk.client) == 0
    desk.page.on("dialog", lambda dialog: dialog.accept())
    desk.page.goto(f"{desk.served}/clients/{desk.client}")
    desk.page.get_by_role("button", name="Approve version").focus()
    with desk.page.expect_response(lambda answer: answer.request.method == "POST"):
        desk.page.keyboard.press("Enter")
    carry_on(tenant.settings, tenant.world, desk.client)


def is_plain(item: ReviewItem) -> bool:
    """Whether it may be decided together with others."""
    return item.kind is ItemKind.MAPPING and item.risk_class is not RiskClass.CRITICAL


def waiting_of(tenant: Installation, client: str) -> set[str]:
    return {item.id for item in tenant.items(client)}


def keys_for(tenant: Installation, item: str) -> tuple[str, ...]:
    """The keys that answer an item: a flagged column is left out, a suggestion approved, a failed check lived with."""
    found = show_item(tenant.world, tenant.steward, item).item
    if found.kind is ItemKind.VALIDATION:
        return ("a", "1")
    if found.target is None and found.kind is not ItemKind.QUALITY:
        return ("0", "1")
    return ("a", "Enter") if found.risk_class is RiskClass.CRITICAL else ("a",)


def test_without_a_connection_nothing_can_be_decided(browser, installation, served, waiting):
    with at_the_desk(browser, installation, served, installation.steward, waiting) as desk:
        desk.open()
        before = len(installation.items(waiting))
        desk.page.context.set_offline(True)
        expect(desk.page.locator("#offline")).to_be_visible()
        expect(desk.page.locator("#approve")).to_be_disabled()
        desk.page.keyboard.press("a")
        desk.page.keyboard.press("0")
        assert desk.page.locator("dialog[open]").count() == 0
        desk.page.context.set_offline(False)
        expect(desk.page.locator("#offline")).to_be_hidden()
        expect(desk.page.locator("#approve")).to_be_enabled()
        assert len(installation.items(waiting)) == before


def test_keys_are_letters_while_one_types_and_move_through_the_queue_otherwise(
    browser, installation, served, waiting
):
    with at_the_desk(browser, installation, served, installation.steward, waiting) as desk:
        desk.open("&kind=mapping")
        first = desk.item
        desk.page.keyboard.press("j")
        expect(desk.page.locator("#item")).not_to_have_attribute("data-item", first)
        assert f"/review/{desk.item}?client={waiting}" in desk.page.url
        desk.page.keyboard.press("/")
        desk.page.keyboard.type("birth d")
        expect(desk.page.locator("#fields input").first).to_have_value("patient.birth_date")
        desk.page.keyboard.press("Enter")
        expect(desk.page.locator("#approve")).to_contain_text("Map to patient.birth_date")
        desk.page.keyboard.press("k")
        expect(desk.page.locator("#item")).to_have_attribute("data-item", first)
        desk.page.keyboard.press("?")
        expect(desk.page.locator("#keys")).to_be_visible()
