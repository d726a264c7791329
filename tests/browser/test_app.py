"""A person's way through the app, in a real browser with a real film."""

import csv
import dataclasses
import math
import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from pipeline.types import CURVES
from studio.ui.charts import LEFT_PX, RIGHT_PX, STRIP_PX, chart_html, place_strips
from studio.ui.hover import HOVERED_OPACITY, RESTING_OPACITY
from studio.ui.palette import LIGHT
from studio.ui.tidy import seconds_to_clock
from tests.analyses import make_analysis
from tests.browser.steps import ANALYSIS_TIMEOUT_MS, add_cut, expect_words_only
from tests.films import make_tone, paint_shots, write_film

NOTICE_TIMEOUT_MS = 6_000
"""Twice what a person waits, for a machine that is busy with other tests."""

FILM_S = 12.4
SUBTITLES = "1\n00:00:01,000 --> 00:00:03,000\nRun! They are right behind us!\n\n"
CHART = ".st-key-curves-chart .marks"


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """A short film whose name would trip up careless code."""
    path = tmp_path_factory.mktemp("films") / "Nacht & „Nebel“ 'v2'.mp4"
    return write_film(path, pictures=paint_shots(FILM_S, shot_s=2.0), sound=make_tone(FILM_S))


@pytest.fixture(scope="module")
def long_film(tmp_path_factory):
    """A film that keeps the worker busy for longer than a person needs to press Cancel."""
    path = tmp_path_factory.mktemp("films") / "long.mp4"
    return write_film(path, pictures=paint_shots(420, shot_s=4.0), sound=make_tone(420))


def click_chart(page: Page, share: float):
    """Click the chart at a share of its time axis, once the player has found it."""
    expect(page.get_by_test_id("playhead")).to_be_attached()
    box = page.locator(CHART).bounding_box()
    width = box["width"] - LEFT_PX - RIGHT_PX
    page.mouse.click(box["x"] + LEFT_PX + share * width, box["y"] + box["height"] / 3)


def expect_time(page: Page, seconds: float):
    """Expect the film, its clock and the playhead on the chart to stand at an instant."""
    expect(page.locator("output.clock")).to_have_text(re.compile(f"0:00:0?{int(seconds)}$"))
    assert page.locator("video").evaluate("video => video.currentTime") == pytest.approx(seconds, abs=0.2)
    chart, playhead = page.locator(CHART).bounding_box(), page.get_by_test_id("playhead").bounding_box()
    width = chart["width"] - LEFT_PX - RIGHT_PX
    assert playhead["x"] + 1 - chart["x"] - LEFT_PX == pytest.approx(seconds / FILM_S * width, abs=0.02 * width)


def clock_seconds(text: str) -> int:
    """Read the first clock in a text."""
    hours, minutes, seconds = map(int, re.search(r"(\d):(\d\d):(\d\d)", text).groups())
    return hours * 3600 + minutes * 60 + seconds


def test_a_film_goes_in_and_its_curves_come_out(page, film, tmp_path):
    expect(page.get_by_role("heading", name="Every film has a through-line.")).to_be_visible()
    add_cut(page, film, subtitles=SUBTITLES, title="Night & fog")
    expect(page.get_by_test_id("stProgress")).to_be_visible()
    page.get_by_role("button", name="Open").click(timeout=ANALYSIS_TIMEOUT_MS)
    expect(page.get_by_role("heading", name="Night & fog")).to_be_visible()
    expect(page.locator(CHART)).to_be_visible()
    expect(page.locator("video")).to_have_js_property("readyState", 4)
    expect_words_only(page)

    for share in (0.75, 0.1):
        click_chart(page, share)
        expect_time(page, share * FILM_S)
    expect(page.locator("p.line")).to_have_text("Run! They are right behind us!")

    box = page.locator(CHART).bounding_box()
    page.mouse.move(box["x"] + LEFT_PX + 5, box["y"] + 20)
    still = page.get_by_test_id("still")
    expect(still).to_be_visible()
    page.wait_for_function("() => document.querySelector('[data-testid=still] img').naturalHeight > 0")
    assert still.bounding_box()["y"] + still.bounding_box()["height"] <= box["y"] + 1
    page.mouse.move(5, 5)
    expect(still).to_be_hidden()

    page.locator("video").evaluate("video => { video.muted = true; return video.play(); }")
    expect(page.locator("output.clock")).to_have_text("0:00:03")
    page.locator("video").evaluate("video => video.pause()")

    with page.expect_download() as download:
        page.get_by_role("button", name="Curves as CSV").click()
    table = download.value.path().read_text(encoding="utf-8").splitlines()
    rows = list(csv.DictReader(table))
    assert len(rows) == math.ceil(FILM_S)
    for row in rows:
        assert 0 <= float(row["tension_low"]) <= float(row["tension"]) <= float(row["tension_high"]) <= 1

    page.reload()
    expect(page.get_by_role("heading", name="Night & fog")).to_be_visible()


def test_the_plot_lies_where_the_player_looks_for_it_whatever_is_drawn(page, address, library):
    analysis = make_analysis(30)
    library.save_analysis(analysis)
    page.goto(f"{address}/curves?cut={analysis.cut.cut_id}")
    for picked in ("tension", "valence", "joy", "relief"):
        if picked != "tension":
            page.get_by_test_id("stButtonGroup").get_by_role("button", name=picked).click()
        expect(page.locator(CHART).get_by_text(picked, exact=True)).to_be_visible()
        chart = page.locator(CHART).bounding_box()
        plot = page.locator(f"{CHART} .background").first.bounding_box()
        assert plot["x"] - chart["x"] == pytest.approx(LEFT_PX, abs=1)
        assert chart["x"] + chart["width"] - plot["x"] - plot["width"] == pytest.approx(RIGHT_PX, abs=1)


def hover_curve(page: Page, chart: str, analysis, names, name: str, second: int):
    """Move the pointer onto a curve, as it is drawn beside the others, in the middle of a second."""
    box = page.locator(chart).bounding_box()
    width = box["width"] - LEFT_PX - RIGHT_PX
    x = box["x"] + LEFT_PX + (second + 0.5) / float(analysis.cut.duration_s) * width
    value = float(analysis.curves.curve(name)[second])
    y = box["y"] + place_strips(names)["curves"] + (1 - value) * STRIP_PX["curves"]
    for step in (1, 0):  # A pointer that jumps into a chart has not moved over it yet.
        page.mouse.move(x + step, y)


def expect_band(page: Page, chart: str, shown: str, names, opacity: float):
    """Expect the band of one curve, and of no other."""
    for name in names:
        band = page.locator(f'{chart} .mark-area path[fill="{LIGHT.curves[name]}"][opacity="{opacity}"]')
        expect(band).to_have_count(int(name == shown))


def test_the_hovered_curve_shows_its_band_and_a_click_still_moves_the_film(page, address, library):
    analysis = make_analysis(30, seed=4)
    library.save_analysis(analysis)
    page.goto(f"{address}/curves?cut={analysis.cut.cut_id}")
    names = ["tension", "joy"]
    page.get_by_test_id("stButtonGroup").get_by_role("button", name="joy").click()
    expect(page.locator(CHART).get_by_text("joy", exact=True)).to_be_visible()
    expect_band(page, CHART, "tension", names, RESTING_OPACITY)
    for name, second in (("joy", 20), ("tension", 8)):
        hover_curve(page, CHART, analysis, names, name, second)
        expect_band(page, CHART, name, names, HOVERED_OPACITY)
        expect(page.locator("#vg-tooltip-element")).to_contain_text(f"{analysis.curves.curve(name)[second]:.2f}")
    page.mouse.down()
    page.mouse.up()
    expect(page.locator("output.clock")).to_have_text("0:00:08")
    page.mouse.move(2, 2)
    expect_band(page, CHART, "tension", names, RESTING_OPACITY)


def test_the_page_of_curves_hovers_without_the_app(browser, tmp_path):
    analysis = make_analysis(30, seed=4)
    path = tmp_path / "curves.html"
    path.write_text(chart_html(analysis), encoding="utf-8")
    page = browser.new_page(viewport={"width": 1280, "height": 1400})
    page.goto(path.as_uri())
    expect_band(page, "#feeling svg", "tension", CURVES[:3], RESTING_OPACITY)
    expect_band(page, "#emotions svg", "joy", CURVES[3:], RESTING_OPACITY)
    hover_curve(page, "#emotions svg", analysis, CURVES[3:], "relief", 12)
    expect_band(page, "#emotions svg", "relief", CURVES[3:], HOVERED_OPACITY)
    expect(page.locator("#vg-tooltip-element")).to_contain_text("0:00:12")
    page.close()


def test_a_part_of_a_long_film_has_the_same_clock_as_the_film(page, address, library):
    analysis = make_analysis(7300)
    library.save_analysis(analysis)
    page.goto(f"{address}/curves?cut={analysis.cut.cut_id}")
    start = page.get_by_role("slider").first
    start.focus()
    expect(page.get_by_test_id("playhead")).to_be_visible()
    page.keyboard.press("PageUp")
    expect(page.get_by_test_id("playhead")).to_be_hidden()  # The film stands at its beginning, which is not shown.
    start_s = clock_seconds(start.get_attribute("aria-valuetext"))
    assert start_s > 0
    click_chart(page, 0)
    expect(page.get_by_test_id("playhead")).to_be_visible()
    assert clock_seconds(page.locator("output.clock").inner_text()) == pytest.approx(start_s, abs=5)


def test_a_click_on_the_chart_tells_why_the_curve_stands_there(page, address, library):
    analysis = make_analysis(120, title="Why")
    library.save_analysis(analysis)
    page.goto(f"{address}/curves?cut={analysis.cut.cut_id}")
    reasons = page.get_by_role("region", name="Reasons")
    highest = int(analysis.curves.curve("tension").argmax())
    expect(reasons).to_contain_text(f"at {analysis.cut.timecode(highest)}, its highest")
    for share in (0.2, 0.7):
        click_chart(page, share)
        second = clock_seconds(page.locator("output.clock").inner_text())
        expect(reasons).to_contain_text(f"at {analysis.cut.timecode(second)}")
    page.get_by_role("button", name="joy", exact=True).click()
    page.get_by_role("button", name="tension", exact=True).click()
    expect(reasons).to_contain_text("Why joy is")
    expect(reasons).to_contain_text(f"at {analysis.cut.timecode(second)}")  # The second stays.
    # What is noted lies at the second that was clicked, and leads back to it.
    expect(page.get_by_label("Timecode", exact=True)).to_have_value(analysis.cut.timecode(second))
    page.get_by_label("Note", exact=True).fill("Dead <air>")
    page.get_by_role("button", name="Note it").click()
    row = page.get_by_role("region", name="Notes").locator("li")
    expect(row).to_contain_text("Dead <air>")
    click_chart(page, 0.2)
    assert clock_seconds(page.locator("output.clock").inner_text()) != second
    row.click()
    expect(page.locator("output.clock")).to_have_text(seconds_to_clock(second))
    expect_words_only(page)


def test_two_hours_without_their_film_still_tell_one_time_on_chart_and_clock(page, address, library):
    analysis = make_analysis(7300, title="The long assembly")
    library.save_analysis(analysis)
    page.goto(f"{address}/curves?cut={analysis.cut.cut_id}")
    expect(page.locator(f"canvas{CHART.split()[1]}")).to_be_visible()  # So many marks are painted, not drawn as SVG.
    expect(page.get_by_text("This film cannot be played here")).to_be_visible()
    for share in (0.2, 0.9):
        click_chart(page, share)
        assert clock_seconds(page.locator("output.clock").inner_text()) == pytest.approx(share * 7300, abs=2)
        told = page.locator("#vg-tooltip-element").inner_text()
        assert clock_seconds(told) == pytest.approx(share * 7300, abs=10)


def test_a_second_tab_sees_the_running_job_and_can_cancel_it(page, long_film):
    add_cut(page, long_film, title="The long one")
    expect(page.get_by_test_id("stProgress")).to_contain_text("The long one")
    page.reload()
    expect(page.get_by_test_id("stProgress")).to_contain_text("The long one")
    tab = page.context.new_page()
    tab.goto(page.url)
    expect(tab.get_by_test_id("stProgress")).to_contain_text("The long one")
    tab.get_by_role("button", name="Cancel").click()
    for view in (tab, page):
        expect(view.get_by_test_id("stProgress")).to_have_count(0, timeout=ANALYSIS_TIMEOUT_MS)
        expect(view.get_by_text("The long one")).to_have_count(0, timeout=ANALYSIS_TIMEOUT_MS)
        expect_words_only(view)


def test_an_open_tab_notices_what_others_begin_and_end(page, film, library):
    expect(page.get_by_role("heading", name="Every film has a through-line.")).to_be_visible()
    page.get_by_label("Choose films and subtitles").set_input_files(film)
    page.get_by_label("What to call it").fill("half typed")
    job = library.jobs.add_job(Path("/films/elsewhere.mp4"), "From elsewhere")
    library.jobs.start_job(job.id)  # Or the app would, and find no such film.
    expect(page.get_by_test_id("stProgress")).to_contain_text("From elsewhere", timeout=NOTICE_TIMEOUT_MS)
    library.jobs.end_cancelled_job(job.id)
    library.save_analysis(make_analysis(20, title="Also from elsewhere"))
    expect(page.get_by_text("Also from elsewhere")).to_be_visible(timeout=NOTICE_TIMEOUT_MS)
    expect(page.get_by_test_id("stProgress")).to_have_count(0)
    expect(page.get_by_label("What to call it")).to_have_value("half typed")


def test_a_draft_is_shown_while_its_film_is_read_and_gives_way_to_the_whole(page, library):
    whole = make_analysis(400, title="On its way")
    draft = dataclasses.replace(whole, features=dataclasses.replace(whole.features, draft=np.arange(400) >= 100))
    job = library.jobs.add_job(whole.cut.path, "On its way")
    library.jobs.start_job(job.id)
    library.jobs.name_job_cut(job.id, whole.cut.cut_id)
    library.find_parts(whole.cut.cut_id).save_draft(draft)
    page.get_by_role("button", name="Open the draft").click(timeout=NOTICE_TIMEOUT_MS)
    expect(page.get_by_text("0:01:40 of 0:06:40 have been read in full")).to_be_visible()
    expect(page.locator(CHART)).to_be_visible()
    expect(page.get_by_role("button", name="Curves as CSV")).to_have_count(0)
    library.save_analysis(whole)
    library.jobs.finish_job(job.id, whole.cut.cut_id)
    library.find_parts(whole.cut.cut_id).discard()
    expect(page.get_by_role("button", name="Curves as CSV")).to_be_visible(timeout=NOTICE_TIMEOUT_MS)
    expect(page.get_by_text("have been read in full")).to_have_count(0)
    expect_words_only(page)


def test_a_file_that_is_no_film_is_refused_in_words(page):
    text = {"name": "notes.mp4", "mimeType": "video/mp4", "buffer": b"INT. HOUSE - NIGHT. Nothing moves. " * 40}
    add_cut(page, text)
    alert = page.get_by_test_id("stAlert")
    expect(alert).to_contain_text("is not a film", timeout=ANALYSIS_TIMEOUT_MS)
    expect(alert).to_contain_text("Choose a video or sound file")
    expect_words_only(page)
    page.get_by_role("button", name="Dismiss").click()
    expect(alert).to_have_count(0)


def test_a_cut_is_removed_only_when_that_is_confirmed(page, library):
    library.save_analysis(make_analysis(20, title="To be removed"))
    page.reload()
    page.get_by_role("button", name="Remove", exact=False).first.click()
    expect(page.get_by_text("a file elsewhere on this machine stays")).to_be_visible()
    assert len(library.list_cuts()) == 1
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_role("heading", name="Every film has a through-line.")).to_be_visible()
    assert library.list_cuts() == []
