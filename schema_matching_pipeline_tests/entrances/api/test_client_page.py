"""The page of one client: what it says in every state, and what each role may do from there."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from schema_matching_pipeline.model.access import Role
from schema_matching_pipeline.model.pipeline import PipelineState
from schema_matching_pipeline.workflows.run_state import RunStamp, fail_at_start
from schema_matching_pipeline.workflows.show_client import show_client
from schema_matching_pipeline_tests.entrances.api.at_the_desk import at_the_desk
from schema_matching_pipeline_tests.entrances.api.test_pages import guard_of
from schema_matching_pipeline_tests.entrances.api.test_routes import asked_twice
from schema_matching_pipeline_tests.entrances.dagster.installation import PATIENTS


@pytest.fixture
def logged_in(http, people):
    def enter(role):
        http.cookies.clear()
        login, key = people[role]
        http.post("/login", data={"login": login, "password": key, "tenant": "default", "next": "/"})
        http.headers["X-CSRF-Token"] = guard_of(http.get("/"))
        return http

    return enter


@pytest.fixture(scope="module")
def approvable(installation):
    """A client that waits for nothing but the final approval."""
    client = installation.add_client("approvable")
    installation.propose(client)
    installation.clear_queue(client)
    return client


def test_a_client_that_never_ran_is_started_from_its_page_by_who_may(logged_in, installation):
    client = installation.add_client("unbegun")
    browser = logged_in(Role.STEWARD)
    page = browser.get(f"/clients/{client}").text
    assert "Nothing has run yet." in page
    assert f'hx-post="/clients/{client}/start"' not in page
    assert browser.post(f"/clients/{client}/start").status_code == 403
    browser = logged_in(Role.ENGINEER)
    assert f'hx-post="/clients/{client}/start"' in browser.get(f"/clients/{client}").text
    assert browser.post(f"/clients/{client}/start").headers["HX-Refresh"] == "true"
    page = browser.get(f"/clients/{client}").text
    assert "<b>Asked for</b> by a-engineer" in page
    assert "start it with <code>smp up</code>" in page
    assert browser.post(f"/clients/{client}/start").status_code == 409
    assert logged_in(Role.STEWARD).post(f"/clients/{client}/cancel").status_code == 403
    browser = logged_in(Role.ENGINEER)
    assert f'hx-post="/clients/{client}/cancel"' in browser.get(f"/clients/{client}").text
    assert browser.post(f"/clients/{client}/cancel").headers["HX-Refresh"] == "true"
    assert "It was cancelled.</b> Cancelled by a-engineer." in browser.get(f"/clients/{client}").text


def test_a_client_that_waits_says_what_holds_it_and_who_may_decide(logged_in, waiting, installation):
    page = logged_in(Role.VIEWER).get(f"/clients/{waiting}").text
    items = installation.items(waiting)
    assert f"{len(items)} items wait" in page
    assert "patients.old_remark" in page
    assert "a steward or an admin" in page
    assert "Why it is not in production" in page
    assert '<span class="check amber"><span class="unseen">waiting</span></span>' in page
    assert "Approve version" not in page
    assert f'Decide them: <a href="/review?client={waiting}">in the queue</a>.' in page
    assert "<code>smp " not in page.partition("<h2>Checks</h2>")[2]


def test_what_takes_two_people_is_told_apart(logged_in, installation):
    client = installation.add_client("two-people")
    installation.propose(client)
    asked_twice(installation, installation.items(client)[0].id)
    page = logged_in(Role.STEWARD).get(f"/clients/{client}").text
    assert page.count("2 different people, each a steward or an admin") == 1
    assert "<td>a steward or an admin</td>" in page


def test_a_version_is_approved_by_who_may_and_once(logged_in, approvable, installation):
    page = logged_in(Role.ENGINEER).get(f"/clients/{approvable}").text
    assert "it waits for the final approval.</b> A steward or an admin gives it." in page
    assert "Approve version" not in page
    assert (
        logged_in(Role.ENGINEER).post(f"/clients/{approvable}/approve", data={"version": 1}).status_code
        == 403
    )
    browser = logged_in(Role.STEWARD)
    assert (
        f"Approve version {installation.gate(approvable).version}"
        in browser.get(f"/clients/{approvable}").text
    )
    shown = installation.gate(approvable).version
    refused = browser.post(f"/clients/{approvable}/refuse", data={"version": shown, "reason": " "})
    assert refused.status_code == 422
    for word in ("approve", "refuse"):
        stale = browser.post(
            f"/clients/{approvable}/{word}", data={"version": shown + 1, "reason": "I saw another one."}
        )
        assert stale.status_code == 409
        assert "is not the newest one as it stands" in stale.text
    assert installation.gate(approvable).approved is False
    browser.post(f"/clients/{approvable}/refuse", data={"version": shown, "reason": "The totals look odd."})
    assert "was refused by a-steward: The totals look odd." in browser.get(f"/clients/{approvable}").text
    assert installation.gate(approvable).approved is False
    browser.post(
        f"/clients/{approvable}/approve", data={"version": shown, "reason": "They were right after all."}
    )
    assert installation.gate(approvable).approved is True
    assert "Approve version" not in browser.get(f"/clients/{approvable}").text


def test_the_final_approval_says_what_goes_into_production(browser, installation, served, pictures):
    tenant = installation.alone("going")
    client = tenant.add_client("going")
    tenant.propose(client)
    tenant.clear_queue(client)
    counted = dict(show_client(tenant.world, tenant.steward, client).dispositions)
    with at_the_desk(browser, installation, served, tenant.steward, client) as desk:
        desk.page.goto(f"{served}/clients/{client}")
        expect(desk.page.locator("#ask-approve")).to_be_hidden()
        desk.reach("Approve version")
        desk.press("Enter")
        dialog = desk.page.locator("#ask-approve")
        mapped = counted.get("auto_accepted", 0) + counted["approved"]
        expect(dialog.locator("#goes")).to_have_text(
            f"{mapped} of {len(PATIENTS)} columns mapped, {mapped} fields filled."
        )
        expect(dialog.locator("#approve-go")).to_be_focused()
        desk.keep(pictures, "final-approval")
        desk.press("Escape")
        expect(dialog).to_be_hidden()
        assert tenant.gate(client).approved is False
        desk.press("Enter")  # the button that opened it has the focus again
        desk.press("Enter")
        expect(desk.page.locator("#next-step")).to_contain_text("is approved: publishing …")
        expect(desk.page.locator("h1 .state")).to_have_text("publishing …")
        desk.keep(pictures, "publishing")
    assert tenant.gate(client).approved is True


def test_who_would_put_nothing_into_production_is_told(browser, installation, served, pictures):
    tenant = installation.alone("nothing")
    client = tenant.add_client("nothing", notes=dict.fromkeys(("old_a", "old_b"), ("",) * 40))
    tenant.propose(client)
    tenant.clear_queue(client)
    with at_the_desk(browser, installation, served, tenant.steward, client) as desk:
        desk.page.goto(f"{served}/clients/{client}")
        desk.reach("Approve version")
        desk.press("Enter")
        dialog = desk.page.locator("#ask-approve")
        expect(dialog).to_contain_text("Nothing would be loaded: no column is mapped to a field.")
        expect(dialog.locator("[data-close]")).to_be_focused()
        desk.page.set_viewport_size({"width": 800, "height": 800})
        desk.keep(pictures, "nothing-goes")


def test_an_approval_that_comes_too_early_names_what_waits(logged_in, waiting):
    answer = logged_in(Role.STEWARD).post(
        f"/clients/{waiting}/approve", data={"version": 1}, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 409
    assert answer.text.startswith('<div class="warning" role="alert">')
    assert "patients.old_remark" in answer.text


def test_a_run_that_failed_says_why_and_goes_on(logged_in, installation):
    client = installation.add_client("broken")
    message = "Source broken does not answer: <port> 5432 is closed."
    fail_at_start(installation.world, client, "SOURCE_UNREACHABLE", message, RunStamp())
    browser = logged_in(Role.ENGINEER)
    page = browser.get(f"/clients/{client}").text
    assert "Source broken does not answer: &lt;port&gt; 5432 is closed." in page
    run = installation.run(client)
    assert f'name="run_id" value="{run.id}"' in page
    assert browser.post(f"/clients/{client}/resume", data={"run_id": run.id}).headers["HX-Refresh"] == "true"
    assert "<b>Asked for</b>" in browser.get(f"/clients/{client}").text


def test_a_client_is_put_to_rest_and_brought_back(logged_in, installation):
    client = installation.add_client("resting")
    browser = logged_in(Role.ENGINEER)
    browser.post(f"/clients/{client}/rest", data={"active": "false"})
    page = browser.get(f"/clients/{client}").text
    assert "<b>At rest.</b>" in page
    assert f'hx-post="/clients/{client}/start"' not in page
    browser.post(f"/clients/{client}/rest", data={"active": "true"})
    assert "<b>At rest.</b>" not in browser.get(f"/clients/{client}").text


def test_a_published_version_is_told_with_who_approved_it(logged_in, installation):
    client = installation.add_client("published")
    installation.propose(client)
    installation.clear_queue(client)
    installation.approve(client)
    installation.clear_queue(client)
    assert installation.run(client).state is PipelineState.COMPLETED
    page = logged_in(Role.VIEWER).get(f"/clients/{client}").text
    assert "is in production.</b> Since" in page
    assert "approved by test:steward" in page


def test_the_page_leads_to_the_run_and_its_assets_in_dagster(logged_in, waiting, installation):
    page = logged_in(Role.VIEWER).get(f"/clients/{waiting}").text
    place = f"http://127.0.0.1:{installation.settings.webserver_port}"
    assert f'href="{place}/runs/{installation.run(waiting).dagster_run_id}"' in page
    assert f'href="{place}/assets/mappings?view=checks&amp;checkDetail=mapping_threshold"' in page
