"""The moments' page, as a session of the app draws it."""

import json
from dataclasses import replace

import pytest

from pipeline.moments.candidates import SegmentWeights
from pipeline.types import Line, SpoilerZone
from studio.choices import MomentChoices
from studio.ranking import rank_moments
from tests.analyses import make_analysis

PAGE = "studio/ui/pages/moments.py"


def open_moments(app):
    app.run()
    return app.switch_page(PAGE).run()


def shown_moments(app):
    (cards,) = [part for part in app.get("bidi_component") if part.proto.component_name.endswith("throughline_cards")]
    return json.loads(cards.proto.json)["moments"]


def test_without_a_cut_the_page_leads_to_the_library(app):
    open_moments(app)
    assert not app.exception
    assert app.title[0].value == "No moments yet."


@pytest.mark.parametrize("duration_s", [1, 10.5, 7300])
@pytest.mark.parametrize("streams", [("frames", "audio", "transcript"), ("audio",)])
def test_films_of_any_length_and_streams_show_their_moments(app, library, duration_s, streams):
    library.save_analysis(make_analysis(duration_s, streams=streams))
    open_moments(app)
    assert not app.exception
    assert not app.error


def test_the_moments_are_those_of_the_ranking(app, library):
    analysis = make_analysis(600, cut_id="aa")
    library.save_analysis(analysis)
    open_moments(app)
    ranked = rank_moments(analysis, MomentChoices())
    assert [moment["start_s"] for moment in shown_moments(app)] == [segment.start_s for segment in ranked]


def test_a_weight_ranks_anew_is_kept_and_can_be_given_back(app, library):
    library.save_analysis(make_analysis(600, cut_id="aa"))
    open_moments(app)
    before = shown_moments(app)
    app.slider(key="weight-aa-tension_peak").set_value(0.0).run()
    assert library.decisions.load_choices("aa").weights == replace(SegmentWeights(), tension_peak=0.0)
    assert shown_moments(app) != before
    app.button(key="standard-aa").click().run()
    assert not app.exception
    assert library.decisions.load_choices("aa").weights == SegmentWeights()
    assert app.slider(key="weight-aa-tension_peak").value == 1.0
    assert shown_moments(app) == before


def test_the_kind_of_trailer_sets_the_lengths_and_the_number_how_many(app, library):
    library.save_analysis(make_analysis(600, cut_id="aa"))
    open_moments(app)
    app.selectbox(key="length-aa").select("TV spot, 15 s").run()
    app.selectbox(key="most-aa").select(10).run()
    assert library.decisions.load_choices("aa") == MomentChoices(template="spot15", most=10)
    moments = shown_moments(app)
    assert len(moments) == 10
    assert all(moment["end_s"] - moment["start_s"] <= 4.01 for moment in moments)


def test_zones_of_a_person_are_honoured_and_the_placed_ones_come_back(app, library):
    analysis = make_analysis(1200, cut_id="aa")
    library.save_analysis(analysis)
    zone = SpoilerZone(start_s=600.0, end_s=1190.0, why="all of it")
    library.decisions.save_choices("aa", MomentChoices(spoilers=(zone,)))
    open_moments(app)
    assert all(moment["end_s"] <= 600 or moment["start_s"] >= 1190 for moment in shown_moments(app))
    app.button(key="placed-aa").click().run()
    assert library.decisions.load_choices("aa").spoilers is None
    assert not app.exception


def test_a_bin_shows_its_own_moments(app, library):
    spoken = (Line(start_s=400, end_s=402, text="Look out!"), Line(start_s=410, end_s=412, text="For what?"))
    library.save_analysis(replace(make_analysis(600, cut_id="aa"), lines=spoken))
    open_moments(app)
    group = app.button_group(key="bin-aa")
    assert {"ranked 20", "lines 2", "exclamations 1"} <= set(group.options)
    group.set_value("exclamations").run()
    assert not app.exception
    assert [moment["line"] for moment in shown_moments(app)] == ["Look out!"]
