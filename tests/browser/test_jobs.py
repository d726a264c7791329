"""The jobs' page in a real browser, beside the real queue."""

import pytest
from playwright.sync_api import expect

from tests.browser.steps import expect_words_only
from tests.studio.films import make_film
from tests.studio.known_films import know_film

NOTICE_TIMEOUT_MS = 30_000


@pytest.fixture
def known(library, tmp_path):
    """A film whose analysis the library has: its job takes no networks."""
    film = make_film(tmp_path / "night.mp4", seconds=1)
    know_film(library, film, "Night")
    return film


def test_a_failed_job_is_tried_again_and_its_end_is_told(page, address, library, known):
    held = library.jobs.add_job(known, "Night")
    library.jobs.start_job(held.id)
    library.jobs.fail_job(held.id, "The disk is full.", "Make room on it, then try again.", can_retry=True)
    page.goto(f"{address}/jobs")
    expect(page.get_by_test_id("stAlert")).to_contain_text("The disk is full.")
    page.evaluate("Object.defineProperty(document, 'hidden', { value: true, configurable: true })")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_test_id("stToast")).to_contain_text("Night is analysed", timeout=NOTICE_TIMEOUT_MS)
    expect(page.get_by_role("cell", name="Done")).to_be_visible(timeout=NOTICE_TIMEOUT_MS)
    page.wait_for_function("document.title.startsWith('✓')", timeout=NOTICE_TIMEOUT_MS)
    page.evaluate("delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_function("!document.title.startsWith('✓')")
    expect_words_only(page)
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_text("Nothing is at work")).to_be_visible()
    expect(page.get_by_role("cell", name="Done")).to_have_count(0)


def test_a_running_job_is_put_first_and_cancelled(page, address, library, tmp_path):
    page.goto(f"{address}/jobs")
    film = make_film(tmp_path / "long.mp4", seconds=60)
    ids = [library.jobs.add_job(film, title).id for title in ("One", "Two", "Three")]
    bars = page.get_by_test_id("stProgress")
    expect(bars).to_have_count(3, timeout=NOTICE_TIMEOUT_MS)
    expect(bars.nth(2)).to_contain_text("Three")
    page.locator(f".st-key-raise-{ids[2]} button").click()
    expect(page.get_by_text("put first", exact=True)).to_be_visible()
    for job_id in ids:
        cancel = page.locator(f".st-key-cancel-{job_id} button")
        expect(cancel).to_have_count(1)  # Not while the list is drawn anew.
        cancel.click()
        expect(page.locator(f".st-key-cancel-{job_id}")).to_have_count(0, timeout=NOTICE_TIMEOUT_MS)
    expect(page.get_by_role("cell", name="Cancelled")).to_have_count(3)
    expect_words_only(page)
    for job_id in ids:
        library.jobs.forget_job(job_id)
