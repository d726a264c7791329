"""A person's way through what an edit did, in a real browser, with the demo film and its second cut."""

import csv
import io
import json
import re
from pathlib import Path

import opentimelineio as otio
import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import ANALYSIS_TIMEOUT_MS, add_cut, download, expect_words_only

ASSETS = Path(__file__).resolve().parents[2] / "assets"
TRUTH = json.loads((ASSETS / "demo_alternate.json").read_text(encoding="utf-8"))
EDGES = ("a_start_s", "a_end_s", "b_start_s", "b_end_s")
CLOSE_S = {"sound": 0.25}
"""How far off an edge may be: two frames and a bit; of sound, whose changes fade, a quarter of a second."""

COMPARE_TIMEOUT_MS = 60_000


def read_instants(page: Page) -> list[float]:
    """Where both films stand, seconds of their own clocks."""
    return page.locator("video").evaluate_all("videos => videos.map((video) => video.currentTime)")


def expect_instants(page: Page, a_s: float, b_s: float) -> None:
    """Wait until both films stand at an instant each."""
    wanted = pytest.approx([a_s, b_s], abs=0.06)
    for _ in range(50):
        if read_instants(page) == wanted:
            return
        page.wait_for_timeout(100)
    assert read_instants(page) == wanted


def take(page: Page, name: str) -> str:
    page.get_by_role("button", name="Download", exact=True).click()
    text = download(page, name)
    page.keyboard.press("Escape")
    return text


def test_the_edits_between_two_cuts_are_found_seen_and_taken_away(page, library):
    for name, title in (("demo", "Two Small Shapes"), ("demo_alternate", "Second cut")):
        lines = (ASSETS / f"{name}.srt").read_text(encoding="utf-8")
        add_cut(page, ASSETS / f"{name}.mp4", subtitles=lines, title=title)
        row = page.locator("[class*='st-key-cut-']", has_text=title)
        expect(row.get_by_role("button", name="Open")).to_be_enabled(timeout=ANALYSIS_TIMEOUT_MS)
    page.get_by_role("link", name="Compare").click()
    page.get_by_role("combobox", name="A, the reference").click()
    page.get_by_role("option", name="Two Small Shapes").click()
    rows = page.locator(".changes .change")
    expect(rows).to_have_count(len(TRUTH["edits"]), timeout=COMPARE_TIMEOUT_MS)
    expect(page.locator(".side .title")).to_have_text(["Two Small Shapes", "Second cut"])

    # The known edits are found, where they are, and are said.
    found = list(csv.DictReader(io.StringIO(take(page, "Changes as CSV"))))
    assert [change["kind"] for change in found] == [edit["kind"] for edit in TRUTH["edits"]]
    for change, edit in zip(found, TRUTH["edits"], strict=True):
        edges = [float(change[edge]) for edge in EDGES]
        assert edges == pytest.approx([edit[edge] for edge in EDGES], abs=CLOSE_S.get(edit["kind"], 2.5 / 24)), edit
    expect(page.get_by_text("2 removed, 1 moved, 1 retimed, 1 with another sound")).to_be_visible()

    # A row shows both cuts at its change, and what one of them does not have is said.
    moved, removed = (
        next(i for i, edit in enumerate(TRUTH["edits"]) if edit["kind"] == kind) for kind in ("moved", "removed")
    )
    rows.nth(moved).click()
    expect(rows.nth(moved).locator(".levels")).to_be_visible()
    expect_instants(page, *(float(found[moved][edge]) for edge in ("a_start_s", "b_start_s")))
    rows.nth(removed).click()
    expect(page.get_by_text("Removed: B has nothing here")).to_be_visible()
    expect(page.locator(".now")).to_have_text("removed")

    # A ribbon is clicked on the chart; both films play on in step, each at its own pace.
    chart = page.locator(".st-key-compare-chart .marks")
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    middle_s = (TRUTH["edits"][-1]["a_start_s"] + TRUTH["edits"][-1]["a_end_s"]) / 2
    lane = ["removed", "moved", "retimed", "sound"].index("retimed")
    page.mouse.click(box["x"] + 72 + (box["width"] - 72 - 17) * middle_s / 90, box["y"] + 26 + 190 + 16 + 18 * lane + 6)
    expect(rows.last.locator(".levels")).to_be_visible()
    expect(page.locator(".now")).to_have_text("retimed")
    page.get_by_role("button", name="Play", exact=True).click()
    expect(page.locator(".pair .clock")).to_have_text(re.compile("0:01:1[0-9]"))
    page.get_by_role("button", name="Pause").click()
    page.wait_for_timeout(300)
    a_s, b_s = read_instants(page)
    assert a_s - b_s == pytest.approx(90 - TRUTH["duration_s"], abs=0.1)

    # The other cut at the same moment of the story, and back.
    page.locator(".pair").get_by_role("button", name="B", exact=True).click()
    expect(page.locator("[data-side=a] .screen")).to_be_hidden()
    page.locator("[data-side=b] .screen").click()
    expect(page.locator("[data-side=a] .screen")).to_be_visible()
    assert read_instants(page) == pytest.approx([a_s, b_s], abs=0.01)

    # The list shows what a person asks for, and an editor reads the list of changes.
    page.get_by_text("removed 2").click()
    expect(rows).to_have_count(2)
    timeline = otio.adapters.read_from_string(take(page, "Change list as OTIO"), "otio_json")
    assert sorted(marker.name for marker in timeline.tracks.markers) == sorted(edit["kind"] for edit in TRUTH["edits"])
    assert all(track.duration().value == TRUTH["frames"] for track in timeline.tracks)
    edl = otio.adapters.read_from_string(take(page, "Change list as EDL"), "cmx_3600", rate=24)
    assert edl.video_tracks()[0].duration().value == TRUTH["frames"]
    assert "data:image/jpeg" in take(page, "Report with pictures")
    expect_words_only(page)

    # Of one cut, passages say where it is flat and peaks, and move the film there.
    page.get_by_role("link", name="Curves").click()
    expect(page.locator(".player video")).to_have_js_property("readyState", 4)
    page.get_by_text("Passages", exact=True).click()
    peak = page.locator(".passages li", has_text="peak of").first
    peak.click()
    expect(page.locator(".player .clock")).not_to_have_text("0:00:00")
    position_s = page.locator(".player video").evaluate("video => video.currentTime")
    assert position_s == pytest.approx(float(peak.get_attribute("data-seek")), abs=0.05)
    expect_words_only(page)
