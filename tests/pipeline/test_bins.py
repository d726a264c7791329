"""Bins that fill themselves: numbers that must and must not fill them, and films with known sounds."""

import itertools
import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.bins import BINS, fill_bins
from pipeline.segments import rank_segments, segments_to_clips
from pipeline.types import Analysis, Aside, Line, Segment, SpoilerZone
from tests.analyses import make_analysis
from tests.films import make_tone, paint_shots, write_film
from tests.moments import make_film
from tests.reading import analyse_film

HZ = 48_000


def fill(film: Analysis, name: str, **wanted) -> tuple[Segment, ...]:
    return fill_bins(film.features, film.curves, film.lines, cut=film.cut, **wanted)[name]


def covers(segments: tuple[Segment, ...], instant_s: float) -> bool:
    return any(segment.start_s <= instant_s < segment.end_s for segment in segments)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000))
def test_nothing_in_a_bin_overlaps_touches_an_aside_or_a_hard_zone_and_all_adds_up(seed: int) -> None:
    film = make_analysis(200, seed=seed)
    zones = [SpoilerZone(start_s=120.5, end_s=140, why="the end")]
    bins = fill_bins(film.features, film.curves, film.lines, cut=film.cut, spoilers=zones, most=7)
    assert list(bins) == list(BINS)
    for segments in bins.values():
        assert len(segments) <= 7
        spans = sorted((segment.start_s, segment.end_s) for segment in segments)
        assert all(a[1] <= b[0] for a, b in itertools.pairwise(spans))
        for segment in segments:
            assert 0 <= segment.start_s < segment.end_s <= 200
            assert segment.score == pytest.approx(sum(reason.weight for reason in segment.reasons))
            barred = [*((a.start_s, a.end_s) for a in film.features.asides), (120.5, 140)]
            assert all(segment.end_s <= a or segment.start_s >= b for a, b in barred)


def test_lines_are_taken_whole_and_descriptions_of_sounds_are_none() -> None:
    lines = [
        Line(start_s=5.2, end_s=7.9, text="We have to go. Now!"),
        Line(start_s=10, end_s=12, text="[door slams]"),
        Line(start_s=14, end_s=15.5, text="- Why?"),
        Line(start_s=20, end_s=22, text="…"),
        Line(start_s=27, end_s=31, text="This one runs into the titles!"),
    ]
    film = make_film(60, lines=lines, asides=[Aside(start_s=30, end_s=60, kind="credits")])
    assert {(s.start_s, s.end_s) for s in fill(film, "lines")} == {(5.2, 7.9), (14, 15.5)}
    assert [(s.start_s, s.end_s) for s in fill(film, "exclamations")] == [(5.2, 7.9)]


def test_a_stare_is_a_face_held_without_words_cuts_or_motion() -> None:
    face = np.zeros(60)
    face[10:15] = face[30:35] = face[45:50] = 0.4
    film = make_film(
        60,
        details={"face": face},
        columns={"picture_change": {(0, 60): 0.3, (10, 15): 0.01, (30, 35): 0.01}, "cuts": {(0, 60): 0.0}},
        lines=[Line(start_s=30.5, end_s=34.5, text="She talks.")],
    )
    assert [(s.start_s, s.end_s) for s in fill(film, "stares")] == [(10, 15)]


def test_action_is_motion_cuts_and_loudness_together() -> None:
    busy = {(40, 50): 0.9}
    film = make_film(120, columns={"picture_change": busy, "cuts": busy, "loudness": busy})
    (action,) = fill(film, "action")
    assert 38 <= action.start_s <= 42
    assert 48 <= action.end_s <= 52
    assert fill(make_film(120, columns={"loudness": busy}), "action") == ()


def test_an_establishing_shot_is_wide_and_opens_a_scene() -> None:
    scenes = {(60, 120): 0.9}
    face, edges = np.zeros(120), np.full(120, 0.05)
    edges[[0, 1, 2, 3, 60, 61, 62, 63]] = 0.2
    film = make_film(120, details={"face": face, "edges": edges}, columns={"brightness": scenes, "texture_00": scenes})
    assert {s.start_s for s in fill(film, "establishing")} == {0, 60}
    face[60:64] = 0.5
    film = make_film(120, details={"face": face, "edges": edges}, columns={"brightness": scenes})
    assert {s.start_s for s in fill(film, "establishing")} == {0}


def test_bins_without_their_measurements_stay_empty() -> None:
    film = make_film(60, streams=("audio",), columns={"loudness": {(0, 60): 0.7}})
    filled = fill_bins(film.features, film.curves, film.lines, cut=film.cut)
    assert set(filled) == set(BINS)
    assert not any(filled.values())


@pytest.fixture(scope="module")
def sounds(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    """A film of 100 s: a low hum, with a baby at 10 and 20 s, rain at 30, a hit at 45, a silence at 50, a bark of laughter
    at 60, a swell at 72, and waves at 88."""
    random = np.random.default_rng(0)
    track = 0.004 * make_tone(100, left=1, right=1, hz=120)[:, 0] + random.normal(0, 0.002, 100 * HZ).astype(np.float32)
    clips = data_dir / "audio" / "esc10"
    for at_s, kind, place in ((10, "baby_cry", 0), (20, "baby_cry", 1), (30, "rain", 0), (88, "sea_waves", 0)):
        file = [path for path in sorted((clips / kind).iterdir()) if path.name[0] in "345"][place]
        stored, rate = soundfile.read(file, dtype="float32", always_2d=True)
        wave = soxr.resample(stored.mean(axis=1), rate, HZ)[: 5 * HZ]
        track[at_s * HZ : at_s * HZ + len(wave)] += 0.5 * wave / np.abs(wave).max()
    instants = np.arange(HZ) / HZ
    track[int(45.4 * HZ) : int(45.4 * HZ) + HZ] += (0.9 * random.normal(0, 0.4, HZ) * np.exp(-8 * instants)).astype(
        np.float32
    )
    track[50 * HZ : 54 * HZ] = 0
    bursts = np.arange(4 * HZ) / HZ
    voice = sum(np.sin(2 * np.pi * 320 * n * bursts) / n for n in range(1, 8))
    gate = np.clip(np.sin(2 * np.pi * 4 * bursts), 0, None) ** 0.5
    track[60 * HZ : 64 * HZ] += (0.15 * gate * voice).astype(np.float32)
    growth = np.arange(10 * HZ) / HZ
    chord = sum(np.sin(2 * np.pi * hz * growth) for hz in (196, 247, 294, 392)) * 10 ** ((-40 + 2.5 * growth) / 20)
    track[72 * HZ : 82 * HZ] += (0.25 * chord).astype(np.float32)
    path = tmp_path_factory.mktemp("bins") / "sounds.mkv"
    pictures = np.repeat(paint_shots(25, rate=Fraction(1), shot_s=5), 40, axis=0)
    stereo = np.stack([track, track], axis=1).astype(np.float32)
    return analyse_film(write_film(path, pictures=pictures, rate=Fraction(10), sound=stereo, sound_codec="flac"))


HEARD = {
    "scream-like": ((12, 21, 24), (32, 47, 62, 76, 90)),
    "hits": ((45,), (32, 62, 76, 90)),
    "laughter-like": ((61, 62), (12, 22, 32, 45, 76, 90)),
    "silence": ((51, 52), (12, 32, 45, 62, 76, 90)),
    "swells": ((77,), (32, 45, 51, 62, 91)),
}
"""For each bin the seconds that must be in it, and those that must not."""


@pytest.mark.data
@pytest.mark.parametrize("name", HEARD)
def test_known_sounds_fall_into_their_bins_and_into_no_other(sounds: Analysis, name: str) -> None:
    segments = fill(sounds, name)
    here, elsewhere = HEARD[name]
    assert [second for second in here if not covers(segments, second + 0.5)] == []
    assert [second for second in elsewhere if covers(segments, second + 0.5)] == []


@pytest.mark.data
def test_a_bin_becomes_a_string_out_of_whole_frames(sounds: Analysis) -> None:
    segments = fill(sounds, "scream-like")
    clips = segments_to_clips(segments, sounds.cut, role="scream-like")
    assert len(clips) == len(segments)
    assert all((clip.start_s * 10).denominator == 1 and clip.reasons for clip in clips)


@pytest.mark.data
def test_words_make_neither_silence_nor_a_swell(sounds: Analysis) -> None:
    lines = (Line(start_s=50, end_s=54, text="Hush."), Line(start_s=72, end_s=82, text="A song."))
    filled = fill_bins(sounds.features, sounds.curves, lines, cut=sounds.cut)
    assert not covers(filled["silence"], 52)
    assert not covers(filled["swells"], 77)


def test_the_demo_films_shouts_its_chases_and_the_moment_of_being_found_fall_into_their_bins(demo: Analysis) -> None:
    filled = fill_bins(demo.features, demo.curves, demo.lines, cut=demo.cut)
    shouted = {line.start_s for line in demo.lines if "!" in line.text}
    assert {segment.start_s for segment in filled["exclamations"]} == shouted
    assert len(filled["lines"]) == len(demo.lines) == 18
    [hit] = filled["hits"]
    assert (hit.start_s, hit.end_s) == (pytest.approx(59 + 2 / 24), 60)
    assert covers(filled["action"], 40)
    assert covers(filled["action"], 65)
    assert not any(covers(filled["action"], second) for second in (5, 20, 50, 80))
    assert filled["silence"] == filled["laughter-like"] == ()


def test_the_best_moments_of_the_demo_film_hold_what_was_made_to_be_most_tense(demo: Analysis) -> None:
    truth = json.loads((Path(__file__).parents[2] / "assets" / "demo.json").read_text(encoding="utf-8"))["tension"]
    best, second = rank_segments(demo.features, demo.curves, demo.lines, cut=demo.cut)[:2]
    assert max(truth[int(best.start_s) : int(best.end_s)]) == max(truth)
    assert max(truth[int(second.start_s) : int(second.end_s)]) >= np.quantile(truth, 0.75)


@pytest.mark.xfail(strict=True, reason="the curve stays high for some seconds behind the demo's climax: 0.77 of 0.82")
def test_the_second_best_moment_of_the_demo_film_is_among_its_most_tense_as_well(demo: Analysis) -> None:
    truth = json.loads((Path(__file__).parents[2] / "assets" / "demo.json").read_text(encoding="utf-8"))["tension"]
    for moment in rank_segments(demo.features, demo.curves, demo.lines, cut=demo.cut)[:2]:
        assert max(truth[int(moment.start_s) : int(moment.end_s)]) >= np.quantile(truth, 0.85)


def test_no_bin_shows_a_sliver_of_another_shot() -> None:
    noise = np.random.default_rng(0)
    starts = np.r_[0.0, np.cumsum(noise.uniform(1.3, 6.0, 60))]
    film = make_film(200, shots_s=starts[starts < 199].tolist(), curves={"tension": {(10, 60): 0.9}})
    loud = film.features.audio.copy()
    loud[:, film.features.columns["audio"].index("loudness")] = 0.05
    film = replace(film, features=replace(film.features, audio=loud))
    found = fill_bins(film.features, film.curves, film.lines, cut=film.cut)
    assert found["silence"]
    for segment in itertools.chain(*found.values()):
        inside = starts[(starts > segment.start_s) & (starts < segment.end_s)]
        for edge_s in (segment.start_s, segment.end_s):
            assert not (np.abs(inside - edge_s) < 11.9 / 24).any()
