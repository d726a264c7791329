"""What a person does again and again."""

from pathlib import Path

from playwright.sync_api import Page, expect

ANALYSIS_TIMEOUT_MS = 180_000


def add_cut(page: Page, film: Path, *, subtitles: str = "", title: str = ""):
    """Upload a cut as a person does."""
    files = page.get_by_label("Choose films and subtitles")
    expect(files).to_have_count(1)  # While the first cut comes into the library, the panel moves aside.
    files.set_input_files(film)
    expect(page.get_by_label("What to call it")).to_have_count(1)
    if subtitles:
        files.set_input_files({"name": "lines.srt", "mimeType": "application/x-subrip", "buffer": subtitles.encode()})
        expect(page.get_by_label("Subtitles", exact=True)).to_have_value("0")
    page.get_by_label("What to call it").fill(title)
    page.get_by_role("button", name="Analyse").click()


def expect_words_only(page: Page):
    expect(page.get_by_test_id("stException")).to_have_count(0)
    assert "Traceback" not in page.locator("body").inner_text()


def download(page: Page, name: str) -> str:
    """Press a button that downloads a text, and return the text."""
    with page.expect_download() as download:
        page.get_by_role("button", name=name).click()
    return download.value.path().read_text(encoding="utf-8")
