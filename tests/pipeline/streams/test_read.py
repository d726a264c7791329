"""Tests of reading pictures and sound in one pass."""

import contextlib
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import FilmError, MediaDamaged
from pipeline.streams.probe import probe_cut
from pipeline.streams.read import open_streams, read_pictures
from tests.films import damage_film, make_tone, paint_number, paint_shots, truncate_film, write_film
from tests.reading import Second, list_numbers, measure, read_seconds


def read_all(path: Path) -> list[Second]:
    seconds = read_seconds(path)
    assert len(seconds) == probe_cut(path).seconds
    return seconds


def numbered(count: int) -> np.ndarray:
    return np.stack([paint_number(index) for index in range(count)])


def test_a_film_is_read_second_by_second(tmp_path: Path) -> None:
    seconds = read_all(write_film(tmp_path / "film.mp4", pictures=paint_shots(3), sound=make_tone(3)))
    for second in seconds:
        assert second.pictures is not None
        assert second.sound is not None
        assert second.picture_times_s is not None
        assert (second.pictures.shape, second.pictures.dtype) == ((25, 96, 160, 3), np.uint8)
        assert (second.sound.shape, second.sound.dtype) == ((48_000, 2), np.float32)
        np.testing.assert_allclose(second.picture_times_s, second.index + np.arange(25) / 25)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".avi", ".ts"])
@pytest.mark.parametrize("rate", [Fraction(24_000, 1001), Fraction(25), Fraction(30), Fraction(50)])
def test_the_grid_holds_the_frame_on_show_at_every_instant(tmp_path: Path, suffix: str, rate: Fraction) -> None:
    codec = "mpeg4" if suffix == ".avi" else "libx264"
    count = int(3 * rate)
    path = write_film(tmp_path / f"film{suffix}", pictures=numbered(count), rate=rate, picture_codec=codec)
    # Matroska writes whole milliseconds, so an instant may fall on either side of a boundary it lies on.
    slack = Fraction(1, 1000) if suffix == ".mkv" else Fraction(0)
    numbers = list(list_numbers(read_all(path)))
    assert len(numbers) == pytest.approx(float(25 * count / rate), abs=1)
    for index, number in enumerate(numbers):
        instant = Fraction(index, 25)
        assert int((instant - slack) * rate) <= number <= int((instant + slack) * rate)


def test_frames_of_a_variable_rate_stay_until_the_next(tmp_path: Path) -> None:
    times_s = [0, 0.1, 0.3, 0.35, 1.0, 1.5, 2.7, 2.8]
    seconds = read_all(write_film(tmp_path / "film.mp4", pictures=numbered(8), times_s=times_s))
    numbers = list(list_numbers(seconds))
    expected = [int(np.searchsorted(times_s, index / 25 + 1e-6)) - 1 for index in range(len(numbers))]
    assert numbers == expected
    shown_s = np.concatenate([second.picture_times_s for second in seconds if second.picture_times_s is not None])
    np.testing.assert_allclose(shown_s, np.array(times_s)[numbers], atol=1e-4)


def test_the_last_second_is_as_long_as_the_film(tmp_path: Path) -> None:
    last = read_all(write_film(tmp_path / "film.mp4", pictures=paint_shots(1.6), sound=make_tone(1.6)))[-1]
    assert last.pictures is not None
    assert last.sound is not None
    assert len(last.pictures) == 15
    assert len(last.sound) == pytest.approx(28_800, abs=1)


def test_one_frame_is_read(tmp_path: Path) -> None:
    (only,) = read_all(write_film(tmp_path / "film.mp4", pictures=numbered(1)))
    assert only.pictures is not None
    assert (len(only.pictures), only.sound) == (1, None)


def test_sound_alone_and_picture_alone_are_films(tmp_path: Path) -> None:
    for second in read_all(write_film(tmp_path / "sound.wav", sound=make_tone(2), sound_codec="pcm_s16le")):
        assert second.pictures is None
        assert second.sound is not None
    for second in read_all(write_film(tmp_path / "silent.mp4", pictures=paint_shots(2))):
        assert second.pictures is not None
        assert second.sound is None


def test_seconds_past_the_end_of_a_stream_have_none_of_it(tmp_path: Path) -> None:
    seconds = read_all(write_film(tmp_path / "a.mp4", pictures=paint_shots(1), sound=make_tone(3)))
    assert [second.pictures is None for second in seconds] == [False, True, True]
    seconds = read_all(write_film(tmp_path / "b.mp4", pictures=paint_shots(3), sound=make_tone(1)))
    assert [second.sound is None for second in seconds] == [False, True, True]


def test_a_stream_that_ends_long_before_the_other_holds_nothing_back(tmp_path: Path) -> None:
    pictures = paint_shots(40, rate=Fraction(5), size=(64, 48))
    path = write_film(tmp_path / "film.mp4", pictures=pictures, rate=Fraction(5), sound=make_tone(1))
    seconds = read_all(path)
    assert all(second.pictures is not None and len(second.pictures) == 25 for second in seconds)
    assert [second.sound is not None for second in seconds] == [True] + [False] * 39


def test_a_film_with_damage_in_the_middle_goes_on_behind_it(tmp_path: Path) -> None:
    path = write_film(tmp_path / "film.mkv", pictures=paint_shots(12), sound=make_tone(12))
    seconds = read_all(damage_film(path, 0.4, 0.6))
    shown = [second.pictures is not None for second in seconds]
    assert all(shown[:3])
    assert any(shown[-3:])
    assert not all(second.sound is not None and second.pictures is not None for second in seconds)


def test_a_film_whose_index_outlives_its_media_ends_early(tmp_path: Path) -> None:
    path = write_film(
        tmp_path / "film.mp4", pictures=paint_shots(8), sound=make_tone(8), options={"movflags": "faststart"}
    )
    seconds = read_all(truncate_film(path, 0.6))
    assert len(seconds) == 8
    assert seconds[1].pictures is not None
    assert (seconds[-1].pictures, seconds[-1].sound) == (None, None)


def test_a_film_of_which_nothing_can_be_decoded_is_called_damaged(tmp_path: Path) -> None:
    path = write_film(
        tmp_path / "film.mp4", pictures=paint_shots(2), sound=make_tone(2), options={"movflags": "faststart"}
    )
    data = path.read_bytes()
    media = data.index(b"mdat") + 4
    path.write_bytes(data[:media] + bytes(len(data) - media))
    with pytest.raises(MediaDamaged, match="can be decoded") as caught:
        measure(path)
    assert "again" in caught.value.hint


@pytest.mark.parametrize("seed", range(6))
def test_scattered_damage_is_never_more_than_a_film_error(tmp_path: Path, seed: int) -> None:
    path = write_film(tmp_path / "film.mp4", pictures=paint_shots(2), sound=make_tone(2))
    data = bytearray(path.read_bytes())
    chance = np.random.default_rng(seed)
    for at in chance.integers(0, len(data), 60):
        data[at] = chance.integers(256)
    path.write_bytes(bytes(data))
    with contextlib.suppress(FilmError):
        assert len(read_all(path)) > 0


def test_closing_the_pictures_closes_the_film(tmp_path: Path) -> None:
    path = write_film(tmp_path / "film.mp4", pictures=paint_shots(3), sound=make_tone(3))
    streams = open_streams(probe_cut(path))
    pictures = read_pictures(streams, streams.chunks[0])
    next(pictures)
    open_files = {target.resolve() for target in Path("/proc/self/fd").iterdir()} if Path("/proc").exists() else set()
    assert not open_files or path.resolve() in open_files
    pictures.close()
    if open_files:
        assert path.resolve() not in {target.resolve() for target in Path("/proc/self/fd").iterdir()}


def test_lines_come_with_the_streams(tmp_path: Path) -> None:
    path = write_film(tmp_path / "film.mkv", pictures=paint_shots(2), lines=[(0.5, 1.5, "Hello.")])
    lines = open_streams(probe_cut(path)).lines
    assert lines is not None
    assert [(line.start_s, line.end_s, line.text) for line in lines] == [(0.5, 1.5, "Hello.")]
