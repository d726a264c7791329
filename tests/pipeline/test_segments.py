"""Candidate moments: where they may lie, what they are worth, and which are chosen."""

import itertools
from dataclasses import astuple, replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.clock import seconds_to_frame, seconds_to_frames
from pipeline.encodings import Encodings
from pipeline.moments.candidates import ORDER, Candidates, RankOptions, SegmentWeights
from pipeline.moments.scores import compare_looks
from pipeline.segments import (
    SegmentOptions,
    choose_lengths,
    find_candidates,
    rank_candidates,
    rank_segments,
    segments_to_clips,
)
from pipeline.templates import TEMPLATES, choose_moment_lengths
from pipeline.types import ASIDES, Analysis, Aside, Line, Reason, Segment, SpoilerZone
from tests.analyses import make_analysis
from tests.moments import make_film

ALL = RankOptions(most=100_000)


def find(film: Analysis, options: SegmentOptions | None = None) -> Candidates:
    return find_candidates(film.features, film.curves, film.lines, cut=film.cut, options=options)


def rank(film: Analysis, **wanted) -> tuple[Segment, ...]:
    return rank_segments(film.features, film.curves, film.lines, cut=film.cut, **wanted)


@st.composite
def draw_films(draw) -> tuple[Analysis, tuple[SpoilerZone, ...]]:
    """A film with shots, lines, asides and zones anywhere, at any usual rate."""
    rate = draw(
        st.sampled_from([Fraction(24), Fraction(24_000, 1001), Fraction(25), Fraction(30_000, 1001), Fraction(50)])
    )
    frames = draw(st.integers(1, 60 * 24))
    spans = st.tuples(st.integers(0, frames), st.floats(0.05, 9)).map(
        lambda s: (float(s[0] / rate), float(s[0] / rate) + s[1])
    )
    shots = draw(st.lists(st.integers(1, max(frames - 1, 1)), max_size=25, unique=True))
    starts = [float(frame / rate) for frame in sorted({0, *shots}) if frame < frames]
    lines = draw(st.lists(st.tuples(st.floats(0, 60), st.floats(0, 8)), max_size=12))
    film = make_film(
        frames / rate,
        rate=rate,
        shots_s=starts,
        lines=[Line(start_s=a, end_s=a + b, text="Who is it, then?") for a, b in sorted(lines)],
        asides=[Aside(start_s=a, end_s=b, kind=ASIDES[-1]) for a, b in draw(st.lists(spans, max_size=3))],
    )
    zones = [SpoilerZone(start_s=a, end_s=b, why="the end") for a, b in draw(st.lists(spans, max_size=2))]
    return film, tuple(zones)


@settings(max_examples=150, deadline=None)
@given(draw_films())
def test_no_candidate_breaks_a_line_touches_an_aside_or_leaves_a_sliver_of_a_shot(drawn) -> None:
    film, _ = drawn
    candidates = find(film)
    rate, borders = film.cut.timecode_rate, [*film.features.shot_starts_s.tolist(), float(film.cut.duration_s)]
    for start_s, end_s in zip(candidates.starts_s.tolist(), candidates.ends_s.tolist(), strict=True):
        assert 0 <= start_s < end_s <= borders[-1]
        assert all(not line.start_s < edge < line.end_s for line in film.lines for edge in (start_s, end_s))
        assert all(end_s <= aside.start_s or start_s >= aside.end_s for aside in film.features.asides)
        for shot_s, next_s in itertools.pairwise(borders):
            shown = max(start_s, shot_s), min(end_s, next_s)
            if shown[0] < shown[1] and shown != (shot_s, next_s):
                assert seconds_to_frame(shown[1], rate) - seconds_to_frame(shown[0], rate) >= 12


@settings(max_examples=60, deadline=None)
@given(draw_films(), st.lists(st.floats(0, 3), min_size=len(ORDER), max_size=len(ORDER)))
def test_what_is_chosen_keeps_out_of_hard_zones_never_overlaps_and_adds_up(drawn, numbers) -> None:
    film, zones = drawn
    segments = rank(film, spoilers=zones, weights=_weigh(numbers), options=ALL)
    for segment in segments:
        assert all(segment.end_s <= zone.start_s or segment.start_s >= zone.end_s for zone in zones)
        assert segment.score == pytest.approx(sum(reason.weight for reason in segment.reasons))
    assert [s.score for s in segments] == sorted((s.score for s in segments), reverse=True)
    spans = sorted((segment.start_s, segment.end_s) for segment in segments)
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(spans))


def _weigh(numbers) -> SegmentWeights:
    return SegmentWeights(**dict(zip(ORDER, numbers, strict=True)))


@settings(max_examples=60, deadline=None)
@given(draw_films())
def test_clips_begin_and_end_with_frames_of_the_cut(drawn) -> None:
    film, _ = drawn
    rate, segments = film.cut.timecode_rate, rank(film, options=ALL)
    clips = segments_to_clips(segments, film.cut)
    assert len(clips) == len(segments)
    for clip, segment in zip(clips, segments, strict=True):
        assert (clip.start_s * rate).denominator == (clip.end_s * rate).denominator == 1
        assert clip.end_s <= film.cut.duration_s
        assert float(abs(clip.start_s - Fraction(segment.start_s))) < 1 / rate
        assert float(abs(clip.end_s - Fraction(segment.end_s))) < 1 / rate


def test_a_clip_holds_the_frames_of_its_segment_at_23_976() -> None:
    rate = Fraction(24_000, 1001)
    film = make_film(60, rate=rate)
    segment = Segment(start_s=float(100 / rate), end_s=float(148 / rate), score=0.0, reasons=())
    within = replace(segment, start_s=float(100 / rate) + 0.02, end_s=float(147 / rate) + 0.02)
    for given_one in (segment, within):
        (clip,) = segments_to_clips([given_one], film.cut, role="hits")
        assert (clip.start_s, clip.end_s, clip.role) == (100 / rate, 148 / rate, "hits")


def test_the_moment_that_everything_speaks_for_is_ranked_first() -> None:
    face = np.zeros(300)
    face[160:164] = 0.6
    film = make_film(
        300,
        curves={"tension": {(160, 164): 0.9}, "fear": {(160, 164): 0.8}},
        columns={"loudness_change": {(161, 162): 0.9}, "picture_change": {(160, 164): 0.9}},
        lines=[Line(start_s=161, end_s=163, text="Run, for it is behind you now!")],
        details={"face": face},
    )
    best, second = rank(film)[:2]
    assert best.start_s <= 160 < 164 <= best.end_s
    assert {reason.name for reason in best.reasons} >= {"tension peak", "fear stands out", "a face", "a whole line"}
    assert all(reason.weight == pytest.approx(reason.value * 0.4) for reason in best.reasons if reason.name == "a face")
    assert second.score < best.score - 1


@pytest.mark.parametrize("name", ["tension_peak", "emotion", "face", "sound", "whole_line", "rarity", "tension_rise"])
def test_each_part_alone_finds_what_it_is_named_after(name: str) -> None:
    here, face = (80, 84), np.full(160, 0.0)
    face[slice(*here)] = 0.5
    film = make_film(
        160,
        curves={"tension": {here: 0.7, (83, 84): 0.9}, "joy": {here: 0.9}},
        columns={"loudness_change": {(81, 82): 0.9}, "loudness_peak": {here: 0.9}, "texture_00": {here: 0.9}},
        lines=[Line(start_s=80.5, end_s=83, text="This is the only line that is spoken here.")],
        details={"face": face},
    )
    weights = SegmentWeights(**{part: float(part == name) for part in ORDER})
    best = rank(film, weights=weights)[0]
    assert best.start_s < 84
    assert best.end_s > 80
    assert len(best.reasons) == 1


@pytest.mark.parametrize(
    ("cost", "details"),
    [
        ("dark", {"dark": 0.95}),
        ("blur", {"sharpness": 1.0}),
        ("credits", {"dark": 0.8, "edges": 0.05, "face": 0.0}),
    ],
)
def test_a_picture_that_shows_little_costs_and_says_so(cost: str, details: dict[str, float]) -> None:
    usual = {"dark": 0.1, "sharpness": 2.5, "edges": 0.05, "face": 0.0}
    rows = {name: np.full(100, value) for name, value in usual.items()}
    for name, value in details.items():
        rows[name][92:96] = value
    film = make_film(100, details=rows)
    candidates = find(film)
    parts = candidates.parts[:, ORDER.index(cost)]
    assert parts[(candidates.starts_s == 92) & (candidates.ends_s == 96)] == pytest.approx(1)
    assert parts[candidates.ends_s <= 92].max() == 0
    weights = SegmentWeights(**{part: float(part == cost) for part in ORDER})
    last = rank(film, weights=weights, options=ALL)[-1]
    assert last.score < 0
    assert len(last.reasons) == 1


def test_a_moment_like_a_better_one_gives_way_to_another() -> None:
    alike, other = [(20, 24), (60, 64)], (100, 104)
    film = make_film(
        160,
        curves={"tension": {alike[0]: 0.95, alike[1]: 0.9, other: 0.85}},
        columns={"texture_00": dict.fromkeys(alike, 0.9), "texture_22": {other: 0.9}},
    )
    quiet = SegmentWeights(likeness=0, rarity=0, tension_rise=0)
    assert [round(s.start_s) for s in rank(film, weights=quiet)[:3]] == [20, 60, 100]
    first, second = rank(film, weights=replace(quiet, likeness=1))[:2]
    assert (round(first.start_s), round(second.start_s)) == (20, 100)


def test_ranking_again_equals_ranking_anew() -> None:
    film = make_analysis(Fraction(600), seed=3)
    candidates = find(film)
    zone = SpoilerZone(start_s=400, end_s=450, why="who did it", is_hard=False)
    for weights in (SegmentWeights(), SegmentWeights(tension_peak=0, face=2), SegmentWeights(likeness=0, spoiler=3)):
        for options in (RankOptions(), choose_lengths("spot15", most=5)):
            wanted = {"spoilers": [zone], "weights": weights, "options": options}
            again = rank_candidates(candidates, **wanted)
            assert again == rank(film, **wanted)
            assert len(again) == options.most


def test_a_soft_zone_costs_what_lies_in_it_and_a_hard_one_shuts_it_out() -> None:
    film = make_film(200, curves={"tension": {(100, 104): 0.9}})
    zone = SpoilerZone(start_s=100, end_s=104, why="who did it")
    assert all(s.end_s <= 100 or s.start_s >= 104 for s in rank(film, spoilers=[zone], options=ALL))
    soft = rank(film, spoilers=[replace(zone, is_hard=False)], weights=SegmentWeights(spoiler=0.5))[0]
    assert soft.start_s < 104
    assert soft.end_s > 100
    assert any(reason.name == "in a soft spoiler zone" and reason.weight < 0 for reason in soft.reasons)


def test_every_second_of_a_zone_can_be_opened_and_shut_without_finding_anew() -> None:
    candidates = find(make_film(100))
    shut = [SpoilerZone(start_s=0, end_s=100, why="all of it")]
    assert rank_candidates(candidates, spoilers=shut) == ()
    assert rank_candidates(candidates)


def test_where_a_line_runs_over_every_border_moments_begin_and_end_in_its_pauses() -> None:
    lines = [Line(start_s=a + 3.0, end_s=a + 5.0, text="On and on it goes.") for a in np.arange(0, 60, 4.0)]
    film = make_film(64, lines=lines)
    candidates = find(film)
    assert len(candidates)
    edges = {round(edge % 4, 6) for edge in (*candidates.starts_s, *candidates.ends_s)}
    assert edges <= {0.0, 1.0, 3.0}


@settings(max_examples=200, deadline=None)
@given(
    seconds=st.floats(0, 20_000),
    rate=st.sampled_from([Fraction(24_000, 1001), Fraction(24), Fraction(25), Fraction(30_000, 1001), Fraction(60)]),
)
def test_many_instants_have_the_frames_that_the_clock_says(seconds: float, rate: Fraction) -> None:
    frame = seconds_to_frame(seconds, rate)
    instants = np.array([seconds, float(frame / rate), float(frame / rate) - 4e-4])
    counted = seconds_to_frames(instants, rate)
    assert counted.tolist() == [seconds_to_frame(float(instant), rate) for instant in instants]


def test_lengths_are_kept_wherever_any_candidate_has_them() -> None:
    film = make_film(120, shots_s=np.arange(0, 120, 1.5))
    for name, template in TEMPLATES.items():
        shortest_s, longest_s, _ = choose_moment_lengths(template)
        segments = rank(film, options=choose_lengths(name, most=10))
        assert segments
        assert all(shortest_s - 1e-9 <= s.end_s - s.start_s <= longest_s + 1e-9 for s in segments)


@pytest.mark.parametrize("seconds", [Fraction(1, 24), Fraction(1), Fraction(3, 2)])
def test_a_film_shorter_than_a_candidate_is_one_candidate(seconds: Fraction) -> None:
    (segment,) = rank(make_film(seconds))
    assert (segment.start_s, segment.end_s) == (0, float(seconds))


@pytest.mark.parametrize(
    "film",
    [
        make_film(60, shots_s=[0.0]),
        make_film(2),
        make_film(60, streams=("frames", "transcript")),
        make_film(60, streams=("frames", "audio")),
        make_film(60, shots_s=[], streams=("audio",)),
        make_film(
            60, details={name: np.full(60, np.nan) for name in ("face", "dark", "sharpness", "edges", "rise_db")}
        ),
    ],
    ids=["one shot", "two seconds", "no sound", "no words", "no picture", "no details"],
)
def test_a_film_that_lacks_something_is_ranked_by_what_it_has(film: Analysis) -> None:
    candidates = find(film)
    segments = rank_candidates(candidates)
    assert segments
    assert np.isfinite(candidates.parts).all()
    assert np.isfinite([segment.score for segment in segments]).all()
    if not film.features.details or film.features.seconds == 60:
        assert "face" in candidates.unmeasured


def test_a_film_that_is_all_credits_or_one_long_line_has_no_moments() -> None:
    assert rank(make_film(60, asides=[Aside(start_s=0, end_s=60, kind="credits")])) == ()
    line = Line(start_s=0.1, end_s=59.9, text="A line that never ends.")
    assert rank(make_film(60, lines=[line])) == ()


def test_what_a_draft_has_not_measured_is_no_reason() -> None:
    film = make_film(60, columns={"picture_change": {(20, 24): 0.9}})
    features = replace(film.features, draft=np.ones(60, np.bool_), unmeasured=("picture_change",))
    rare = find_candidates(features, film.curves, (), cut=film.cut).parts[:, ORDER.index("rarity")]
    assert rare.max() == 0
    assert find(film).parts[:, ORDER.index("rarity")].max() > 0


@pytest.mark.parametrize("weight", [-1.0, float("inf"), float("nan")])
def test_a_weight_that_is_none_is_refused(weight: float) -> None:
    with pytest.raises(ValueError, match="0 or more"):
        SegmentWeights(face=weight)


def test_reasons_survive_the_library() -> None:
    from studio.blob import analysis_to_bytes, bytes_to_analysis

    film = make_analysis(30, seed=2)
    reasons = (Reason(name="a face", weight=0.2, value=0.5), Reason(name="by hand", weight=1.0))
    film = replace(film, segments=(Segment(start_s=1, end_s=4, score=1.2, reasons=reasons),))
    assert bytes_to_analysis(analysis_to_bytes(film)).segments == film.segments


def test_the_parts_are_the_fields_of_the_weights() -> None:
    signed = SegmentWeights().list_signed()
    assert np.abs(signed).tolist() == list(astuple(SegmentWeights()))
    assert (signed > 0).sum() == 8


def test_where_a_cut_was_encoded_likeness_is_what_the_encoders_make_of_it() -> None:
    film = make_film(60, shots_s=np.arange(0, 60, 3.0))
    kind = (np.arange(60) // 3) % 4  # Every fourth shot shows the same.
    vectors = np.eye(4)[kind] + 0.01 * np.random.default_rng(0).normal(size=(60, 4))
    encodings = Encodings(
        frames=vectors,
        audio=np.zeros((60, 2)),
        transcript=np.zeros((60, 0)),
        present=np.array([[True, False, False]] * 60),
        encoders={"frames": "kinds"},
    )
    options = SegmentOptions(shortest_s=3, longest_s=3)
    candidates = find_candidates(
        film.features, film.curves, film.lines, cut=film.cut, options=options, encodings=encodings
    )
    shot = kind[(candidates.starts_s + 0.5).astype(int)]
    likeness = np.stack([compare_looks(candidates, i) for i in range(len(candidates))])
    assert likeness[shot[:, None] == shot[None]].min() > 0.9
    assert likeness[shot[:, None] != shot[None]].max() < 0.1
    chosen = rank_candidates(candidates, options=replace(ALL, most=4))
    assert {int(kind[int(segment.start_s + 0.5)]) for segment in chosen} == {0, 1, 2, 3}
