"""A person's way from a film to a trailer that is handed off, in a real browser with a real film."""

import contextlib
import re
from fractions import Fraction

import opentimelineio as otio
import pytest
from playwright.sync_api import Page, expect

from pipeline.streams.probe import probe_cut
from studio.store import Library
from tests.browser.steps import ANALYSIS_TIMEOUT_MS, add_cut, download, expect_words_only
from tests.films import make_tone, paint_shots, write_film

FILM_S = 60.0
SOLVE_TIMEOUT_MS = 60_000
RENDER_TIMEOUT_MS = 180_000


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    path = tmp_path_factory.mktemp("films") / "shots.mp4"
    return write_film(path, pictures=paint_shots(FILM_S, shot_s=2.0), sound=make_tone(FILM_S))


def pick(page, clips, number):
    """Click a clip, once more where the page was just being drawn anew."""
    heading = page.get_by_role("heading", name=re.compile(rf"^{number}\. "))
    for _ in range(3):
        clips.nth(number - 1).click()
        with contextlib.suppress(AssertionError):
            expect(heading).to_be_visible(timeout=7000)
            return
    expect(heading).to_be_visible()


def read_spans(page: Page) -> list[tuple[float, float]]:
    """Hand the trailer off as OTIO, and read where its clips lie in the film."""
    timeline = otio.adapters.read_from_string(hand_off(page, "OpenTimelineIO"), "otio_json")
    ranges = [clip.trimmed_range() for clip in timeline.video_tracks()[0].find_clips()]
    return [(r.start_time.to_seconds(), r.end_time_exclusive().to_seconds()) for r in ranges]


def load_past(library: Library, cut_id: str):
    return library.decisions.load_work(cut_id, "spot15").history.past


def wait_until(page: Page, is_so) -> None:
    """Wait until something is in the library, and the page has been drawn again after it."""
    for _ in range(SOLVE_TIMEOUT_MS // 200):
        if is_so():
            break
        page.wait_for_timeout(200)
    assert is_so()
    page.wait_for_timeout(500)
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0, timeout=SOLVE_TIMEOUT_MS)


def hand_off(page: Page, label: str) -> str:
    page.get_by_role("button", name="Hand off").click()
    text = download(page, label)
    page.keyboard.press("Escape")
    return text


def test_a_trailer_is_locked_changed_rendered_and_handed_off(page, film, library):
    add_cut(page, film, title="Thirty shots")
    expect(page.get_by_role("button", name="Open")).to_be_enabled(timeout=ANALYSIS_TIMEOUT_MS)
    page.get_by_role("link", name="Trailer").click()
    page.get_by_text("TV spot, 15 s").click()
    clips = page.locator(".clips .clip")
    expect(page.get_by_text(re.compile("of 15 s"))).to_be_visible(timeout=SOLVE_TIMEOUT_MS)
    before = read_spans(page)
    expect(clips).to_have_count(len(before))

    # A locked clip stays while what must not be shown is chosen anew around it.
    clips.nth(1).click()
    page.get_by_role("button", name="Lock").click()
    cut = library.list_cuts()[0]
    wait_until(page, lambda: load_past(library, cut.id))
    expect(page.locator(".clips .locked")).to_have_count(1)
    pick(page, clips, 3)
    page.get_by_role("button", name="Never show this").click()
    wait_until(page, lambda: library.decisions.load_work(cut.id, "spot15").trailer.bans)
    expect(page.locator(".clips .locked")).to_have_count(1)
    banned, after = before[2], read_spans(page)
    assert before[1] in after
    assert all(end <= banned[0] + 1e-6 or start >= banned[1] - 1e-6 for start, end in after)

    # A clip that is moved stays the one that is worked on.
    pick(page, clips, 1)
    span = page.locator(".st-key-clip-span").inner_text()
    page.get_by_role("button", name="Later").click()
    wait_until(page, lambda: len(load_past(library, cut.id)) == 3)
    expect(page.get_by_role("heading", name=re.compile(r"^2\. "))).to_be_visible()
    expect(page.locator(".st-key-clip-span")).to_have_text(span)
    page.get_by_role("button", name="Undo").click()
    wait_until(page, lambda: len(load_past(library, cut.id)) == 2)

    # It plays out of the film, each clip where it lies, past the first ones.
    page.get_by_role("button", name="Play").first.click()
    expect(page.locator("output.clock")).to_have_text(re.compile("0:0[3-9]"))
    clips.nth(0).click()  # The page is drawn anew, and the trailer plays on from there.
    expect(page.get_by_role("heading", name=re.compile(r"^1\. "))).to_be_visible()
    expect(page.locator("output.clock")).to_have_text(re.compile("0:0[1-9]"))
    page.get_by_role("button", name="Pause").click()
    assert any(
        start - 0.2 <= page.locator("video:not([hidden])").evaluate("video => video.currentTime") <= end + 0.2
        for start, end in after
    )

    # Rendered in the background, as long as the clips are, and handed off as an EDL.
    page.get_by_label("For whom").fill("Ana Ferreira")
    page.get_by_role("button", name="Render").click()
    expect(page.get_by_text("Pre-check.")).to_be_visible(timeout=RENDER_TIMEOUT_MS)
    work = library.decisions.load_work(cut.id, "spot15")
    preview = probe_cut(library.find_previews(cut.id).find_film(work.trailer, "Ana Ferreira"))
    assert abs(preview.duration_s - sum(Fraction(b) - Fraction(a) for a, b in after)) < 0.06
    edl = otio.adapters.read_from_string(hand_off(page, "CMX 3600 EDL"), "cmx_3600", rate=25)
    assert len(list(edl.video_tracks()[0].find_clips())) == len(after)

    # Undone, the trailer is what it was; another template is another trailer, and this one waits.
    for _ in range(2):
        past = len(load_past(library, cut.id))
        page.get_by_role("button", name="Undo").click()
        wait_until(page, lambda past=past: len(load_past(library, cut.id)) == past - 1)
    assert read_spans(page) == before
    page.get_by_text("Social, upright, 30 s").click()
    expect(page.get_by_text(re.compile("of 30 s"))).to_be_visible(timeout=SOLVE_TIMEOUT_MS)
    page.get_by_text("TV spot, 15 s").click()
    expect(page.get_by_text(re.compile("of 15 s"))).to_be_visible()
    assert read_spans(page) == before
    expect_words_only(page)
