"""Candidate moments: whole shots, honest sums, no overlap."""

import itertools
from fractions import Fraction

import numpy as np
import pytest

from pipeline.segments import SegmentOptions, rank_segments
from pipeline.types import Analysis, Line, Segment
from tests.analyses import make_analysis


def rank(film: Analysis, options: SegmentOptions | None = None) -> tuple[Segment, ...]:
    duration_s = float(film.cut.duration_s)
    return rank_segments(film.features, film.curves, film.lines, duration_s=duration_s, options=options)


@pytest.fixture(scope="module")
def film():  # type: ignore[no-untyped-def]
    return make_analysis(Fraction(600), seed=3)


def test_every_score_is_the_sum_of_its_reasons(film) -> None:  # type: ignore[no-untyped-def]
    segments = rank(film)
    assert segments
    for segment in segments:
        assert segment.score == pytest.approx(sum(reason.weight for reason in segment.reasons))


def test_candidates_come_best_first_and_never_overlap(film) -> None:  # type: ignore[no-untyped-def]
    segments = rank(film)
    scores = [segment.score for segment in segments]
    assert scores == sorted(scores, reverse=True)
    spans = sorted((segment.start_s, segment.end_s) for segment in segments)
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(spans))


def test_candidates_begin_with_a_shot_and_keep_to_the_lengths(film) -> None:  # type: ignore[no-untyped-def]
    options = SegmentOptions()
    starts = set(film.features.shot_starts_s.tolist())
    for segment in rank(film, options):
        assert segment.start_s in starts
        assert options.shortest_s <= segment.end_s - segment.start_s <= options.longest_s + 1e-9


def test_the_tensest_moment_is_ranked_first() -> None:
    film = make_analysis(Fraction(300), seed=1)
    values = np.full_like(film.curves.values, 0.2)
    values[150:156, 0] = 0.9
    curves = type(film.curves)(
        names=film.curves.names,
        values=values,
        low=values,
        high=values,
        shares=film.curves.shares,
        model_id="test",
    )
    features = type(film.features)(
        **{name: getattr(film.features, name) for name in ("frames", "audio", "transcript", "present")},
        shot_starts_s=np.arange(0, 300, 3.0),
        columns=film.features.columns,
        extractors={},
        draft=film.features.draft,
    )
    best = rank_segments(features, curves, (), duration_s=300)[0]
    assert best.start_s <= 150 < best.end_s


def test_cutting_off_a_line_costs_and_says_so(film) -> None:  # type: ignore[no-untyped-def]
    best = rank(film)[0]
    lines = (Line(start_s=best.start_s - 1, end_s=best.start_s + 1, text="Wait!"),)
    again = rank_segments(film.features, film.curves, lines, duration_s=600, options=SegmentOptions(most=1000))
    same = [s for s in again if s.start_s == best.start_s and s.end_s == best.end_s]
    for segment in same:
        assert any("cuts off" in reason.name and reason.weight < 0 for reason in segment.reasons)
        assert segment.score < best.score


@pytest.mark.parametrize("seconds", [Fraction(1, 24), Fraction(1), Fraction(2)])
def test_a_film_shorter_than_a_candidate_is_one_candidate(seconds: Fraction) -> None:
    film = make_analysis(seconds)
    (segment,) = rank(film)
    assert segment.end_s == pytest.approx(float(seconds), abs=1e-4)
