"""The player is told what it needs, in few bytes."""

import json
from base64 import b64decode

import numpy as np

from pipeline.types import CURVES
from studio.ui.player import player_data
from studio.ui.tidy import clip_stretch, whole_film
from tests.analyses import make_analysis


def tell_player(analysis, *, dark=False):
    return player_data(
        analysis,
        "/film/x?signature=1",
        still_url="/still/x/SECOND?y",
        chart_key="chart",
        stretch=whole_film(analysis),
        dark=dark,
    )


def unpack(curve, packed):
    percent = np.frombuffer(b64decode(packed), np.uint8)
    return curve["low"] + percent / 100 * (curve["high"] - curve["low"])


def test_every_curve_and_its_band_come_as_whole_percent_of_the_range():
    analysis = make_analysis(90)
    data = tell_player(analysis)
    assert [curve["name"] for curve in data["curves"]] == list(CURVES)
    for column, curve in enumerate(data["curves"]):
        wanted = (analysis.curves.values, analysis.curves.low, analysis.curves.high)
        for packed, array in zip((curve["values"], *curve["band"]), wanted, strict=True):
            np.testing.assert_allclose(unpack(curve, packed), array[:, column], atol=0.0101)


def test_the_player_knows_which_part_of_the_film_the_chart_shows():
    analysis = make_analysis(7300)
    stretch = clip_stretch(analysis, 600, 900)
    data = player_data(
        analysis, "/film/x", still_url="/still/x/SECOND?y", chart_key="chart", stretch=stretch, dark=False
    )
    assert data["stretch_s"] == [600, 900]


def test_the_lines_and_the_clock_are_the_films():
    analysis = make_analysis(10.5)
    data = tell_player(analysis, dark=True)
    assert data["duration_s"] == 10.5
    assert data["lines"] == [[line.start_s, line.end_s, line.text] for line in analysis.lines]
    assert data["chart"] == ".st-key-chart .marks"


def test_a_cut_without_a_picture_says_so():
    data = tell_player(make_analysis(3, streams=("audio",)))
    assert data["has_picture"] is False


def test_two_hours_fit_into_a_modest_message():
    data = tell_player(make_analysis(7300))
    assert len(json.dumps(data)) < 400_000
