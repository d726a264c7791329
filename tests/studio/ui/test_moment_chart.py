"""The map of moments, as the Vega-Lite that draws it."""

import pytest

from pipeline.types import Reason, Segment, SpoilerZone
from studio.ui.moment_chart import NAMED, draw_map
from tests.analyses import make_analysis


def make_segments(count):
    reasons = (Reason(name="a face", weight=1.0),)
    return [Segment(start_s=4.0 * i, end_s=4.0 * i + 2, score=1.0, reasons=reasons) for i in range(count)]


def tables(chart):
    return list(chart.to_dict()["datasets"].values())


@pytest.mark.parametrize("dark", [False, True])
def test_every_moment_has_its_bar_and_the_best_have_numbers(dark):
    drawn = tables(draw_map(make_analysis(120), make_segments(15), (), dark=dark))
    bars = [table for table in drawn if table and "rank" in table[0]]
    assert sorted(map(len, bars)) == [NAMED, 15]
    assert [(row["x_s"], row["end_s"]) for row in max(bars, key=len)[:2]] == [(0.0, 2.0), (4.0, 6.0)]


def test_zones_and_asides_are_shaded_the_soft_ones_less():
    analysis = make_analysis(120)
    zones = (
        SpoilerZone(start_s=80, end_s=90, why="who did it"),
        SpoilerZone(start_s=90, end_s=95, why="how", is_hard=False),
    )
    closed = next(table for table in tables(draw_map(analysis, [], zones)) if table and "kind" in table[0])
    assert [row["kind"] for row in closed] == [
        "spoiler",
        "spoiler",
        *(aside.kind for aside in analysis.features.asides),
    ]
    assert closed[0]["strength"] > closed[1]["strength"]


@pytest.mark.parametrize("duration_s", [1, 10.5, 7300])
def test_films_of_any_length_even_without_a_moment_are_drawn(duration_s):
    spec = draw_map(make_analysis(duration_s), [], ()).to_dict()
    assert spec["width"] == "container"
    assert any(param["name"].startswith("asked") for param in spec["params"])
