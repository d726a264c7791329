"""What a real browser plays: films as they are, and the light copies of those which it does not play."""

import re
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from playwright.sync_api import expect

from pipeline.proxy import make_piece, plan_pieces
from pipeline.streams.playback import judge_playback
from studio.entries import USUAL
from studio.proxies import request_proxy
from tests.browser.steps import expect_words_only
from tests.films import make_tone, paint_shots, write_film
from tests.studio.known_films import know_film
from tests.transcoding import transcode

COPY_TIMEOUT_MS = 60_000
FILM_S = 6

PLAYED = {
    "h264.mp4": ("-c", "copy"),
    "h264.mov": ("-c", "copy"),
    "flac.mp4": ("-c:v", "copy", "-c:a", "flac"),
    "mp3.mp4": ("-c:v", "copy", "-c:a", "libmp3lame"),
    "vp9.mp4": ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-c:a", "libopus"),
    "vp8.webm": ("-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libvorbis"),
    "sound.wav": ("-vn",),
    "sound.mp3": ("-vn",),
    "sound.flac": ("-vn",),
}


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    path = tmp_path_factory.mktemp("films") / "film.mp4"
    return write_film(path, pictures=paint_shots(FILM_S, shot_s=2.0), sound=make_tone(FILM_S))


@pytest.fixture
def prores(film, tmp_path):
    """What comes out of an editing room."""
    return transcode(film, tmp_path / "Reel 1.mov", "-c:v", "prores_ks", "-c:a", "pcm_s24le")


def test_what_is_judged_to_play_does(browser, film, tmp_path):
    for name, arguments in PLAYED.items():
        assert judge_playback(transcode(film, tmp_path / name, *arguments)).is_playable, name
    (tmp_path / "page.html").write_text("<video></video>")
    handler = partial(SimpleHTTPRequestHandler, directory=tmp_path)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{server.server_port}/page.html")
        ends = {name: page.locator("video").evaluate(LOAD, name) for name in PLAYED}
        page.close()
        server.shutdown()
    assert ends == dict.fromkeys(PLAYED, "plays")


LOAD = """(video, name) => new Promise((resolve) => {
    video.onerror = () => resolve(video.error.message);
    video.oncanplay = () => resolve("plays");
    video.src = name;
})"""
"""Loads a film, and says what came of it."""


def test_a_film_that_no_browser_plays_is_played_from_its_light_copy(page, address, library, prores):
    cut = know_film(library, prores, "Reel 1")
    request_proxy(library, cut, priority=USUAL)
    page.goto(f"{address}/curves?cut={cut.cut_id}")
    video = page.locator("video")
    expect(page.get_by_text("No browser plays “Reel 1” as it is")).to_be_visible()
    expect(video).to_have_attribute("src", re.compile("/proxy/"), timeout=COPY_TIMEOUT_MS)
    expect(page.get_by_text("No browser plays “Reel 1” as it is")).to_have_count(0)
    video.evaluate("video => { video.muted = true; video.currentTime = 3; return video.play(); }")
    expect(page.locator("output.clock")).to_have_text("0:00:04")
    assert video.evaluate("video => [video.videoWidth, Math.round(video.duration)]") == [160, FILM_S]
    expect_words_only(page)


def test_a_light_copy_is_made_when_a_person_asks(page, address, library, prores):
    cut = know_film(library, prores, "Reel 1")
    page.goto(f"{address}/curves?cut={cut.cut_id}")
    expect(page.locator(".trouble")).to_be_visible()
    page.get_by_role("button", name="Make a light copy").click()
    expect(page.locator("video")).to_have_attribute("src", re.compile("/proxy/"), timeout=COPY_TIMEOUT_MS)
    expect(page.locator(".trouble")).to_be_hidden()


LOADED = """video => new Promise((resolve) => {
    const look = () => (video.readyState >= 2 ? resolve() : setTimeout(look, 20));
    look();
})"""
"""Waits until there is a picture."""


def test_a_copy_goes_on_where_the_film_stands(page, address, library, film):
    cut = know_film(library, film, "Film")
    page.goto(f"{address}/curves?cut={cut.cut_id}")
    video = page.locator("video")
    expect(video).to_have_attribute("src", re.compile("/film/"))
    video.evaluate(LOADED)
    video.evaluate("video => { video.currentTime = 2.5; }")
    stored, pieces = library.find_proxy(cut.cut_id), plan_pieces(cut)
    for piece in pieces:
        stored.save_piece(piece, make_piece(cut, piece))
    stored.join(cut, pieces, lambda: None)
    page.get_by_role("button", name="arousal").click()
    expect(video).to_have_attribute("src", re.compile("/proxy/"))
    video.evaluate(LOADED)
    assert video.evaluate("video => video.currentTime") == pytest.approx(2.5, abs=0.1)
