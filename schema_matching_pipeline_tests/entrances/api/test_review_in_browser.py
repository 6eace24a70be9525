"""The review desk in a real browser: what keys do, and what nobody can do without a connection."""

from __future__ import annotations

import re
from statistics import median

from playwright.sync_api import expect

from schema_matching_pipeline.model.canonical import RiskClass
from schema_matching_pipeline.model.review import Decision, DecisionKind, ItemState
from schema_matching_pipeline.model.rule import SplitPart
from schema_matching_pipeline.workflows.decide_review import decide_items
from schema_matching_pipeline.workflows.list_review import show_item
from schema_matching_pipeline.workflows.onboard_client import open_as
from schema_matching_pipeline_tests.entrances.api.at_the_desk import at_the_desk
from schema_matching_pipeline_tests.entrances.api.test_review_page import MEDICATIONS
from schema_matching_pipeline_tests.entrances.api.test_spot_checks import a_check
from schema_matching_pipeline_tests.entrances.dagster.installation import PATIENTS

SOON_MS, STEPS = 100, 8
# How long it takes from a key until another item is in the page, and drawn.
_TIMED = """
window.moved = [];
let pressed = 0, shown = "";
const looked = () => document.querySelector("#item")?.dataset.item ?? "";
addEventListener("keydown", () => { pressed = performance.now(); shown = looked(); }, true);
document.addEventListener("DOMContentLoaded", () => new MutationObserver(() => {
  if (!pressed || !shown || looked() === shown) return;
  const begun = pressed;
  pressed = 0;
  requestAnimationFrame(() => moved.push(performance.now() - begun));
}).observe(document.body, { childList: true, subtree: true }));
"""


def test_without_a_connection_nothing_can_be_decided(browser, installation, served, waiting):
    with at_the_desk(browser, installation, served, installation.steward, waiting) as desk:
        with desk.page.expect_response("**/events"):  # else the line may open after it was cut
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


def test_keys_are_letters_while_one_types_and_move_through_the_queue_otherwise(browser, installation, served):
    tenant = installation.alone("letters")
    client = tenant.add_client("letters", patients=PATIENTS, medications=MEDICATIONS)
    tenant.propose(client)
    with at_the_desk(browser, installation, served, tenant.steward, client) as desk:
        desk.open("&kind=mapping")
        first = desk.item
        desk.page.keyboard.press("j")
        expect(desk.page.locator("#item")).not_to_have_attribute("data-item", first)
        assert f"/review/{desk.item}?client={client}" in desk.page.url
        desk.page.keyboard.press("/")
        desk.page.keyboard.type("birth d")
        expect(desk.page.locator("#fields input").first).to_have_value("patient.birth_date")
        desk.page.keyboard.press("Enter")
        expect(desk.page.locator("#approve")).to_contain_text("Map to patient.birth_date")
        desk.page.keyboard.press("k")
        expect(desk.page.locator("#item")).to_have_attribute("data-item", first)
        desk.page.keyboard.press("?")
        expect(desk.page.locator("#keys")).to_be_visible()


def test_a_key_that_finds_nothing_to_do_says_so(browser, installation, served):
    tenant = installation.alone("idle")
    client = tenant.add_client("idle", patients=PATIENTS, medications=MEDICATIONS)
    tenant.propose(client)
    with at_the_desk(browser, installation, served, tenant.steward, client) as desk:
        desk.open("&kind=mapping")
        for key, said in (("u", "taken back"), ("U", "decided again"), ("9", "no candidate 9")):
            desk.page.keyboard.press(key)
            expect(desk.page.locator("#said")).to_contain_text(said)
        desk.page.keyboard.press("j")
        expect(desk.page.locator("#said")).to_be_empty()
        shown = desk.item
        tenant.decide_all(client)
        desk.show(shown)
        for key, said in (("a", "nothing to approve"), ("r", "nothing to reject"), ("0", "No field")):
            desk.page.keyboard.press(key)
            expect(desk.page.locator("#said")).to_contain_text(said)
            assert desk.page.locator("dialog[open]").count() == 0


def test_what_a_person_resized_is_no_style_of_a_page_when_another_item_comes(browser, installation, served):
    tenant = installation.alone("resized")
    client = tenant.add_client("resized", patients=PATIENTS, medications=MEDICATIONS)
    tenant.propose(client)
    with at_the_desk(browser, installation, served, tenant.steward, client) as desk:
        said: list[str] = []
        desk.page.on("console", lambda message: said.append(message.text))
        desk.open("&kind=mapping")
        first = desk.item
        desk.page.evaluate("document.querySelector('#reason').style.height = '40px'")
        desk.press("j")
        expect(desk.page.locator("#item")).not_to_have_attribute("data-item", first)
        assert said == []


def test_a_rule_is_edited_tried_and_taken_by_keyboard(browser, installation, served, pictures):
    tenant = installation.alone("ruling")
    client = tenant.add_client("ruling", patients=PATIENTS, medications=MEDICATIONS)
    tenant.propose(client)
    item = next(each for each in tenant.items(client) if each.ref.column == "drug")
    with at_the_desk(browser, installation, served, tenant.steward, client) as desk:
        desk.show(item.id)
        desk.press("e")
        rule = desk.page.locator("#rule")
        expect(rule.locator("#added")).to_be_focused()
        expect(rule.locator(".verdict")).to_contain_text("end in a value")
        desk.press("o", "Tab")  # the one step that begins so
        expect(rule.locator("#separator-0")).to_be_focused()
        desk.press("Control+a", "Delete", "Tab")
        expect(rule.locator(".mistake")).to_contain_text("at least 1 character")
        expect(rule.locator("#rule-go")).to_be_disabled()
        desk.press("Shift+Tab", "i", "Tab")
        expect(rule.locator(".verdict")).to_contain_text("end in a value")
        desk.press("Control+a", "2", "Tab")
        expect(rule.locator(".verdict")).to_contain_text("20 of 40 rows fail")
        desk.keep(pictures, "rule")
        desk.press("Shift+Tab", "Control+a", "1", "Tab")
        expect(rule.locator(".verdict")).to_contain_text("end in a value")
        desk.reach("Take this rule")
        desk.decide("Enter")
        expect(rule).to_be_hidden()
        expect(desk.page.locator("#last")).to_contain_text("medications.drug")
    (act,) = show_item(tenant.world, tenant.steward, item.id).history
    assert act.rule is not None
    assert act.rule.steps == (SplitPart(separator="i", part=1),)


def test_what_comes_next_is_there_at_once_and_gone_once_another_decided_it(
    browser, installation, served, record_property
):
    tenant = installation.alone("swift")
    client = tenant.add_client("swift", patients=PATIENTS, medications=MEDICATIONS)
    tenant.propose(client)
    with at_the_desk(browser, installation, served, tenant.steward, client) as desk:
        desk.page.add_init_script(_TIMED)
        desk.open()
        for key in ("j",) * STEPS + ("k",) * STEPS:
            desk.page.wait_for_timeout(300)  # a quick person looks no shorter
            desk.move(key)
        taken = sorted(desk.page.evaluate("moved"))
        item = show_item(tenant.world, tenant.steward, desk.item).item
        desk.move("j")
        decide_items(
            tenant.world,
            tenant.second,
            [Decision(item_id=item.id, kind=DecisionKind.UNMAP, reason="It is technical.")],
        )
        expect(desk.page.locator(f"#row-{item.id}")).to_have_count(0)
        desk.page.goto(f"{served}/review/{item.id}?client={client}")
        expect(desk.page.locator("#item")).to_have_attribute("data-open", "no")
    assert len(taken) == 2 * STEPS
    record_property("ms from a key to the next item, median", round(median(taken)))
    record_property("ms from a key to the next item, P95", round(taken[int(0.95 * (len(taken) - 1))]))
    assert median(taken) < SOON_MS


def test_what_is_skipped_comes_last_also_after_a_reload(browser, installation, served, waiting):
    with at_the_desk(browser, installation, served, installation.steward, waiting) as desk:
        desk.open()
        first = desk.item
        desk.decide("s")
        expect(desk.page.locator("#last")).to_contain_text("skipped")
        expect(desk.page.locator("#item")).not_to_have_attribute("data-item", first)
        last = desk.page.locator("#entries .entry").last
        expect(last).to_have_attribute("data-item", first)
        desk.page.reload()
        expect(last).to_have_attribute("data-item", first)
        expect(last).to_contain_text("skipped")


def test_the_key_takes_back_nothing_else_than_the_last_decision(browser, installation, served):
    tenant = installation.alone("lasting")
    client = tenant.add_client("lasting", patients=PATIENTS, medications=MEDICATIONS)
    tenant.propose(client)
    with open_as(tenant.world, tenant.steward) as unit:
        mapped = next(each for each in unit.mappings.current(client) if each.target)
        unit.spot_checks.draw(client, [a_check(mapped, unit.mappings.candidates(client, mapped.ref))])
        (asked,) = (line.item for line in unit.reviews.list(client=client).items if line.item.asks_blind)
    first = next(item for item in tenant.items(client) if item.ref.column == "drug" and not item.asks_blind)
    with at_the_desk(browser, installation, served, tenant.steward, client) as desk:
        desk.show(first.id)
        desk.decide("0", "1")
        while desk.item != asked.id:
            desk.move("j")
        desk.decide("1", "a")
        expect(desk.page.locator("#last")).to_contain_text("An answer to a spot check is not taken back.")
        desk.decide("u", status=403)
        expect(desk.page.locator("#said")).to_contain_text("its answer is not taken back")
        assert show_item(tenant.world, tenant.steward, first.id).item.state is ItemState.OVERRIDDEN
        desk.page.route("**/undo**", lambda route: route.abort())
        desk.press("u")
        expect(desk.page.locator("#said")).to_contain_text("The server does not answer.")
        desk.page.unroute("**/undo**")
        desk.decide("u")
        expect(desk.page.locator("#last")).to_contain_text("medications.drug: taken back.")
        expect(desk.page.locator("#item")).to_have_attribute("data-item", first.id)


def test_whoever_gives_a_column_a_critical_field_is_asked_whatever_the_column_was_taken_for(
    browser, installation, served, pictures
):
    tenant = installation.alone("minding")
    client = tenant.add_client("minding", patients=PATIENTS, medications=MEDICATIONS)
    tenant.propose(client)
    item = next(each for each in tenant.items(client) if each.ref.column == "drug")
    assert item.risk_class is not RiskClass.CRITICAL
    with at_the_desk(browser, installation, served, tenant.steward, client) as desk:
        desk.show(item.id)
        asked = desk.page.locator("#ask-critical")
        desk.press("/")
        desk.page.keyboard.type("patient.birth_date")
        expect(desk.page.locator("#fields input[value='patient.birth_date']")).to_be_visible()
        desk.press("ArrowDown", "Enter", "a")
        expect(asked).to_contain_text("This maps medications.drug to patient.birth_date.")
        expect(asked).to_contain_text(re.compile("unlikely: its values are .*; none reads as a date"))
        expect(asked.locator("#refrain")).to_be_focused()  # else whoever types on has saved it
        desk.press("Escape")
        expect(asked).to_be_hidden()
        assert show_item(tenant.world, tenant.steward, item.id).item.state is ItemState.OPEN
        desk.press("a")
        expect(asked).to_be_visible()
        desk.keep(pictures, "objection")
        desk.decide("Shift+Tab", "Enter")
    assert show_item(tenant.world, tenant.steward, item.id).item.state is ItemState.OVERRIDDEN


def test_a_field_that_another_search_takes_away_is_chosen_no_more(browser, installation, served):
    tenant = installation.alone("searching")
    client = tenant.add_client("searching", patients=PATIENTS, medications=MEDICATIONS)
    tenant.propose(client)
    item = next(each for each in tenant.items(client) if each.ref.column == "drug")
    with at_the_desk(browser, installation, served, tenant.steward, client) as desk:
        desk.show(item.id)
        word = desk.page.locator("#approve").inner_text()
        desk.press("/")
        desk.page.keyboard.type("name_prefix")
        expect(desk.page.locator("#fields input").first).to_have_value("patient.name_prefix")
        desk.press("Enter")
        expect(desk.page.locator("#approve")).to_contain_text("Map to patient.name_prefix")
        desk.press("/", "Escape")
        assert desk.page.locator("#approve").inner_text() == word
        assert desk.page.locator("#meaning").inner_text() == f"Approving maps {item.ref} to {item.target}."


def test_the_reason_of_another_field_is_in_sight_before_it_is_kept(browser, installation, served):
    tenant = installation.alone("reasons")
    client = tenant.add_client("reasons", patients=PATIENTS, medications=MEDICATIONS)
    tenant.propose(client)
    item = next(each for each in tenant.items(client) if each.ref.column == "drug")
    with at_the_desk(browser, installation, served, tenant.steward, client) as desk:
        desk.show(item.id)
        reason, told = desk.page.locator("#reason"), desk.page.locator("#reason-proposed")
        expect(told).to_be_hidden()
        desk.press("/")
        desk.page.keyboard.type("name_prefix")
        expect(desk.page.locator("#fields input").first).to_have_value("patient.name_prefix")
        desk.press("Enter")
        expect(reason).to_have_value(f"patient.name_prefix fits better than {item.target}.")
        expect(told).to_be_visible()
        desk.press("1")  # the suggestion, which needs none
        expect(reason).to_have_value("")
        desk.press("2")
        expect(reason).not_to_have_value("")
        reason.fill("I asked the clinic.")
        expect(told).to_be_hidden()
        desk.press("Escape", "1")
        expect(reason).to_have_value("I asked the clinic.")


def test_a_comment_that_was_not_sent_is_there_again_with_its_item(browser, installation, served):
    tenant = installation.alone("drafts")
    client = tenant.add_client("drafts", patients=PATIENTS, medications=MEDICATIONS)
    tenant.propose(client)
    with at_the_desk(browser, installation, served, tenant.steward, client) as desk:
        desk.open("&kind=mapping")
        first = desk.item
        comment = desk.page.locator("#marks textarea")
        desk.press("c")
        desk.page.keyboard.type("Ask the clinic first.")
        desk.press("Escape")
        expect(comment).to_be_hidden()
        expect(desk.page.locator(".mark.draft summary")).to_contain_text("Comment")
        desk.move("j")
        expect(comment).to_have_value("")
        expect(desk.page.locator(".mark.draft")).to_have_count(0)
        desk.move("k")
        desk.press("c")
        expect(comment).to_have_value("Ask the clinic first.")
        desk.press("Escape", "f")
        expect(desk.page.locator(".mark[open] summary")).to_contain_text("Flag")
        desk.press("Escape")
        expect(desk.page.locator(".mark[open]")).to_have_count(0)
        desk.press("c")
        desk.press("Control+Enter")
        expect(desk.page.locator("#marks .lines")).to_contain_text("Ask the clinic first.")
        expect(comment).to_have_value("")
        expect(desk.page.locator(".mark.draft")).to_have_count(0)
        desk.show(first)
        expect(comment).to_have_value("")
    assert [each.text for each in show_item(tenant.world, tenant.steward, first).comments] == [
        "Ask the clinic first."
    ]
