"""A person's way through the moments of a cut, in a real browser with a real film."""

import csv

import opentimelineio as otio
import pytest
from playwright.sync_api import expect

from tests.browser.steps import ANALYSIS_TIMEOUT_MS, add_cut, download, expect_words_only
from tests.films import make_tone, paint_shots, write_film

FILM_S = 12.4
SUBTITLES = "1\n00:00:01,000 --> 00:00:03,000\nRun! They are right behind us!\n\n"


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    path = tmp_path_factory.mktemp("films") / "moments.mp4"
    return write_film(path, pictures=paint_shots(FILM_S, shot_s=2.0), sound=make_tone(FILM_S))


def test_moments_are_ranked_previewed_questioned_and_kept_from_spoilers(page, film, library):
    add_cut(page, film, subtitles=SUBTITLES, title="Six shots")
    expect(page.get_by_role("button", name="Open")).to_be_enabled(timeout=ANALYSIS_TIMEOUT_MS)
    page.get_by_role("link", name="Moments").click()
    moments = page.get_by_test_id("moment")
    expect(moments.first).to_be_visible()
    table = list(csv.DictReader(download(page, "Moments as CSV").splitlines()))
    expect(moments).to_have_count(len(table))
    expect(moments.first.locator(".head .span")).to_contain_text(table[0]["start_timecode"])

    # They are handed off as a string-out.
    page.get_by_role("button", name="Hand off").click()
    timeline = otio.adapters.read_from_string(download(page, "OpenTimelineIO"), "otio_json")
    assert len(list(timeline.video_tracks()[0].find_clips())) == len(table)
    page.keyboard.press("Escape")

    # The picture under the pointer plays its own moment.
    second = moments.nth(1)
    second.locator(".screen").hover()
    video = page.locator("video.preview")
    expect(video).to_be_visible()
    position_s = video.evaluate("video => video.currentTime")
    assert float(table[1]["start_s"]) - 0.1 <= position_s <= float(table[1]["end_s"]) + 0.3
    assert second.locator(".strip img").first.evaluate("picture => picture.naturalWidth") > 0
    page.mouse.move(5, 5)
    expect(video).to_be_hidden()

    # Any second says why it is in a moment, or why not.
    chart = page.locator(".st-key-moments-map .marks").bounding_box()
    page.mouse.click(chart["x"] + chart["width"] / 2, chart["y"] + 40)
    expect(page.locator(".st-key-explanation")).to_contain_text("moment")

    # What a person decides is kept.
    cut = library.list_cuts()[0]
    page.get_by_text("What must not be shown").click()
    page.get_by_role("button", name="Keep these zones").scroll_into_view_if_needed()
    expect(page.get_by_text("Placed by where trailers rarely look")).to_be_visible()
    page.get_by_text("What counts").click()
    page.get_by_role("slider", name="Tension peak").press("ArrowRight")
    expect(page.get_by_role("button", name="Back to the standard")).to_be_visible()
    assert library.decisions.load_choices(cut.id).weights.tension_peak == pytest.approx(1.1)
    page.reload()
    page.get_by_text("What counts").click()
    expect(page.get_by_role("slider", name="Tension peak")).to_have_value("1.1")
    expect_words_only(page)
