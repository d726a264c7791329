"""Beats of a click track whose beats are known."""

from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock

from pipeline.beats import LOCK, find_beats
from pipeline.errors import NothingToAnalyse
from pipeline.types import SOUND_HZ
from tests.films import paint_shots, write_film


def make_clicks(bpm: float, *, seconds: int = 20, first_s: float = 0.5) -> tuple[np.ndarray, np.ndarray]:
    """A track of short clicks, and when they sound."""
    beats_s = np.arange(first_s, seconds - 0.2, 60 / bpm)
    track = np.random.default_rng(0).normal(0, 1e-3, (seconds * SOUND_HZ, 2)).astype(np.float32)
    click = 0.8 * np.sin(2 * np.pi * 1500 * np.arange(1440) / SOUND_HZ) * np.exp(-np.arange(1440) / 300)
    for at in np.round(beats_s * SOUND_HZ).astype(int):
        track[at : at + 1440] += click[:, None].astype(np.float32)
    return track, beats_s


@pytest.mark.parametrize("bpm", [90.0, 120.0, 138.0])
def test_the_beats_of_a_click_track_are_found_within_a_frame(tmp_path: Path, bpm: float) -> None:
    track, truth = make_clicks(bpm)
    found = np.array(find_beats(write_film(tmp_path / "music.wav", sound=track, sound_codec="pcm_s16le")))
    off = np.abs(found[:, None] - truth).min(axis=1)
    assert (off <= 1 / 24).mean() >= 0.95
    missed = np.abs(truth[:, None] - found).min(axis=1) > 1 / 24
    assert missed.mean() <= 0.1


def test_what_has_no_beat_or_no_sound_says_so(tmp_path: Path) -> None:
    silence = np.zeros((3 * SOUND_HZ, 2), np.float32)
    assert find_beats(write_film(tmp_path / "silence.wav", sound=silence, sound_codec="pcm_s16le")) == ()
    with pytest.raises(NothingToAnalyse):
        find_beats(write_film(tmp_path / "mute.mp4", pictures=paint_shots(1)))


def test_beats_are_found_by_one_process_at_a_time(tmp_path: Path) -> None:
    music = write_film(tmp_path / "music.wav", sound=make_clicks(120)[0], sound_codec="pcm_s16le")
    expected = find_beats(music)  # librosa is loaded from here on
    with ThreadPoolExecutor(1) as pool:
        with FileLock(LOCK):
            found = pool.submit(find_beats, music)
            assert not wait([found], timeout=3).done
        assert found.result(60) == expected
