"""Charts say what they should, in one style, and stand where the player expects them."""

import re
from dataclasses import replace
from itertools import pairwise

import altair as alt
import numpy as np
import pytest

from pipeline.types import CURVES
from studio.ui.charts import (
    LEFT_PX,
    MAX_TICKS,
    RIGHT_PX,
    STRIP_PX,
    chart_height_px,
    chart_html,
    draw_curves,
    place_strips,
    tick_times,
)
from studio.ui.palette import DARK, LIGHT
from studio.ui.tidy import clip_stretch
from tests.analyses import make_analysis


def flatten(layers):
    """Every mark of a layered chart, whatever it is nested in."""
    for layer in layers:
        if "layer" in layer:
            yield from flatten(layer["layer"])
        else:
            yield layer


def marks(spec, kind):
    return [layer for layer in flatten(spec["layer"]) if layer["mark"]["type"] == kind]


def curves(spec):
    return [line for line in marks(spec, "line") if "color" in line["encoding"]]


@pytest.mark.parametrize("duration_s", [1, 10, 597, 7300])
def test_the_clock_of_every_layer_is_the_films(duration_s):
    spec = draw_curves(make_analysis(duration_s), ["tension", "valence"]).to_dict()
    domains = [
        layer["encoding"]["x"]["scale"]["domain"]
        for layer in flatten(spec["layer"])
        if layer["encoding"].get("x", {}).get("field") == "x_s"
    ]
    assert len(domains) == 8
    assert all(domain == [0, duration_s] for domain in domains)


@pytest.mark.parametrize(("names", "resting"), [(["tension", "joy"], "tension"), (["joy", "valence"], "joy")])
def test_the_hovered_curve_shows_its_band_and_while_there_is_none_the_first(names, resting):
    spec = draw_curves(make_analysis(30), names).to_dict()
    assert next(param["expr"] for param in spec["params"] if param["name"] == "shown") == f"hovered || '{resting}'"
    band = marks(spec, "area")[0]
    assert {"datum[shown + '_low']", "datum[shown + '_high']"} <= set(
        re.findall(r"datum\[[^]]*\]", " ".join(step["calculate"] for step in band["transform"]))
    )
    hovered, at_rest = map(float, re.findall(r"0\.\d+", band["mark"]["opacity"]["expr"]))
    assert hovered > at_rest > 0


def test_the_stretch_that_is_drawn_is_the_clock_of_the_chart_and_drawn_as_finely_as_it_allows():
    analysis = make_analysis(7300)
    spec = draw_curves(analysis, ["tension"], stretch=clip_stretch(analysis, 3600, 4200)).to_dict()
    x = curves(spec)[0]["encoding"]["x"]
    assert x["scale"]["domain"] == [3600, 4200]
    assert all(3600 <= tick <= 4200 for tick in x["axis"]["values"])
    positions = [row["x_s"] for row in spec["datasets"][marks(spec, "rule")[0]["data"]["name"]]]
    assert positions == [3600, *(second + 0.5 for second in range(3600, 4200)), 4200]


def test_people_read_picture_sound_and_words():
    spec = draw_curves(make_analysis(30)).to_dict()
    assert marks(spec, "area")[-1]["encoding"]["color"]["scale"]["domain"] == ["picture", "sound", "words"]
    labels = {row["text"] for table in spec["datasets"].values() for row in table if "text" in row}
    assert labels == {"tension", "shots", "what tension rests on:", "picture", "sound", "words"}


def test_every_curve_has_its_own_colour_in_both_faces():
    for dark, palette in ((False, LIGHT), (True, DARK)):
        spec = draw_curves(make_analysis(30), CURVES, dark=dark).to_dict()
        scales = [line["encoding"]["color"]["scale"] for line in curves(spec)]
        colors = {name: color for scale in scales for name, color in zip(scale["domain"], scale["range"], strict=True)}
        assert colors == dict(palette.curves)


def test_valence_has_a_strip_of_its_own_that_reaches_below_zero():
    spec = draw_curves(make_analysis(30), ["tension", "valence"]).to_dict()
    domains = [line["encoding"]["y"]["scale"]["domain"] for line in curves(spec)]
    assert domains == [[0, 1], [-1, 1]]


@pytest.mark.parametrize("names", [["tension"], ["valence"], ["joy", "valence"], list(CURVES)])
def test_strips_lie_below_one_another_inside_the_chart(names):
    tops = place_strips(names)
    edges = [(top, top + STRIP_PX[strip]) for strip, top in tops.items()]
    assert all(bottom < top for (_, bottom), (top, _) in pairwise(edges))
    assert edges[-1][1] == chart_height_px(names) == draw_curves(make_analysis(9), names).to_dict()["height"]
    assert ("valence" in tops) == ("valence" in names)


def test_the_pointer_is_told_the_time_and_every_drawn_value():
    spec = draw_curves(make_analysis(30), ["tension", "fear"]).to_dict()
    told = marks(spec, "rule")[0]["encoding"]["tooltip"]["value"]["expr"]
    assert re.findall(r"(\w+): ", told) == ["time", "tension", "fear"]


def test_margins_are_those_the_player_counts_on():
    spec = draw_curves(make_analysis(30), list(CURVES)).to_dict()
    assert spec["padding"]["left"] == 0
    assert spec["padding"]["right"] == RIGHT_PX - 1
    axes = [line["encoding"]["y"]["axis"] for line in curves(spec)]
    assert all(axis["minExtent"] == axis["maxExtent"] == LEFT_PX and axis["orient"] == "left" for axis in axes)


@pytest.mark.parametrize("duration_s", [0.04, 1, 10, 597, 7300, 14_400])
def test_the_time_axis_names_a_few_round_seconds(duration_s):
    ticks = tick_times(0, duration_s)
    assert ticks[0] == 0
    assert 1 <= len(ticks) <= MAX_TICKS + 1
    assert ticks[-1] <= duration_s


def test_two_hours_of_all_curves_stay_a_modest_payload():
    chart = draw_curves(make_analysis(7300), CURVES)
    assert len(chart.to_json(indent=None)) < 2_500_000


def test_any_chart_starts_in_the_one_style():
    assert alt.theme.active == "throughline"


def test_the_page_of_curves_needs_no_network_and_takes_any_title():
    page = chart_html(make_analysis(12, title='</title><script>alert("no")</script> „Akt“ & Co.'))
    assert not re.findall(r'(?:src|href)\s*=\s*["\']', re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL))
    assert "&lt;/title&gt;&lt;script&gt;alert(&quot;no&quot;)" in page
    assert "declared proxy" in page
    assert page.count("vegaEmbed(") >= 2


def test_what_rests_on_a_draft_lies_behind_a_veil_and_a_whole_analysis_has_none():
    def count_veils(analysis):
        spec = draw_curves(analysis).to_dict()
        layers = [mark for layer in spec["layer"] for mark in layer.get("layer", [layer])]
        return sum(layer["mark"]["type"] == "rect" and layer["mark"].get("color") == LIGHT.page for layer in layers)

    analysis = make_analysis(60)
    draft = replace(analysis, features=replace(analysis.features, draft=np.arange(60) > 20))
    assert (count_veils(analysis), count_veils(draft)) == (0, 1)
