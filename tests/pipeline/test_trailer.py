"""Putting a trailer together: its rules, its length, its arc, and what happens where there is too little film."""

import itertools
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.assembly.layout import bar_frames, lay_out
from pipeline.assembly.material import Material
from pipeline.assembly.measures import Measures, make_problem
from pipeline.assembly.problem import AssemblyWeights, Options, Problem, cost_changes, is_legal, sum_costs
from pipeline.assembly.search import choose_clips
from pipeline.errors import TrailerError
from pipeline.sequence import Clip, Trailer
from pipeline.templates import TEMPLATES, Template
from pipeline.trailer import AssemblyOptions, assemble_trailer, list_alternatives
from pipeline.types import Aside, Line, SpoilerZone
from tests.moments import make_film
from tests.trailers import find, list_breaches, make_lively_film

FILM = make_lively_film()
MATERIAL = find(FILM)
EVERY = pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES)
ZONES = (
    SpoilerZone(start_s=400.0, end_s=430.0, why="the turn"),
    SpoilerZone(start_s=500.0, end_s=570.0, why="the end"),
    SpoilerZone(start_s=100.0, end_s=200.0, why="perhaps", is_hard=False),
)


def count_off(trailer: Trailer, rate: Fraction) -> Fraction:
    """By how many frames a trailer misses its length."""
    return abs(trailer.duration_s - trailer.target_s) * rate


@EVERY
@pytest.mark.parametrize("rate", [Fraction(24_000, 1001), Fraction(25), Fraction(30_000, 1001)])
def test_a_trailer_keeps_every_rule_and_its_length_to_the_frame(template: Template, rate: Fraction) -> None:
    film = make_lively_film(900, rate=rate, seed=3)
    trailer = assemble_trailer(find(film), template=template, options=AssemblyOptions(spoilers=ZONES))
    assert list_breaches(trailer, film, spoilers=ZONES) == []
    assert count_off(trailer, rate) < 1
    assert trailer.notes == ()
    assert trailer.template == template.name


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), seconds=st.integers(20, 400), name=st.sampled_from(sorted(TEMPLATES)))
def test_the_rules_hold_for_any_film(seed: int, seconds: int, name: str) -> None:
    film = make_lively_film(seconds, seed=seed)
    ban = (Fraction(seconds, 4), Fraction(seconds, 3))
    zone = SpoilerZone(start_s=seconds * 0.6, end_s=seconds * 0.7, why="the turn")
    options = AssemblyOptions(spoilers=(zone,), bans=(ban,))
    trailer = assemble_trailer(find(film), template=TEMPLATES[name], options=options)
    assert list_breaches(trailer, film, spoilers=(zone,), bans=[(float(ban[0]), float(ban[1]))]) == []
    assert (count_off(trailer, film.cut.timecode_rate) < 1) == (trailer.notes == ())


@EVERY
def test_a_trailer_follows_its_arc_better_than_the_best_of_many_by_chance(template: Template) -> None:
    trailer = assemble_trailer(MATERIAL, template=template)
    shuffled, random = [], np.random.default_rng(0)
    for _ in range(300):
        played = random.permutation(trailer.tension)
        shuffled.append(np.corrcoef(played, trailer.arc)[0, 1])
    assert trailer.fit > max(shuffled)
    assert trailer.fit == pytest.approx(np.corrcoef(trailer.tension, trailer.arc)[0, 1], abs=1e-6)


def test_parts_that_keep_the_storys_order_keep_it_and_others_need_not() -> None:
    follows = {part.name for part in TEMPLATES["theatrical120"].parts if part.keeps_story_order}
    trailer = assemble_trailer(MATERIAL, template=TEMPLATES["theatrical120"])
    starts = [clip.start_s for clip in trailer.clips if clip.role in follows]
    assert len(starts) > 20
    assert starts == sorted(starts)
    loose = [clip.start_s for clip in assemble_trailer(MATERIAL, template=TEMPLATES["teaser"]).clips]
    assert loose != sorted(loose)


def test_clips_get_shorter_as_the_trailer_rises() -> None:
    trailer = assemble_trailer(MATERIAL, template=TEMPLATES["theatrical"])
    lengths = [float(clip.end_s - clip.start_s) for clip in trailer.clips if clip.role == "rise"]
    third = len(lengths) // 3
    assert np.mean(lengths[-third:]) < 0.7 * np.mean(lengths[:third])


def test_a_soft_zone_is_shown_less_than_without_it() -> None:
    zone = SpoilerZone(start_s=100.0, end_s=300.0, why="perhaps", is_hard=False)

    def count_inside(spoilers: tuple[SpoilerZone, ...]) -> int:
        trailer = assemble_trailer(MATERIAL, template=TEMPLATES["teaser"], options=AssemblyOptions(spoilers=spoilers))
        return sum(100 < clip.start_s < 300 for clip in trailer.clips)

    assert count_inside((zone,)) < count_inside(())


def test_the_same_film_gives_the_same_trailer() -> None:
    one, other = (assemble_trailer(MATERIAL, template=TEMPLATES["spot30"]) for _ in range(2))
    assert one.clips == other.clips


def test_a_film_of_ten_seconds_gives_a_shorter_trailer_and_says_so() -> None:
    film = make_film(10, shots_s=[0, 2.5, 5, 6, 8])
    trailer = assemble_trailer(find(film), template=TEMPLATES["teaser"])
    assert 2 < trailer.duration_s < 10
    assert list_breaches(trailer, film) == []
    (note,) = trailer.notes
    assert f"{float(trailer.duration_s):.1f} s instead of 60" in note


@pytest.mark.parametrize("seconds", [Fraction(1, 24), Fraction(1), Fraction(3, 2)])
def test_the_shortest_film_still_gives_something(seconds: Fraction) -> None:
    film = make_film(seconds)
    trailer = assemble_trailer(find(film), template=TEMPLATES["spot15"])
    assert 0 < trailer.duration_s <= seconds
    assert trailer.notes


def test_a_film_of_which_nothing_may_be_shown_is_refused_with_a_hint() -> None:
    everything = Aside(start_s=0, end_s=60, kind="credits")
    talk = Line(start_s=0, end_s=60, text="And so on.")
    for film, spoilers in (
        (make_film(60, asides=[everything]), ()),
        (make_film(60, lines=[talk]), ()),
        (make_film(60), (SpoilerZone(start_s=0, end_s=60, why="all"),)),
    ):
        material = find(film)
        with pytest.raises(TrailerError) as caught:
            assemble_trailer(material, template=TEMPLATES["teaser"], options=AssemblyOptions(spoilers=spoilers))
        assert "spoiler zone" in caught.value.hint


def test_a_film_without_sound_picture_or_words_still_has_a_trailer() -> None:
    for streams in (("frames",), ("audio",)):
        film = make_film(200, streams=streams)
        trailer = assemble_trailer(find(film), template=TEMPLATES["spot15"])
        assert count_off(trailer, film.cut.timecode_rate) < 1
        assert np.isnan(trailer.fit)  # Its tension does not move.


def test_locked_clips_stay_as_they_are_and_where_they_are_while_the_rest_is_solved_around_them() -> None:
    first = assemble_trailer(MATERIAL, template=TEMPLATES["teaser"])
    places = (0, 7, 15, len(first.clips) - 1)
    locked = replace(
        first,
        clips=tuple(replace(clip, is_locked=i in places) for i, clip in enumerate(first.clips)),
        bans=((first.clips[3].start_s, first.clips[3].end_s),),
    )
    again = assemble_trailer(MATERIAL, template=TEMPLATES["teaser"], around=locked)

    def list_locked(trailer: Trailer) -> list[tuple[Fraction, Clip]]:
        starts = np.cumsum([Fraction(0), *(clip.end_s - clip.start_s for clip in trailer.clips)])
        return [(at, clip) for at, clip in zip(starts, trailer.clips, strict=False) if clip.is_locked]

    assert list_locked(again) == list_locked(locked)
    assert count_off(again, FILM.cut.timecode_rate) < 1
    (ban,) = locked.bans
    assert list_breaches(again, FILM, bans=[(float(ban[0]), float(ban[1]))]) == []
    assert again.bans == locked.bans
    assert first.clips[3] not in again.clips


def test_a_change_of_template_keeps_what_is_locked() -> None:
    first = assemble_trailer(MATERIAL, template=TEMPLATES["teaser"])
    late = replace(first, clips=tuple(replace(clip, is_locked=i in (2, 25)) for i, clip in enumerate(first.clips)))
    again = assemble_trailer(MATERIAL, template=TEMPLATES["spot15"], around=late)
    assert [clip for clip in again.clips if clip.is_locked] == [late.clips[2], late.clips[25]]
    assert count_off(again, FILM.cut.timecode_rate) < 1
    assert list_breaches(again, FILM) == []


def test_more_locked_than_the_trailer_lasts_is_refused() -> None:
    first = assemble_trailer(MATERIAL, template=TEMPLATES["teaser"])
    everything = replace(first, clips=tuple(replace(clip, is_locked=True) for clip in first.clips))
    assert assemble_trailer(MATERIAL, template=TEMPLATES["teaser"], around=everything).clips == everything.clips
    with pytest.raises(TrailerError) as caught:
        assemble_trailer(MATERIAL, template=TEMPLATES["spot15"], around=everything)
    assert "Unlock" in caught.value.hint


def test_alternatives_are_legal_as_long_as_the_clip_and_say_why() -> None:
    trailer = assemble_trailer(MATERIAL, template=TEMPLATES["teaser"], options=AssemblyOptions(spoilers=ZONES))
    options = AssemblyOptions(spoilers=ZONES)
    for index in (0, 10, len(trailer.clips) - 1):
        found = list_alternatives(MATERIAL, trailer, index=index, template=TEMPLATES["teaser"], options=options)
        assert len(found) == 8
        here = trailer.clips[index]
        assert {clip.end_s - clip.start_s for clip in found} == {here.end_s - here.start_s}
        costs = [sum(reason.weight for reason in clip.reasons) for clip in found]
        assert costs == sorted(costs, reverse=True)
        for clip in found:
            swapped = replace(trailer, clips=(*trailer.clips[:index], clip, *trailer.clips[index + 1 :]))
            assert list_breaches(swapped, FILM, spoilers=ZONES) == []
            assert clip.reasons


def test_every_clip_says_why_it_is_there() -> None:
    trailer = assemble_trailer(MATERIAL, template=TEMPLATES["theatrical120"])
    for clip in trailer.clips:
        assert {"tension off the arc", "length off the pace"} & {reason.name for reason in clip.reasons} or clip.reasons
        assert clip.role in {part.name for part in TEMPLATES["theatrical120"].parts}


def test_the_search_finds_what_trying_everything_finds() -> None:
    gaps = []
    for seed in range(6):
        problem = make_small_problem(find(make_lively_film(40, seed=seed)))
        best = try_everything(problem)
        gaps.append(sum_costs(problem, choose_clips(problem)[0]) - best)
    assert min(gaps) >= -1e-9
    assert np.mean(gaps) < 0.02


def make_small_problem(material: Material) -> Problem:
    """A choice of four slots with a few options each."""
    weights = AssemblyWeights()
    barred = bar_frames(material.rate, spoilers=(), bans=())
    measures = Measures(material, spoilers=(), barred=barred, weights=weights)
    places = lay_out(TEMPLATES["theatrical"], 8.0, (), rate=material.rate)[:4]
    problem = make_problem(material, places, measures=measures, weights=weights, most=6)
    few = [Options(**{name: column[::4] for name, column in vars(options).items()}) for options in problem.options]
    return replace(problem, options=tuple(few))


def try_everything(problem: Problem) -> float:
    """The lowest cost of any legal choice."""
    every = itertools.product(*(range(len(options)) for options in problem.options[:-1]))
    tried = [cost_changes(problem, (*choice, 0), len(problem.options) - 1) for choice in every]
    choices = itertools.product(*(range(len(options)) for options in problem.options))
    cheapest = sorted(zip(np.concatenate(tried).tolist(), choices, strict=True))
    return next(cost for cost, choice in cheapest if is_legal(problem, choice))


@pytest.mark.parametrize("bpm", [90.0, 120.0, 140.0])
def test_cuts_are_pulled_onto_beats_within_a_frame_and_no_rule_breaks(bpm: float) -> None:
    beats_s = tuple(np.arange(0.2, 60, 60 / bpm).tolist())
    rate = float(FILM.cut.timecode_rate)

    def count_on_beat(trailer: Trailer) -> float:
        cuts = np.cumsum([float(clip.end_s - clip.start_s) for clip in trailer.clips])[:-1]
        off = np.abs(cuts[:, None] - np.array(beats_s)).min(axis=1)
        return float((off <= 1 / rate + 1e-9).mean())

    plain = assemble_trailer(MATERIAL, template=TEMPLATES["teaser"])
    pulled = assemble_trailer(MATERIAL, template=TEMPLATES["teaser"], options=AssemblyOptions(beats_s=beats_s))
    assert list_breaches(pulled, FILM) == []
    assert count_off(pulled, FILM.cut.timecode_rate) < 1
    assert count_on_beat(pulled) >= 0.8
    assert count_on_beat(pulled) > count_on_beat(plain) + 0.4
