"""Spoiler zones: the end of the story, its asides not counted, and the highest build-up before it."""

from dataclasses import replace

import numpy as np
import pytest

from pipeline.spoilers import SpoilerOptions, place_spoilers
from pipeline.types import Aside, SpoilerZone
from tests.moments import make_film


def place(film, options: SpoilerOptions | None = None) -> tuple[SpoilerZone, ...]:
    return place_spoilers(film.features, film.curves, duration_s=float(film.cut.duration_s), options=options)


def test_the_end_of_the_story_is_a_zone_and_asides_are_no_story() -> None:
    (whole,) = place(make_film(1000))
    assert (whole.start_s, whole.end_s) == (850, 1000)
    asides = [Aside(start_s=0, end_s=100, kind="logo"), Aside(start_s=800, end_s=1000, kind="credits")]
    (inner,) = place(make_film(1000, asides=asides))
    assert (inner.start_s, inner.end_s) == (100 + 595, 800)


def test_a_scene_behind_the_credits_belongs_to_the_end() -> None:
    (zone,) = place(make_film(1000, asides=[Aside(start_s=850, end_s=950, kind="credits")]))
    assert (zone.start_s, zone.end_s) == (765, 1000)


def test_the_highest_late_build_up_is_a_zone_of_its_own() -> None:
    film = make_film(1000, curves={"tension": {(200, 240): 0.9, (700, 740): 0.8}})
    built, last = place(film)
    assert 700 < built.start_s < built.end_s < 760
    assert "build-up" in built.why
    assert last.start_s == 850


def test_a_build_up_that_only_falls_is_none() -> None:
    film = make_film(1000)
    values = np.array(film.curves.values)
    values[:, 0] = np.linspace(0.9, 0.1, 1000)
    assert len(place(replace(film, curves=replace(film.curves, values=values, low=values, high=values)))) == 1


@pytest.mark.parametrize("seconds", [0.5, 2, 299])
def test_what_is_too_short_for_a_story_has_no_zones(seconds: float) -> None:
    assert place(make_film(seconds)) == ()


def test_the_shares_can_be_chosen() -> None:
    (zone,) = place(make_film(1000), SpoilerOptions(last_share=0.2))
    assert zone.start_s == 800


def test_a_zone_without_length_is_refused() -> None:
    with pytest.raises(ValueError, match="no length"):
        SpoilerZone(start_s=3, end_s=3, why="nothing")
