"""A walk through the portal in a real browser, over a real server and a real deployment."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

import hendrix as hx
from hendrix.session import connect

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests_support import Server

pytestmark = pytest.mark.browser

DEPLOYMENT = "/deployment/delay"


def test_home_tells_in_sentences_what_happened_and_links_to_it(page: Page) -> None:
    page.goto("/")
    main = page.get_by_role("main")
    expect(main.get_by_text("deployed delay")).to_be_visible()
    expect(main.get_by_text("promoted delay v1 to champion")).to_be_visible()
    expect(main.get_by_text("ValueError: no such column: seats")).to_be_visible()
    main.get_by_role("link", name="flights v1").first.click()
    expect(page).to_have_url(re.compile(r"/dataset/flights@1$"))
    expect(page.get_by_role("heading", name="flights v1")).to_be_visible()


def test_keys_lead_to_a_room_and_move_in_its_list(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_role("heading", name="What happened lately")).to_be_visible()
    page.keyboard.press("g")
    page.keyboard.press("r")
    expect(page.get_by_role("row").nth(1)).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("o")
    panel = page.get_by_role("complementary", name="Details")
    expect(panel.get_by_role("heading", name="broken")).to_be_visible()
    page.keyboard.press("Escape")
    expect(panel).not_to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog").get_by_text("Go to Runs")).to_be_visible()


def test_the_list_of_runs_is_filtered_by_the_server_and_kept_in_the_address(page: Page) -> None:
    page.goto("/runs")
    page.get_by_role("button", name="State").click()
    page.get_by_role("menuitem", name="Failed").click()
    expect(page).to_have_url(re.compile("state=failed"))
    expect(page.get_by_role("row")).to_have_count(2)
    page.reload()
    expect(page.get_by_role("link", name="broken")).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("nothing is called so")
    expect(page.get_by_text("No runs match.")).to_be_visible()
    page.get_by_role("button", name="Clear the filters").click()
    expect(page.get_by_role("link", name="boosting")).to_be_visible()


def test_a_run_shows_its_figures_and_draws_its_charts(page: Page) -> None:
    page.goto("/runs")
    page.get_by_role("link", name="boosting").click()
    expect(page.get_by_text("learning_rate")).to_be_visible()
    page.get_by_role("tab", name=re.compile("^Charts")).click()
    chart = page.get_by_role("figure").filter(has_text="train/loss")
    expect(chart.locator("canvas")).to_be_visible()
    box = chart.locator(".u-over").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 40, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 160, box["y"] + 40, steps=4)
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"first=\d+&last=\d+"))
    page.get_by_role("button", name="Figures of train/loss").click()
    expect(page.get_by_role("region", name="Figures of train/loss").get_by_role("row").nth(3)).to_be_visible()


def test_a_failed_run_says_why_it_ended(page: Page) -> None:
    page.goto("/runs?state=failed")
    page.get_by_role("link", name="broken").click()
    expect(page.get_by_role("region", name="Why it ended")).to_contain_text("no such column: seats")


def test_an_evaluation_shows_metrics_slices_and_calibration(page: Page) -> None:
    page.goto("/evaluations?q=delay")
    page.get_by_role("link", name="delay@1").click()
    expect(page.get_by_role("heading", name="All rows, with 95% intervals")).to_be_visible()
    expect(page.get_by_role("img", name=re.compile("^Calibration"))).to_be_visible()
    expect(page.get_by_role("cell", name="origin = JFK")).to_be_visible()


def test_a_deployment_shows_live_numbers_and_how_to_ask_it(page: Page, portal: Server) -> None:
    page.goto(DEPLOYMENT)
    expect(page.get_by_text("Serving", exact=True).first).to_be_visible()
    expect(page.get_by_text("/invocations")).to_be_visible()
    requests = page.locator("dl > div").filter(has=page.locator("dt", has_text=re.compile("^Requests$"))).last
    before = int(requests.locator("dd").inner_text().replace(",", ""))
    assert before >= 20
    connect(home=str(portal.home.root))
    hx.deployment("delay").predict({"carrier": ["UA"], "distance": [500.0]})
    expect(requests.locator("dd")).to_have_text(str(before + 1))


def test_lineage_leads_from_a_deployment_back_to_the_raw_files(page: Page) -> None:
    page.goto(f"{DEPLOYMENT}?tab=lineage")
    graph = page.get_by_label("Lineage graph")
    for name in ("flights v1", "carrier_delays v1", "boosting", "delay v1"):
        expect(graph.get_by_role("link", name=name)).to_be_visible()
    assert page.locator(".react-flow__edge").count() >= 4
    graph.get_by_role("link", name="flights v1").click()
    expect(page.get_by_role("cell", name=re.compile(r"flights\.parquet$"))).to_be_visible()


def test_the_outline_of_lineage_serves_the_keyboard(page: Page) -> None:
    page.goto(f"{DEPLOYMENT}?tab=lineage&depth=1")
    outline = page.get_by_role("navigation", name="Lineage as a list")
    expect(outline.get_by_role("link", name="delay v1")).to_be_visible()
    expect(outline.get_by_role("link", name="boosting")).not_to_be_visible()
    outline.get_by_role("button", name="Show what lies around delay v1").press("Enter")
    expect(outline.get_by_role("link", name="boosting")).to_be_visible()


def test_one_box_finds_anything(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_role("heading", name="What happened lately")).to_be_visible()
    page.keyboard.press("Control+k")
    page.keyboard.type("carrier_del")
    expect(page.get_by_role("option", name=re.compile("carrier_delays")).first).to_be_visible()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/feature_view/carrier_delays$"))


def test_what_is_not_there_is_a_page_of_help(page: Page) -> None:
    page.goto("/model/dely")
    expect(page.get_by_role("alert")).to_contain_text("Did you mean 'delay'?")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()


def test_a_run_that_starts_elsewhere_appears_by_itself(page: Page, portal: Server) -> None:
    page.goto("/")
    expect(page.get_by_role("status").filter(has_text="Live")).to_be_visible()
    connect(home=str(portal.home.root))
    with hx.run("started elsewhere", project="delay") as run:
        expect(page.get_by_role("link", name="started elsewhere").first).to_be_visible()
        run.log(loss=0.5)
    expect(page.get_by_text("run started elsewhere finished")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_light_and_dark_follow_the_system(page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    page.goto("/runs")
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", scheme)
    brightness = page.evaluate("Number(getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0])")
    assert (brightness > 127) == (scheme == "light")
