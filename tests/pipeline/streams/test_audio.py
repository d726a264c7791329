"""Tests of sound in its place."""

from pathlib import Path

import numpy as np
import pytest

from tests.films import Sound, make_tone, paint_shots, write_film
from tests.reading import read_samples


def level(sound: Sound) -> Sound:
    return np.sqrt((sound.astype(np.float64) ** 2).mean(axis=0))


def test_uncompressed_sound_comes_through_sample_by_sample(tmp_path: Path) -> None:
    sound = make_tone(2.5)
    heard = read_samples(write_film(tmp_path / "sound.wav", sound=sound, sound_codec="pcm_f32le"))
    np.testing.assert_array_equal(heard, sound)


def test_mono_is_heard_from_both_channels_at_its_own_level(tmp_path: Path) -> None:
    sound = make_tone(2)[:, :1]
    heard = read_samples(write_film(tmp_path / "mono.wav", sound=sound, sound_codec="pcm_f32le"))
    np.testing.assert_array_equal(heard, np.repeat(sound, 2, axis=1))


@pytest.mark.parametrize("hz", [44_100, 96_000, 22_050])
def test_other_sample_rates_keep_length_and_level(tmp_path: Path, hz: int) -> None:
    sound = make_tone(2, rate=hz)
    heard = read_samples(write_film(tmp_path / "sound.wav", sound=sound, sound_hz=hz, sound_codec="pcm_f32le"))
    assert len(heard) == pytest.approx(96_000, abs=48)
    np.testing.assert_allclose(level(heard[4800:-4800]), level(sound), rtol=0.01)
    np.testing.assert_allclose(heard[4800:-4800], make_tone(2)[4800 : len(heard) - 4800], atol=0.02)


def test_surround_is_mixed_down_with_left_on_the_left(tmp_path: Path) -> None:
    sound = np.zeros((48_000, 6), np.float32)
    sound[:, 0] = make_tone(1)[:, 0]
    heard = read_samples(write_film(tmp_path / "film.wav", sound=sound, sound_codec="pcm_f32le"))
    assert level(heard)[0] > 0.1
    assert level(heard)[1] == 0
    centre = np.zeros((48_000, 6), np.float32)
    centre[:, 2] = make_tone(1)[:, 0]
    heard = read_samples(write_film(tmp_path / "centre.wav", sound=centre, sound_codec="pcm_f32le"))
    np.testing.assert_allclose(heard[:, 0], heard[:, 1], atol=1e-6)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_sound_that_starts_late_is_heard_late(tmp_path: Path, suffix: str) -> None:
    path = write_film(tmp_path / f"film{suffix}", pictures=paint_shots(3), sound=make_tone(1.5), sound_start_s=1.25)
    heard = read_samples(path)
    # The AAC coder smears its first frame over 21 ms.
    assert np.abs(heard[: round(1.2 * 48_000)]).max() < 0.01
    assert level(heard[round(1.3 * 48_000) : round(2.7 * 48_000)])[0] == pytest.approx(0.4 / np.sqrt(2), rel=0.02)
    onset = int(np.flatnonzero(np.abs(heard[:, 0]) > 0.2)[0])
    assert onset / 48_000 == pytest.approx(1.25, abs=0.022)


def test_compressed_sound_lines_up_with_its_original(tmp_path: Path) -> None:
    sound = np.zeros((96_000, 2), np.float32)
    sound[30_000:34_800] = make_tone(0.1)
    heard = read_samples(write_film(tmp_path / "film.mp4", pictures=paint_shots(2), sound=sound))
    lag = int(np.argmax(np.correlate(heard[25_000:40_000, 0], sound[30_000:34_800, 0], "valid"))) - 5000
    assert abs(lag) <= 2
