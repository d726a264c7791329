"""Why a moment was chosen, and every reason for which another was not."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.explain import explain_second
from pipeline.moments.candidates import ORDER, REFUSALS, Explanation, RankOptions, SegmentWeights
from pipeline.segments import find_candidates, rank_candidates
from pipeline.types import Analysis, Aside, Line, SpoilerZone
from tests.analyses import make_analysis
from tests.moments import make_film


def explain(film: Analysis, instant_s: float, **wanted) -> Explanation:
    candidates = find_candidates(film.features, film.curves, film.lines, cut=film.cut)
    return explain_second(instant_s, candidates, rank_candidates(candidates, **wanted), **wanted)


def refuse(film: Analysis, instant_s: float, **wanted) -> tuple[str, str]:
    explanation = explain(film, instant_s, **wanted)
    (refusal,) = explanation.refusals
    assert explanation.rank is None
    assert refusal.kind in REFUSALS
    assert refusal.text.endswith(".")
    return refusal.kind, refusal.text


def test_a_chosen_instant_is_told_its_rank_and_every_part() -> None:
    film = make_film(120, curves={"tension": {(60, 64): 0.9}})
    explanation = explain(film, 61.5)
    assert explanation.rank == 1
    assert explanation.refusals == ()
    assert explanation.segment is not None
    assert len(explanation.parts) == len(ORDER)
    assert sum(part.adds for part in explanation.parts) == pytest.approx(explanation.segment.score)
    assert {part.name: part.adds for part in explanation.parts}["tension peak"] == pytest.approx(1)


def test_an_aside_is_named() -> None:
    kind, text = refuse(make_film(120, asides=[Aside(start_s=100, end_s=120, kind="credits")]), 110)
    assert kind == "aside"
    assert "credits from 100.00 s" in text


def test_a_spoiler_zone_is_named_with_what_it_gives_away() -> None:
    zone = SpoilerZone(start_s=50, end_s=70, why="who did it")
    kind, text = refuse(make_film(120), 60, spoilers=[zone])
    assert kind == "spoiler"
    assert "who did it" in text


def test_beside_a_zone_every_moment_may_reach_into_it() -> None:
    zone = SpoilerZone(start_s=51, end_s=70, why="who did it")
    kind, text = refuse(make_film(120), 50.5, spoilers=[zone])
    assert kind == "spoiler"
    assert "reaches into" in text


def test_a_line_that_would_be_cut_is_quoted() -> None:
    line = Line(start_s=41, end_s=79, text="And so it went on.")
    kind, text = refuse(make_film(120, lines=[line]), 60)
    assert kind == "line"
    assert "And so it went on." in text


def test_too_little_film_between_asides_is_too_short() -> None:
    asides = [Aside(start_s=0, end_s=60, kind="logo"), Aside(start_s=61, end_s=80, kind="black")]
    kind, text = refuse(make_film(120, asides=asides), 60.5)
    assert kind == "short"
    assert "60.00 s and 61.00 s" in text


def test_a_sliver_of_a_shot_beside_an_aside_is_too_short() -> None:
    kind, text = refuse(make_film(120, asides=[Aside(start_s=0, end_s=59.75, kind="logo")]), 59.8)
    assert kind == "short"
    assert "56.00 s to 60.00 s" in text


def test_what_takes_its_place_is_compared_part_by_part() -> None:
    film = make_film(24, shots_s=[0, 8, 11, 14, 17], curves={"tension": {(11, 14): 0.9}})
    options = RankOptions(most=1, shortest_s=5, longest_s=6, wanted_s=6)
    explanation = explain(film, 16, options=options)
    (refusal,) = explanation.refusals
    assert refusal.kind == "outscored"
    assert "takes its place" in refusal.text
    assert "tension rises +0.00 against +0.50" in refusal.text
    assert explanation.segment is not None
    assert explanation.better is not None
    assert (explanation.segment.start_s, explanation.segment.end_s) == (11, 17)
    assert (explanation.better.start_s, explanation.better.end_s) == (8, 14)


def test_one_moment_too_many_is_outscored_by_the_last_that_was_wanted() -> None:
    film = make_film(120, curves={"tension": {(20, 24): 0.9}})
    explanation = explain(film, 100, options=RankOptions(most=1))
    (refusal,) = explanation.refusals
    assert refusal.kind == "outscored"
    assert "tension peak +0.00 against +1.00" in refusal.text
    peak = next(part for part in explanation.parts if part.name == "tension peak")
    assert (peak.adds, peak.better_adds) == (0, pytest.approx(1))


def test_one_too_like_a_better_one_is_told_so() -> None:
    first, second, third = (20, 24), (60, 64), (100, 104)
    film = make_film(
        160,
        curves={"tension": {first: 0.95, second: 0.9, third: 0.85}},
        columns={"texture_00": {first: 0.9, second: 0.9}, "texture_22": {third: 0.9}},
    )
    weights = SegmentWeights(rarity=0, tension_rise=0)
    kind, text = refuse(film, 62, weights=weights, options=RankOptions(most=2))
    assert kind == "alike"
    assert "like a better moment −0.80" in text


def test_behind_the_end_there_is_nothing() -> None:
    assert refuse(make_film(120), 120)[0] == "short"
    assert refuse(make_film(120), -1)[0] == "short"


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 50), st.floats(0, 1))
def test_every_instant_of_any_film_has_either_a_rank_or_a_reason(seed: int, share: float) -> None:
    film = make_analysis(240, seed=seed)
    candidates = find_candidates(film.features, film.curves, film.lines, cut=film.cut)
    segments = rank_candidates(candidates, options=RankOptions(most=8))
    explanation = explain_second(share * 239.9, candidates, segments, options=RankOptions(most=8))
    assert (explanation.rank is None) == bool(explanation.refusals)
    if explanation.rank is not None:
        assert explanation.segment == segments[explanation.rank - 1]
        assert sum(part.adds for part in explanation.parts) == pytest.approx(explanation.segment.score)


def test_what_is_told_of_each_segment_adds_up_to_its_own_score() -> None:
    film = make_analysis(600, seed=5)
    candidates = find_candidates(film.features, film.curves, film.lines, cut=film.cut)
    segments = rank_candidates(candidates)
    assert any(reason.name == "like a better moment" for segment in segments for reason in segment.reasons)
    for rank, segment in enumerate(segments, start=1):
        told = explain_second(segment.start_s, candidates, segments)
        assert told.rank == rank
        assert sum(part.adds for part in told.parts) == pytest.approx(segment.score)


def test_a_segment_of_another_ranking_is_refused() -> None:
    film = make_film(120)
    candidates = find_candidates(film.features, film.curves, film.lines, cut=film.cut)
    strange = replace(rank_candidates(candidates)[0], start_s=1.2345)
    with pytest.raises(ValueError, match="none of the candidates"):
        explain_second(50, candidates, [strange])


def test_no_segments_asked_for_is_said() -> None:
    candidates = find_candidates(make_film(60).features, make_film(60).curves, (), cut=make_film(60).cut)
    assert "No segments" in explain_second(30, candidates, ()).refusals[0].text
