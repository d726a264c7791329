"""The tables that charts are drawn from keep the film's clock and its values."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from studio.ui.tidy import (
    MAX_POINTS,
    MIN_STRETCH_S,
    clip_stretch,
    curve_table,
    draft_table,
    moment_table,
    seconds_to_clock,
    share_table,
    shot_table,
    whole_film,
)
from tests.analyses import make_analysis


@pytest.mark.parametrize(
    ("seconds_s", "clock"), [(0, "0:00:00"), (59.99, "0:00:59"), (3600, "1:00:00"), (35_999, "9:59:59")]
)
def test_an_instant_is_written_as_people_say_it(seconds_s, clock):
    assert seconds_to_clock(seconds_s) == clock


def test_a_curve_reaches_from_the_films_first_instant_to_its_last():
    analysis = make_analysis(Fraction(61, 2))
    table = curve_table(analysis, ["tension", "joy"], whole_film(analysis))
    for _, curve in table.groupby("curve"):
        assert curve["x_s"].iloc[0] == 0
        assert curve["x_s"].iloc[-1] == 30.5
        assert curve["x_s"].is_monotonic_increasing
    tension = table[table["curve"] == "tension"]
    np.testing.assert_allclose(tension["value"].to_numpy()[1:-1], analysis.curves.curve("tension"), atol=1e-4)


def test_a_film_of_one_second_still_draws_a_line():
    analysis = make_analysis(1)
    table = curve_table(analysis, ["tension"], whole_film(analysis))
    assert table["x_s"].tolist() == [0, 0.5, 1]
    assert table["value"].nunique() == 1


def test_a_film_of_two_hours_is_drawn_with_means_that_lose_nothing_of_the_whole():
    analysis = make_analysis(7301)
    table = curve_table(analysis, ["tension"], whole_film(analysis))
    assert whole_film(analysis).step_s == 5
    assert len(table) <= MAX_POINTS + 2
    points = table["value"].to_numpy()[1:-1]
    tension = analysis.curves.curve("tension")
    assert points[3] == pytest.approx(tension[15:20].mean(), abs=1e-4)
    assert points[-1] == pytest.approx(tension[7300], abs=1e-4)


@pytest.mark.parametrize("duration_s", [1, Fraction(61, 2), 7301])
def test_a_band_surrounds_its_curve(duration_s):
    analysis = make_analysis(duration_s)
    table = moment_table(analysis, ["tension", "valence"], whole_film(analysis))
    for name in ("tension", "valence"):
        assert (table[f"{name}_low"] <= table[name]).all()
        assert (table[name] <= table[f"{name}_high"]).all()


def test_a_moment_tells_the_second_and_its_values():
    analysis = make_analysis(100)
    moments = moment_table(analysis, ["tension", "valence"], whole_film(analysis))
    moment = moments[moments["x_s"] == 61.5].iloc[0]
    assert moment["time"] == "0:01:01"
    assert moment["valence"] == pytest.approx(analysis.curves.curve("valence")[61], abs=1e-3)


def test_shares_are_stacked_without_gaps_up_to_the_whole():
    analysis = make_analysis(40)
    table = share_table(analysis, "tension", whole_film(analysis))
    picture, sound, words = (table[table["stream"] == name] for name in ("picture", "sound", "words"))
    assert (picture["bottom"] == 0).all()
    assert picture["top"].tolist() == sound["bottom"].tolist()
    assert sound["top"].tolist() == words["bottom"].tolist()
    np.testing.assert_allclose(words["top"], 1, atol=1e-3)


def test_shares_of_a_film_without_streams_to_rest_on_are_empty():
    analysis = make_analysis(5, streams=())
    assert share_table(analysis, "tension", whole_film(analysis))["top"].tolist() == [0.0] * 21


def test_every_shot_has_its_first_instant():
    analysis = make_analysis(60)
    np.testing.assert_allclose(
        shot_table(analysis, whole_film(analysis))["x_s"], analysis.features.shot_starts_s, atol=1e-3
    )


def test_a_part_of_a_long_film_is_drawn_second_by_second_on_the_films_clock():
    analysis = make_analysis(7301)
    stretch = clip_stretch(analysis, 3600, 3720)
    tension = curve_table(analysis, ["tension"], stretch)
    assert (tension["x_s"].iloc[0], tension["x_s"].iloc[-1]) == (3600, 3720)
    np.testing.assert_allclose(tension["value"].iloc[1:-1], analysis.curves.curve("tension")[3600:3720], atol=1e-4)
    assert moment_table(analysis, ["tension"], stretch)["time"].iloc[0] == "1:00:00"
    shots = shot_table(analysis, stretch)["x_s"]
    assert len(shots) > 0
    assert shots.between(3600, 3720).all()


@pytest.mark.parametrize("duration_s", [1, Fraction(61, 2), 7301])
@pytest.mark.parametrize("share", [0, 0.5, 1])
def test_a_part_is_never_shorter_than_can_be_looked_at_and_never_outside_the_film(duration_s, share):
    analysis = make_analysis(duration_s)
    stretch = clip_stretch(analysis, share * float(duration_s), share * float(duration_s) + 5)
    assert 0 <= stretch.start_s < stretch.end_s <= duration_s
    assert stretch.end_s - stretch.start_s >= min(duration_s, MIN_STRETCH_S)


def test_parts_that_rest_on_a_draft_are_laid_out_inside_the_stretch():
    analysis = make_analysis(Fraction(199, 2))
    draft = np.zeros(100, bool)
    draft[10:20] = draft[60:] = True
    analysis = replace(analysis, features=replace(analysis.features, draft=draft))
    whole = draft_table(analysis, whole_film(analysis))
    assert whole.to_numpy().tolist() == [[10, 20], [60, 99.5]]
    part = draft_table(analysis, clip_stretch(analysis, 15, 70))
    assert part.to_numpy().tolist() == [[15, 20], [60, 70]]
    assert draft_table(make_analysis(30), whole_film(make_analysis(30))).empty
