"""Peaks of tension."""

import pytest

from pipeline.moments.peaks import find_peaks
from pipeline.types import Aside, SpoilerZone
from tests.moments import make_film


def find(spans, *, most=10, spoilers=(), asides=()):
    film = make_film(400, curves={"tension": {(t, t + 1): value for t, value in spans.items()}}, asides=asides)
    return find_peaks(film.features, film.curves, most=most, spoilers=spoilers)


def test_peaks_are_the_highest_for_half_a_minute_around_in_the_order_of_the_film():
    peaks = find({50: 0.7, 60: 0.9, 80: 0.8, 91: 0.6, 200: 0.95})
    assert peaks == ((60, pytest.approx(0.9)), (200, pytest.approx(0.95)))


def test_a_film_of_even_tension_has_no_peak():
    assert find({}) == ()


def test_only_the_highest_are_kept():
    assert find({60: 0.9, 150: 0.6, 250: 0.8}, most=2) == ((60, pytest.approx(0.9)), (250, pytest.approx(0.8)))


def test_no_peak_is_in_an_aside_or_a_hard_spoiler_zone():
    marks = {60: 0.9, 200: 0.8, 350: 0.95}
    zones = (SpoilerZone(start_s=190, end_s=210, why="x"), SpoilerZone(start_s=50, end_s=70, why="y", is_hard=False))
    peaks = find(marks, spoilers=zones, asides=(Aside(start_s=340, end_s=400, kind="credits"),))
    assert [second for second, _ in peaks] == [60]


def test_where_everything_is_a_spoiler_there_is_no_peak():
    assert find({60: 0.9}, spoilers=(SpoilerZone(start_s=0, end_s=400, why="x"),)) == ()
