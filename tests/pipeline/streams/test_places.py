"""Tests that every second is in its place: where pictures and sound begin and end in every container, and in sync.

A flash of one frame and a click in the sound are made at known instants, and looked for in what is read.
"""

import subprocess
from fractions import Fraction
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import numpy as np
import pytest

from pipeline.clock import seconds_to_frame
from pipeline.streams.probe import probe_cut
from pipeline.streams.read import open_streams
from pipeline.types import SOUND_HZ, Cut
from tests.films import Pictures, Sound, paint_number, read_number, write_film
from tests.reading import measure, read_seconds

NTSC_FILM = Fraction(24_000, 1001)
SIZE = (128, 96)
MOVIES = [".mp4", ".mov"]
CODECS: dict[str, dict[str, str]] = {
    ".avi": {"picture_codec": "mpeg4", "sound_codec": "pcm_s16le"},
    ".mxf": {"picture_codec": "mpeg2video", "sound_codec": "pcm_s16le"},
}


def paint_flash(count: int, at: int) -> Pictures:
    pictures = np.full((count, SIZE[1], SIZE[0], 3), 20, np.uint8)
    pictures[at] = 235
    return pictures


def make_click(seconds: float, at_s: float) -> Sound:
    sound = np.zeros((round(seconds * SOUND_HZ), 2), np.float32)
    first = round(at_s * SOUND_HZ)
    sound[first : first + 480] = 0.8 * np.sign(np.sin(np.arange(480) / 6 + 0.1))[:, None]
    return sound


def find_flash_and_click(path: Path) -> tuple[float, float, Cut]:
    """Read a film and return when its flash and its click begin, seconds."""
    cut = probe_cut(path)
    flash_s = click_s = float("nan")
    for second in read_seconds(path):
        if second.pictures is not None and second.picture_times_s is not None:
            lit = np.flatnonzero(second.pictures.mean(axis=(1, 2, 3)) > 128)
            flash_s = second.picture_times_s[lit[0]] if len(lit) and np.isnan(flash_s) else flash_s
        if second.sound is not None:
            loud = np.flatnonzero(np.abs(second.sound[:, 0]) > 0.3)
            click_s = second.index + loud[0] / SOUND_HZ if len(loud) and np.isnan(click_s) else click_s
    return flash_s, click_s, cut


def film_numbers(path: Path) -> list[int | None]:
    """The number of the frame on show at each instant of the grid; None for a second without a picture."""
    numbers: list[int | None] = []
    for second in read_seconds(path):
        numbers += [None] * 25 if second.pictures is None else [read_number(picture) for picture in second.pictures]
    return numbers


def run_ffmpeg(*words: Any) -> None:
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-v", "error", *map(str, words)], check=True)


@pytest.mark.parametrize("rate", [Fraction(25), NTSC_FILM], ids=["25", "23.976"])
@pytest.mark.parametrize("suffix", [*MOVIES, ".mkv", ".ts", ".avi", ".mxf"])
def test_a_flash_and_a_click_at_one_instant_are_found_at_one_instant(
    tmp_path: Path, suffix: str, rate: Fraction
) -> None:
    at = 30
    path = write_film(
        tmp_path / f"film{suffix}",
        pictures=paint_flash(60, at),
        rate=rate,
        sound=make_click(60 / rate, at / rate),
        **CODECS.get(suffix, {}),
    )
    flash_s, click_s, _ = find_flash_and_click(path)
    assert flash_s == pytest.approx(at / rate, abs=0.001)
    assert seconds_to_frame(float(flash_s), rate) == at
    assert click_s == pytest.approx(at / rate, abs=0.002)


@pytest.mark.parametrize("suffix", [*MOVIES, ".mkv", ".ts"])
def test_sound_before_a_late_picture_is_kept_and_its_seconds_have_no_picture(tmp_path: Path, suffix: str) -> None:
    path = write_film(
        tmp_path / f"film{suffix}",
        pictures=paint_flash(50, 15),
        picture_start_s=Fraction(12, 5),
        sound=make_click(5, 3),
        options={"avoid_negative_ts": "disabled"} if suffix == ".mp4" else None,
    )
    flash_s, click_s, cut = find_flash_and_click(path)
    # In a transport stream the coder's first 21 ms of silence count as sound.
    assert flash_s == pytest.approx(3, abs=0.041 if suffix == ".ts" else 0.001)
    assert click_s == pytest.approx(flash_s, abs=0.002)
    assert float(cut.duration_s) == pytest.approx(5, abs=0.05)
    seconds = read_seconds(path)
    assert [second.pictures is None for second in seconds][:5] == [True, True, False, False, False]
    assert all(second.sound is not None for second in seconds[:5])


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_a_picture_that_is_most_of_a_minute_late_is_in_its_place(tmp_path: Path, suffix: str) -> None:
    path = write_film(
        tmp_path / f"film{suffix}", pictures=paint_flash(50, 25), picture_start_s=Fraction(40), sound=make_click(42, 41)
    )
    flash_s, click_s, _ = find_flash_and_click(path)
    assert (flash_s, click_s) == (pytest.approx(41, abs=0.001), pytest.approx(41, abs=0.002))


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts"])
def test_a_late_picture_is_the_same_in_chunks(tmp_path: Path, suffix: str) -> None:
    path = write_film(
        tmp_path / f"film{suffix}",
        pictures=np.stack([paint_number(index, SIZE) for index in range(100)]),
        picture_start_s=Fraction(12, 5),
        sound=make_click(7, 3),
    )
    whole, parts = measure(path), measure(path, chunks=7)
    for name in ("quadrants", "phash", "norm_diff", "rms", "picture_times_s"):
        np.testing.assert_array_equal(getattr(parts, name), getattr(whole, name))


@pytest.mark.parametrize("rate", [Fraction(25), NTSC_FILM, Fraction(50)])
def test_a_late_picture_stays_on_the_grid_of_its_frames(tmp_path: Path, rate: Fraction) -> None:
    pictures = np.stack([paint_number(index, SIZE) for index in range(40)])
    path = write_film(
        tmp_path / "film.mov", pictures=pictures, rate=rate, picture_start_s=60 / rate, sound=make_click(4, 1)
    )
    for second in read_seconds(path):
        if second.pictures is not None and second.picture_times_s is not None:
            for picture, time_s in zip(second.pictures, second.picture_times_s, strict=True):
                assert time_s * rate == pytest.approx(read_number(picture) + 60, abs=0.01)


def test_a_late_silent_picture_begins_the_film_and_the_label_has_moved_on(tmp_path: Path) -> None:
    path = write_film(
        tmp_path / "film.mov", pictures=paint_flash(50, 10), picture_start_s=Fraction(2), timecode="01:00:00:00"
    )
    flash_s, _, cut = find_flash_and_click(path)
    assert (flash_s, cut.duration_s, cut.start_timecode) == (pytest.approx(0.4), 2, "01:00:02:00")


@pytest.mark.parametrize("suffix", MOVIES)
def test_the_label_of_a_movie_belongs_to_its_beginning_whether_or_not_there_is_a_picture(
    tmp_path: Path, suffix: str
) -> None:
    path = write_film(
        tmp_path / f"film{suffix}",
        pictures=paint_flash(25, 10),
        picture_start_s=Fraction(2),
        sound=make_click(3, 1),
        timecode="23:59:59:00",
    )
    assert probe_cut(path).start_timecode == "23:59:59:00"


@pytest.mark.parametrize("suffix", MOVIES)
@pytest.mark.parametrize("edits", ["0", "1"])
def test_a_decoders_delay_never_shifts_the_frames(tmp_path: Path, suffix: str, edits: str) -> None:
    numbers = np.stack([paint_number(index, SIZE) for index in range(50)])
    path = write_film(
        tmp_path / f"film{suffix}",
        pictures=numbers,
        sound=make_click(2, 1),
        timecode="01:00:00:00",
        options={"use_editlist": edits},
    )
    assert film_numbers(path) == list(range(50))
    cut = probe_cut(path)
    assert (float(cut.duration_s), cut.start_timecode) == (pytest.approx(2, abs=0.001), "01:00:00:00")


@pytest.mark.parametrize("codec", ["mpeg4", "libx264"])
def test_pictures_that_an_avi_stores_out_of_order_are_on_the_grid_of_their_frames(tmp_path: Path, codec: str) -> None:
    whole, path = tmp_path / "film.mkv", tmp_path / "film.avi"
    write_film(whole, pictures=np.stack([paint_number(index, SIZE) for index in range(50)]))
    run_ffmpeg("-i", whole, "-c:v", codec, "-bf", 2, "-b:v", "2M", path)
    assert film_numbers(path) == list(range(50))


@pytest.mark.parametrize("suffix", MOVIES)
def test_a_head_that_an_edit_list_trims_is_not_part_of_the_film(tmp_path: Path, suffix: str) -> None:
    whole, part = tmp_path / f"whole{suffix}", tmp_path / f"part{suffix}"
    pictures = np.stack([paint_number(index, SIZE) for index in range(100)])
    write_film(whole, pictures=pictures, sound=make_click(4, 3))
    run_ffmpeg("-ss", "1.2", "-i", whole, "-c", "copy", part)
    numbers = film_numbers(part)
    assert numbers == list(range(30, 100))
    _, click_s, cut = find_flash_and_click(part)
    assert click_s == pytest.approx(1.8, abs=0.002)
    assert float(cut.duration_s) == pytest.approx(2.8, abs=0.025)


@pytest.mark.parametrize("suffix", [*MOVIES, ".mkv", ".ts"])
@pytest.mark.parametrize("offset_s", [10, 36_000])
def test_stamps_that_begin_hours_in_begin_the_film(tmp_path: Path, suffix: str, offset_s: int) -> None:
    whole, late = (
        write_film(tmp_path / "film.mkv", pictures=paint_flash(75, 50), sound=make_click(3, 2)),
        tmp_path / f"late{suffix}",
    )
    run_ffmpeg("-i", whole, "-c", "copy", "-output_ts_offset", offset_s, late)
    flash_s, click_s, cut = find_flash_and_click(late)
    assert flash_s == pytest.approx(2, abs=0.001)
    assert click_s == pytest.approx(2, abs=0.003)
    assert float(cut.duration_s) == pytest.approx(3, abs=0.03)


@pytest.mark.parametrize("before_s", [2.5, 30])
def test_a_transport_stream_whose_clock_is_about_to_start_again_goes_on(tmp_path: Path, before_s: float) -> None:
    whole, late = tmp_path / "film.mkv", tmp_path / "late.ts"
    write_film(whole, pictures=paint_flash(75, 50), sound=make_click(3, 2))
    run_ffmpeg("-i", whole, "-c", "copy", "-output_ts_offset", 2**33 / 90_000 - before_s, late)
    flash_s, click_s, cut = find_flash_and_click(late)
    assert (flash_s, click_s) == (pytest.approx(2, abs=0.001), pytest.approx(2, abs=0.003))
    assert float(cut.duration_s) == pytest.approx(3, abs=0.03)


@pytest.mark.parametrize("suffix", [*MOVIES, ".mkv", ".ts", ".avi"])
def test_sound_longer_than_the_picture_is_read_to_its_end(tmp_path: Path, suffix: str) -> None:
    path = write_film(
        tmp_path / f"film{suffix}", pictures=paint_flash(25, 10), sound=make_click(4, 3.96), **CODECS.get(suffix, {})
    )
    flash_s, click_s, cut = find_flash_and_click(path)
    assert (flash_s, click_s) == (pytest.approx(0.4, abs=0.001), pytest.approx(3.96, abs=0.003))
    assert float(cut.duration_s) == pytest.approx(4, abs=0.03)


@pytest.mark.parametrize("suffix", [*MOVIES, ".mkv", ".ts"])
def test_sound_that_begins_late_ends_late(tmp_path: Path, suffix: str) -> None:
    path = write_film(
        tmp_path / f"film{suffix}", pictures=paint_flash(50, 45), sound=make_click(2, 0.55), sound_start_s=1.25
    )
    flash_s, click_s, cut = find_flash_and_click(path)
    assert flash_s == pytest.approx(1.8, abs=0.001)
    assert click_s == pytest.approx(1.8, abs=0.003)
    assert float(cut.duration_s) == pytest.approx(3.25, abs=0.03)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_words_begin_with_the_film_also_where_the_picture_is_late(tmp_path: Path, suffix: str) -> None:
    path = write_film(
        tmp_path / f"film{suffix}",
        pictures=paint_flash(50, 10),
        picture_start_s=Fraction(2),
        sound=make_click(4, 1),
        lines=[(1.0, 1.5, "Before the picture."), (2.5, 3.0, "With it.")],
    )
    lines = open_streams(probe_cut(path)).lines or ()
    assert [(line.start_s, line.end_s) for line in lines] == [(1.0, 1.5), (2.5, 3.0)]
