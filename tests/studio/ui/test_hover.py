"""The curve nearest to the pointer is the hovered one, by expressions that Vega can run."""

import altair as alt
import pytest
import vl_convert

from studio.ui.charts import STRIP_PX, draw_curves, place_strips
from studio.ui.hover import follow_curve
from tests.analyses import make_analysis


def test_the_pointers_height_reaches_vega_and_the_hovered_curve_follows_it():
    spec = draw_curves(make_analysis(30), ["tension", "joy", "valence"]).to_dict()
    vega = vl_convert.vegalite_to_vega(spec)
    (pointer,) = vega["config"]["signals"]
    assert (pointer["name"], pointer["on"]) == ("pointer_y", [{"events": "pointermove", "update": "y()"}])
    signals = {signal["name"]: signal for signal in vega["signals"]}
    assert "pointer_y" in signals["gaps"]["update"]
    assert "gaps" in signals["hovered"]["update"]
    assert {field["field"] for field in signals["moment_tuple_fields"]["value"]} == {
        "x_s",
        "tension",
        "joy",
        "valence",
    }
    assert vl_convert.vegalite_to_svg(spec)  # Every name in every expression is known.


@pytest.mark.parametrize(
    ("pointer_y", "values", "hovered"),
    [
        (30, {"tension": 0.9, "joy": 0.2, "valence": 0}, "tension"),
        (200, {"tension": 0.9, "joy": 0.2, "valence": 0}, "joy"),
        (300, {"tension": 0.9, "joy": 0.2, "valence": 1}, "valence"),
        (390, {"tension": 0.9, "joy": 0.2, "valence": 1}, None),
        (30, None, None),
    ],
)
def test_the_curve_nearest_to_the_pointer_is_hovered_and_none_below_the_curves(pointer_y, values, hovered):
    tops = place_strips(["tension", "joy", "valence"])
    strips = {"tension": "curves", "joy": "curves", "valence": "valence"}
    places = {name: (tops[strip], tops[strip] + STRIP_PX[strip]) for name, strip in strips.items()}
    gaps, nearest, *_ = follow_curve(places)
    moment = {name: [value] for name, value in (values or {}).items()} | ({"x_s": [3.5]} if values else {})
    known = [alt.param(name="moment", value=moment), alt.param(name="pointer_y", value=pointer_y)]
    text = alt.param(name="told", expr="hovered == null ? 'no curve' : hovered")
    chart = alt.Chart(alt.Data(values=[{}])).mark_text().encode(text=alt.value(alt.ExprRef("told")))
    svg = vl_convert.vegalite_to_svg(chart.add_params(*known, gaps, nearest, text).to_dict())
    assert f">{hovered or 'no curve'}<" in svg
