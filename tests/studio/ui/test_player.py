"""The player is told what it needs, in plain numbers."""

import json

import numpy as np

from pipeline.types import CURVES
from studio.ui.player import player_data
from tests.analyses import make_analysis


def test_every_curve_comes_as_whole_percent_of_its_range():
    analysis = make_analysis(90)
    data = player_data(analysis, "/film/x?signature=1", chart_key="chart", dark=False)
    assert [curve["name"] for curve in data["curves"]] == list(CURVES)
    for curve in data["curves"]:
        values = curve["low"] + np.array(curve["percent"]) / 100 * (curve["high"] - curve["low"])
        np.testing.assert_allclose(values, analysis.curves.curve(curve["name"]), atol=0.0101)


def test_the_lines_and_the_clock_are_the_films():
    analysis = make_analysis(10.5)
    data = player_data(analysis, "/film/x", chart_key="chart", dark=True)
    assert data["duration_s"] == 10.5
    assert data["lines"] == [[line.start_s, line.end_s, line.text] for line in analysis.lines]
    assert data["chart"] == ".st-key-chart .marks"


def test_a_cut_without_a_picture_says_so():
    data = player_data(make_analysis(3, streams=("audio",)), "/film/x", chart_key="chart", dark=False)
    assert data["has_picture"] is False


def test_two_hours_fit_into_a_modest_message():
    data = player_data(make_analysis(7300), "/film/x", chart_key="chart", dark=False)
    assert len(json.dumps(data)) < 400_000
