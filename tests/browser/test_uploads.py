"""Films on their way into the app, in a real browser whose network drops, on an app that is killed."""

import contextlib
import os
import re
import struct
import time

import pytest
from playwright.sync_api import Page, TimeoutError, expect

from studio.entries import BATCH, USUAL
from studio.settings import read_settings
from studio.store import open_library
from studio.uploads import Uploads
from tests.browser.steps import ANALYSIS_TIMEOUT_MS, add_cut, expect_words_only
from tests.films import make_tone, paint_shots, write_film
from tests.served_app import serve_app

FILM_BYTES = 20_000_000
UPLOAD_BYTES_S = 6_000_000
TITLE = "Six & a half shots"


def pad_film(path, size):
    """Make a film as large as wanted by a box that players skip."""
    gap = size - path.stat().st_size
    with path.open("ab") as file:
        file.write(struct.pack(">I4s", gap, b"free") + bytes(gap - 8))
    return path


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    path = tmp_path_factory.mktemp("films") / "reel.mp4"
    return pad_film(write_film(path, pictures=paint_shots(6.5, shot_s=1.0), sound=make_tone(6.5)), FILM_BYTES)


class SlowNetwork:
    """A slow network between a page and the app, which can be cut; `sent` is where each piece began that was sent."""

    def __init__(self, page: Page):
        self.sent: list[int] = []
        self._session = page.context.new_cdp_session(page)
        page.on("request", self._note)
        self.cut(False)

    def cut(self, is_cut: bool = True):
        limits = {"offline": is_cut, "latency": 20, "downloadThroughput": -1, "uploadThroughput": UPLOAD_BYTES_S}
        self._session.send("Network.emulateNetworkConditions", limits)

    def _note(self, request):
        if request.method == "PATCH":
            self.sent.append(int(request.headers["upload-offset"]))


@pytest.fixture
def network(page):
    return SlowNetwork(page)


def leave_unsubmitted(settings, name):
    """Leave what an app leaves that is killed between a film's last byte and its job."""
    uploads = Uploads(settings)
    upload = uploads.create(name, size=3)
    uploads.find_path(upload).write_bytes(b"abc")
    uploads.advance(upload, 3)


def row(page: Page, name: str):
    return page.locator(".item").filter(has_text=name)


def expect_half_way(page: Page):
    """Expect that some of the film has arrived, and not all."""
    expect(row(page, "reel.mp4")).to_contain_text(re.compile(r"[1-9]\d* MB of 20 MB"))


def test_a_cut_network_costs_one_piece_and_the_film_is_analysed(page, film, library, home, network):
    add_cut(page, film, title=TITLE)
    expect_half_way(page)
    network.cut()
    expect(row(page, "reel.mp4")).to_contain_text("No connection")
    (upload,) = [upload for upload in Uploads(read_settings({"THROUGHLINE_HOME": str(home)})).list() if not upload.job]
    assert 0 < upload.offset < FILM_BYTES
    before = len(network.sent)
    network.cut(False)
    page.get_by_role("button", name="Open").click(timeout=ANALYSIS_TIMEOUT_MS)
    expect(page.get_by_role("heading", name=TITLE)).to_be_visible()
    assert network.sent[before] == upload.offset  # It went on from there.
    assert library.list_cuts()[0].path.read_bytes() == film.read_bytes()
    expect_words_only(page)


def test_a_reload_and_a_killed_app_cost_one_piece_and_the_same_file_goes_on(browser, film, tmp_path):
    page = browser.new_context().new_page()
    with serve_app(tmp_path) as app:
        page.goto(app.address)
        SlowNetwork(page)
        add_cut(page, film, title=TITLE)
        expect_half_way(page)
        app.process.kill()
        expect(row(page, "reel.mp4")).to_contain_text("No connection")
    settings = read_settings({"THROUGHLINE_HOME": str(tmp_path)})
    leave_unsubmitted(settings, "left.mp4")
    with serve_app(tmp_path, port=app.port):
        page.goto(app.address)
        expect(page.get_by_text("Not finished")).to_contain_text(re.compile(r"reel.mp4, at [1-9]\d? %"))
        network = SlowNetwork(page)
        page.get_by_label("Choose films and subtitles").set_input_files(film)
        page.get_by_role("button", name="Open").click(timeout=ANALYSIS_TIMEOUT_MS)
        expect(page.get_by_role("heading", name=TITLE)).to_be_visible()
        assert network.sent[0] > 0
    library = open_library(settings)
    assert library.list_cuts()[0].path.read_bytes() == film.read_bytes()
    assert [job.state for job in library.jobs.list_jobs() if job.path.name == "left.mp4"] == ["failed"]
    library.close()
    page.context.close()


def test_films_begun_together_let_one_alone_go_first(page, library, tmp_path):
    letters = {name: tmp_path / f"{name}.mp4" for name in ("one", "two", "alone")}
    for path in letters.values():
        path.write_text(f"Dear Sir, I am {path.stem}.")
    files = page.get_by_label("Choose films and subtitles")
    for names, button in ((("one", "two"), "Analyse 2 films"), (("alone",), "Analyse")):
        files.set_input_files([letters[name] for name in names])
        page.get_by_role("button", name=button, exact=True).click()
        for name in names:
            expect(row(page, letters[name].name)).to_contain_text("Uploaded")
    found = {job.path.stem: job.priority for job in library.jobs.list_jobs()}
    assert found == {"one": BATCH, "two": BATCH, "alone": USUAL}


def test_many_films_are_matched_queued_paused_and_cancelled(page, home, network, tmp_path):
    films = [tmp_path / f"{name}.mp4" for name in ("a", "a long", "b", "c", "d")]
    for path in films:
        path.touch()
        os.truncate(path, 5 * FILM_BYTES)
    words = [tmp_path / f"{name}.srt" for name in ("a long.en", "B", "elsewhere")]
    for path in words:
        path.write_text("1\n00:00:00,000 --> 00:00:01,000\nNo.\n")
    page.get_by_label("Choose films and subtitles").set_input_files([*films, *words])
    picked = [
        select.evaluate("select => select.selectedOptions[0].text")
        for select in page.get_by_label("Subtitles", exact=True).all()
    ]
    assert picked == ["none", "a long.en.srt", "B.srt", "none", "none"]
    expect(page.get_by_text("Not used yet: elsewhere.srt")).to_be_visible()
    page.get_by_role("button", name="Analyse 5 films").click()
    expect(row(page, "d.mp4")).to_contain_text("Waiting for its turn")
    first = row(page, "a.mp4")
    expect(first).to_contain_text("MB of")
    first.get_by_role("button", name="Pause").click()
    expect(first).to_contain_text("Paused at")
    expect(row(page, "d.mp4")).not_to_contain_text("Waiting for its turn")
    # Another page is looked at meanwhile; the uploads go on, and are there again.
    page.get_by_test_id("stTopNav").get_by_role("link", name="Moments").click()
    expect(page.locator(".item")).to_have_count(0)
    before = len(network.sent)
    page.wait_for_timeout(1500)
    assert len(network.sent) > before
    page.get_by_test_id("stTopNav").get_by_role("link", name="Library").click()
    expect(first).to_contain_text("Paused at")
    first.get_by_role("button", name="Resume").click()
    expect(first).not_to_contain_text("Paused at")
    while page.locator(".item").count():
        with contextlib.suppress(TimeoutError):  # One that has arrived meanwhile has none.
            page.get_by_role("button", name="Cancel").first.click(timeout=2000)
    uploads = Uploads(read_settings({"THROUGHLINE_HOME": str(home)}))
    deadline_s = time.monotonic() + 30
    while any(not upload.job for upload in uploads.list()):
        assert time.monotonic() < deadline_s
        page.wait_for_timeout(200)
    expect_words_only(page)


def test_a_disk_without_room_is_told_and_can_be_tried_again(page, film, library):
    page.route("**/uploads?*", lambda route: route.fulfill(status=507, body="The disk has no room for this file."))
    add_cut(page, film)
    expect(row(page, "reel.mp4")).to_contain_text("The disk has no room for this file.")
    page.unroute_all()
    page.get_by_role("button", name="Try again").click()
    page.get_by_role("button", name="Open").click(timeout=ANALYSIS_TIMEOUT_MS)
    expect(page.get_by_role("heading", name="reel")).to_be_visible()


def test_films_that_are_dropped_on_the_page_are_taken(page):
    dropped = page.evaluate_handle(
        """() => {
          const transfer = new DataTransfer();
          transfer.items.add(new File(["INT. NIGHT"], "dropped.mov", { lastModified: 1 }));
          transfer.items.add(new File(["1"], "dropped.srt", { lastModified: 1 }));
          return transfer;
        }"""
    )
    page.wait_for_function("globalThis.throughlineUploads?.root")
    page.dispatch_event("h1", "dragover", {"dataTransfer": dropped})
    expect(page.locator(".uploads")).to_have_class("uploads dragged")
    page.dispatch_event("h1", "drop", {"dataTransfer": dropped})
    expect(page.locator(".uploads")).to_have_class("uploads")
    expect(page.get_by_label("Subtitles", exact=True)).to_have_value("0")
    row(page, "dropped.mov").get_by_role("button", name="Cancel").click()
    expect(page.locator(".item")).to_have_count(0)
    expect(page.get_by_role("button", name="Analyse")).to_be_hidden()


def test_a_page_without_tls_from_another_machine_proves_its_pieces_too(page):
    page.add_init_script("Object.defineProperty(crypto, 'subtle', { value: undefined })")
    page.reload()
    checksums = []
    page.on("request", lambda request: checksums.append(request.headers.get("upload-checksum")))
    add_cut(page, {"name": "notes.mp4", "mimeType": "video/mp4", "buffer": b"INT. HOUSE - NIGHT. " * 100_000})
    alert = page.get_by_test_id("stAlert")
    expect(alert).to_contain_text("is not a film", timeout=ANALYSIS_TIMEOUT_MS)
    sums = [checksum for checksum in checksums if checksum]
    assert len(sums) == 2
    assert all(checksum.startswith("crc32 ") for checksum in sums)
    page.get_by_role("button", name="Dismiss").click()
    expect(alert).to_have_count(0)
