"""Tests of frame rates that vary."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from pipeline.clock import seconds_to_timecode
from pipeline.streams.probe import probe_cut
from tests.films import paint_number, read_number, write_film
from tests.reading import read_seconds

SIZE = (64, 48)


def write_phone_film(
    path: Path, rate: Fraction, *, missing: float, jitter_s: float = 0.0, count: int = 120
) -> tuple[Path, list[float]]:
    """Write a film as phones do: frames left out by chance, and stamps a little off.

    The first and the last are exact, because these films are so short that 2 ms would tell 59.94 from 60.
    """
    chance = np.random.default_rng(3)
    kept = [index for index in range(count) if index in (0, count - 1) or chance.random() >= missing]
    jitters_s = chance.uniform(-jitter_s, jitter_s, count) * (np.arange(count) % (count - 1) > 0)
    times_s = [index / float(rate) + jitters_s[index] for index in kept]
    pictures = np.stack([paint_number(index, SIZE) for index in kept])
    return write_film(path, pictures=pictures, rate=rate, times_s=times_s), times_s


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv"])
@pytest.mark.parametrize("rate", [Fraction(30), Fraction(30_000, 1001), Fraction(60)])
@pytest.mark.parametrize(("missing", "jitter_s"), [(0.0, 0.002), (0.04, 0.002), (0.04, 0.0), (0.3, 0.001)])
def test_a_film_with_frames_left_out_has_its_nominal_rate(
    tmp_path: Path, suffix: str, rate: Fraction, missing: float, jitter_s: float
) -> None:
    path, times_s = write_phone_film(tmp_path / f"film{suffix}", rate, missing=missing, jitter_s=jitter_s)
    cut = probe_cut(path)
    assert cut.frame_rate == rate
    assert float(cut.duration_s) == pytest.approx(times_s[-1] + 1 / float(rate), abs=0.005)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_frames_of_a_varying_rate_keep_their_stamps_and_have_the_labels_of_the_nominal_rate(
    tmp_path: Path, suffix: str
) -> None:
    rate = Fraction(30)
    path, _ = write_phone_film(tmp_path / f"film{suffix}", rate, missing=0.3)
    cut = probe_cut(path)
    for second in read_seconds(path):
        assert second.pictures is not None
        assert second.picture_times_s is not None
        for picture, time_s in zip(second.pictures, second.picture_times_s, strict=True):
            number = read_number(picture)
            assert time_s == pytest.approx(number / rate, abs=0.001)
            label = seconds_to_timecode(float(time_s), cut.timecode_rate)
            assert label == f"00:00:{number // 30:02}:{number % 30:02}"


def test_a_rate_that_is_no_standard_one_is_the_measured_one(tmp_path: Path) -> None:
    pictures = np.stack([paint_number(index, SIZE) for index in range(40)])
    assert probe_cut(write_film(tmp_path / "film.mp4", pictures=pictures, rate=Fraction(18))).frame_rate == 18
