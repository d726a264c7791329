"""Which films browsers play; tests/browser/test_playing.py asks a real one."""

from pathlib import Path

import pytest

from pipeline.streams import playback
from pipeline.streams.playback import judge_playback
from tests.films import make_tone, paint_shots, write_film
from tests.transcoding import transcode

SECONDS = 0.4


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    path = tmp_path_factory.mktemp("films") / "film.mp4"
    return write_film(path, pictures=paint_shots(SECONDS), sound=make_tone(SECONDS))


@pytest.mark.parametrize(
    ("suffix", "arguments"),
    [
        (".mp4", ("-c", "copy")),
        (".mov", ("-c", "copy")),
        (".mp4", ("-c:v", "copy", "-an")),
        (".webm", ("-c:v", "libvpx", "-c:a", "libopus")),
        (".wav", ("-vn",)),
        (".mp3", ("-vn",)),
    ],
)
def test_what_every_browser_knows_plays_as_it_is(film, tmp_path, suffix, arguments):
    judged = judge_playback(transcode(film, tmp_path / f"other{suffix}", *arguments))
    assert judged.is_playable
    assert judged.is_light


@pytest.mark.parametrize(
    ("suffix", "arguments"),
    [
        (".mov", ("-c:v", "prores_ks", "-c:a", "pcm_s24le")),
        (".mxf", ("-c:v", "mpeg2video", "-c:a", "pcm_s16le")),
        (".mov", ("-c:v", "copy", "-c:a", "pcm_s16le")),
        (".mp4", ("-c:v", "libx264", "-pix_fmt", "yuv422p", "-c:a", "copy")),
        (".mp4", ("-c:v", "libx264", "-pix_fmt", "yuv420p10le", "-c:a", "copy")),
        (".mp4", ("-c:v", "libx265", "-x265-params", "log-level=none", "-c:a", "copy")),
        (".mkv", ("-c", "copy")),
        (".webm", ("-c:v", "libaom-av1", "-cpu-used", "8", "-c:a", "libopus")),
        (".ts", ("-c", "copy")),
        (".avi", ("-c:v", "mjpeg", "-c:a", "pcm_s16le")),
        (".aiff", ("-vn",)),
    ],
)
def test_what_films_are_edited_and_delivered_in_does_not(film, tmp_path, suffix, arguments):
    assert not judge_playback(transcode(film, tmp_path / f"other{suffix}", *arguments)).is_playable


@pytest.mark.parametrize(("bound", "value"), [("LIGHT_PX", 100), ("LIGHT_FPS", 24), ("LIGHT_BITS_S", 1000)])
def test_what_is_a_burden_plays_but_is_not_light(film, monkeypatch, bound, value):
    monkeypatch.setattr(playback, bound, value)
    judged = judge_playback(film)
    assert judged.is_playable
    assert not judged.is_light


def test_a_film_that_lies_elsewhere_is_not_played_from_there():
    assert not judge_playback(Path("memory:/films/night.mp4")).is_playable
