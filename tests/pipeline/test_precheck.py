"""The pre-check on films whose flashes, loudness and repeats are known."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from pipeline.flashes import FlashCounter, FlashRun
from pipeline.loudness import measure_leq_m, measure_lufs
from pipeline.precheck import check_length, check_preview, check_repeats, check_sound, check_spoilers
from pipeline.render import PreviewOptions, render_preview
from pipeline.sequence import Clip, Trailer
from pipeline.streams.probe import probe_cut
from pipeline.types import SOUND_HZ, SpoilerZone
from tests.films import make_tone, paint_shots, write_film
from tests.pipeline.test_render import make_trailer

RATE = Fraction(24)
DARK, BRIGHT = (10, 10, 10), (235, 235, 235)


def count(colours: list[tuple[int, int, int]], *, rate: Fraction = RATE, area: float = 1.0) -> tuple[FlashRun, ...]:
    """Count flashes of pictures, a share of whose width has a colour each, the rest dark."""
    counter = FlashCounter(rate)
    for colour in colours:
        picture = np.full((90, 160, 3), 10, np.uint8)
        picture[:, : round(160 * area)] = colour
        counter.add(picture)
    return counter.list_runs()


def flash(per_second: int, seconds: int = 3, *, on: tuple[int, int, int] = BRIGHT) -> list[tuple[int, int, int]]:
    """Pictures that go on and off so often a second."""
    phase = np.arange(24 * seconds) * per_second / 24 % 1
    return [on if p < 0.5 else DARK for p in phase]


@pytest.mark.parametrize(
    ("per_second", "harmful"), [(1, False), (2, False), (3, False), (4, True), (6, True), (12, True)]
)
def test_more_than_three_flashes_a_second_are_found(per_second: int, harmful: bool) -> None:
    runs = count(flash(per_second))
    assert bool(runs) == harmful
    if harmful:
        assert not runs[0].is_red
        assert runs[0].per_second == pytest.approx(per_second, abs=0.5)
        assert runs[0].start_s < 0.3
        assert runs[0].end_s > 2.5


@pytest.mark.parametrize(("area", "harmful"), [(0.2, False), (0.3, True)])
def test_flashes_over_less_than_a_quarter_of_the_picture_are_not(area: float, harmful: bool) -> None:
    assert bool(count(flash(6), area=area)) == harmful


def test_small_changes_and_bright_ones_are_no_flashes() -> None:
    assert count([(60, 60, 60) if n % 4 < 2 else (40, 40, 40) for n in range(72)]) == ()  # Under 20 cd/m2.
    assert count([(255, 255, 255) if n % 4 < 2 else (235, 235, 235) for n in range(72)]) == ()  # Never below 160.
    assert count([(int(40 + 2 * n),) * 3 for n in range(72)]) == ()


def test_red_flashes_are_found_where_luminance_hardly_changes() -> None:
    runs = count([(200, 0, 0) if n % 4 < 2 else (0, 100, 0) for n in range(72)])
    assert [run.is_red for run in runs] == [True]
    assert runs[0].per_second == pytest.approx(6, abs=0.5)
    grey = [(90, 60, 60) if n % 4 < 2 else (60, 70, 60) for n in range(72)]
    assert count(grey) == ()


def test_flashes_are_placed_where_they_are() -> None:
    colours = [DARK] * 48 + flash(8, 2) + [DARK] * 48
    (run,) = count(colours)
    assert run.start_s == pytest.approx(2.0, abs=0.1)
    assert run.end_s == pytest.approx(4.0, abs=0.15)


def make_sine(level: float, hz: float, *, seconds: float = 5, channels: tuple[int, int] = (1, 1)) -> np.ndarray:
    return make_tone(seconds, left=level * channels[0], right=level * channels[1], hz=hz)


def test_integrated_loudness_is_that_of_the_standards_own_examples() -> None:
    # ITU-R BS.1770: a full-scale sine of 997 Hz in one channel reads -3.01 LUFS. EBU Tech 3341, cases 1 to 3.
    assert measure_lufs(make_sine(1.0, 997, channels=(1, 0))) == pytest.approx(-3.01, abs=0.05)
    for level_db in (-23.0, -33.0):
        assert measure_lufs(make_sine(10 ** (level_db / 20), 1000, seconds=20)) == pytest.approx(level_db, abs=0.1)
    parts = [make_sine(10 ** (db / 20), 1000, seconds=s) for db, s in ((-36, 10), (-23, 60), (-36, 10))]
    assert measure_lufs(np.concatenate(parts)) == pytest.approx(-23.0, abs=0.1)
    assert measure_lufs(np.zeros((SOUND_HZ, 2), np.float32)) == float("-inf")


def test_leq_m_leaves_two_kilohertz_as_it_is_and_follows_the_curve_elsewhere() -> None:
    # One channel 20 dB below a full-scale sine plays at 85 dB.
    assert measure_leq_m(make_sine(0.1, 2000, channels=(1, 0))) == pytest.approx(85.0, abs=0.05)
    assert measure_leq_m(make_sine(0.1, 2000)) == pytest.approx(88.0, abs=0.05)
    assert measure_leq_m(make_sine(0.1, 1000, channels=(1, 0))) == pytest.approx(85 - 5.6, abs=0.05)
    assert measure_leq_m(make_sine(0.1, 6300, channels=(1, 0))) == pytest.approx(85 + 6.6, abs=0.05)
    assert measure_leq_m(make_sine(0.1, 100, channels=(1, 0))) == pytest.approx(85 - 25.4, abs=0.1)


def test_loud_and_missing_sound_are_found() -> None:
    (note,) = check_sound(make_sine(0.05, 2000))
    assert (note.severity, note.at_s) == ("note", None)
    loud = check_sound(make_sine(0.5, 2000))
    assert [finding.severity for finding in loud] == ["note", "warning"]
    gap = np.concatenate([make_sine(0.05, 500), np.zeros((3 * SOUND_HZ, 2), np.float32), make_sine(0.05, 500)])
    assert [finding.at_s for finding in check_sound(gap)] == [None, pytest.approx(5.0, abs=0.01)]
    (nothing,) = check_sound(np.zeros((SOUND_HZ, 2), np.float32))
    assert nothing.severity == "warning"


def make_clips(*spans_s: tuple[float, float]) -> tuple[Clip, ...]:
    return tuple(Clip(start_s=Fraction(a), end_s=Fraction(b), role="any") for a, b in spans_s)


def test_repeated_footage_is_found() -> None:
    assert check_repeats(make_clips((5, 7), (0, 2), (2, 5))) == []
    (finding,) = check_repeats(make_clips((5, 7), (0, 2), (6, 8)))
    assert finding.at_s == 4.0
    assert "Clips 1 and 3 share 1.00 s" in finding.text


@pytest.mark.parametrize(
    ("target", "lasts", "severities"),
    [
        (150, 150, ["note"]),
        (150, 151, ["warning"]),
        (120, 120, []),
        (60, 60, []),
        (60, 40, ["note"]),
        (30, 31, ["warning"]),
    ],
)
def test_the_length_is_compared_with_what_is_allowed(target: int, lasts: int, severities: list[str]) -> None:
    trailer = Trailer(
        cut_id="0", template="any", target_s=Fraction(target), clips=make_clips((0, lasts)), arc=np.zeros(0), fit=0.0
    )
    assert [finding.severity for finding in check_length(trailer)] == severities


def test_a_preview_of_a_flashing_film_is_reported_at_its_second(tmp_path: Path) -> None:
    pictures = paint_shots(8, rate=RATE)
    pictures[72:120] = np.array([BRIGHT if n % 4 < 2 else DARK for n in range(48)], np.uint8)[:, None, None]
    cut = probe_cut(write_film(tmp_path / "film.mp4", pictures=pictures, rate=RATE, sound=make_tone(8)))
    trailer = replace(make_trailer([(0, 192)], cut), target_s=Fraction(8))
    path = render_preview(trailer, cut=cut, path=tmp_path / "preview.mp4", options=PreviewOptions(height_px=96))
    warnings = [finding for finding in check_preview(trailer, path) if finding.severity == "warning"]
    flashes = [finding for finding in warnings if "flashes a second" in finding.text and "red" not in finding.text]
    assert len(flashes) == 1
    assert flashes[0].at_s == pytest.approx(3.0, abs=0.2)
    calm = replace(make_trailer([(0, 70)], cut), target_s=trailer.duration_s)
    path = render_preview(calm, cut=cut, path=tmp_path / "calm.mp4", options=PreviewOptions(height_px=96))
    assert not [finding for finding in check_preview(calm, path) if "flashes" in finding.text]


def test_a_clip_in_a_hard_spoiler_zone_is_found_and_one_in_a_soft_zone_is_not() -> None:
    clips = make_clips((0, 1), (2, 3), (4, 5))
    trailer = Trailer(cut_id="0", template="any", target_s=Fraction(3), clips=clips, arc=np.zeros(0), fit=0.0)
    hard = SpoilerZone(start_s=2.5, end_s=3.2, why="who did it")
    soft = SpoilerZone(start_s=4.0, end_s=5.0, why="how", is_hard=False)
    (finding,) = check_spoilers(trailer, (hard, soft))
    assert (finding.at_s, finding.severity) == (1.0, "warning")
    assert finding.text == "Clip 2 shows what must not be shown: who did it."
