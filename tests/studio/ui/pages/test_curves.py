"""The curves' page, as a session of the app draws it."""

import json

import pytest

from pipeline.types import CURVES
from tests.analyses import make_analysis

PAGE = "studio/ui/pages/curves.py"


def open_curves(app, cut_id=None):
    app.run()
    if cut_id:
        app.query_params["cut"] = cut_id
    return app.switch_page(PAGE).run()


def drawn_curves(app):
    spec = json.loads(app.get("vega_lite_chart")[0].proto.spec) if app.get("vega_lite_chart") else None
    spec = spec or json.loads(app.get("arrow_vega_lite_chart")[0].proto.spec)
    names = []
    for layer in spec["layer"]:
        for mark in layer.get("layer", []):
            if mark["mark"]["type"] == "line":
                names += mark["encoding"]["color"]["scale"]["domain"]
    return names


def captions(app):
    return " ".join(caption.value for caption in app.caption)


def test_without_a_cut_the_page_leads_to_the_library(app):
    open_curves(app)
    assert not app.exception
    assert app.title[0].value == "No curves yet."


@pytest.mark.parametrize("duration_s", [1, 10.5, 7300])
def test_films_of_any_length_show_tension_first(app, library, duration_s):
    library.save_analysis(make_analysis(duration_s))
    open_curves(app)
    assert not app.exception
    assert not app.error
    assert drawn_curves(app) == ["tension"]
    assert app.get("download_button")[0].proto.label == "Curves as CSV"


def test_curves_are_picked_in_any_order_and_drawn_in_one(app, library):
    library.save_analysis(make_analysis(30))
    open_curves(app)
    app.button_group(key="names").set_value(["fear", "tension", "valence"]).run()
    assert not app.exception
    assert drawn_curves(app) == ["tension", "fear", "valence"]
    assert not app.selectbox


def test_a_part_of_a_long_film_is_picked_and_all_of_a_short_one_is_shown(app, library):
    library.save_analysis(make_analysis(30, seed=1))
    open_curves(app)
    assert not app.select_slider
    analysis = make_analysis(7301, seed=2)
    library.save_analysis(analysis)
    open_curves(app, analysis.cut.cut_id)
    assert app.select_slider[0].value == (0, 7310)
    assert "mean of 5 seconds" in captions(app)
    app.select_slider[0].set_value((3600, 3720)).run()
    assert not app.exception
    assert "Each point is one second" in captions(app)


def test_picking_nothing_leaves_tension(app, library):
    library.save_analysis(make_analysis(30))
    open_curves(app)
    app.button_group(key="names").set_value([]).run()
    assert drawn_curves(app) == ["tension"]


def test_the_page_says_what_tension_is_and_that_people_decide(app, library):
    library.save_analysis(make_analysis(30))
    open_curves(app)
    assert "(U + max(arousal, 0) + max(−valence, 0)) / 3" in captions(app)
    assert "they decide nothing" in captions(app)


def test_the_notes_of_an_analysis_are_shown(app, library):
    library.save_analysis(make_analysis(30, streams=("frames",)))
    open_curves(app)
    assert "There is no audio" in captions(app)


def test_the_address_opens_the_cut_it_names(app, library):
    for seed in (1, 2):
        library.save_analysis(make_analysis(30, seed=seed, title=f"Cut {seed}"))
    cut_id = next(cut.id for cut in library.list_cuts() if cut.title == "Cut 1")
    open_curves(app, cut_id)
    assert any("Cut 1" in html.proto.body for html in app.get("html"))


def test_a_cut_that_is_gone_gives_way_to_another_and_then_to_the_welcome(app, library):
    for seed in (1, 2):
        library.save_analysis(make_analysis(30, seed=seed, title=f"Cut {seed}"))
    second, first = library.list_cuts()
    open_curves(app, first.id)
    library.remove_cut(first.id)
    app.run()
    assert not app.exception
    assert not app.error
    assert any("Cut 2" in html.proto.body for html in app.get("html"))
    assert "no longer in the library" in app.toast[0].value
    library.remove_cut(second.id)
    app.run()
    assert not app.error
    assert app.title[0].value == "No curves yet."


def test_there_is_a_pill_for_every_curve(app, library):
    library.save_analysis(make_analysis(30))
    open_curves(app)
    assert [option.content for option in app.button_group(key="names").proto.options] == list(CURVES)
