"""The curves' page, as a session of the app draws it."""

import json
from dataclasses import replace

import numpy as np
import pytest
import streamlit as st

from models.shipped import identify_curve_model, read_curve_figures
from pipeline.passages import PassageOptions, find_passages
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


def shown_html(app):
    return "".join(part.proto.body for part in app.get("html"))


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


def start_field(app):
    return next(field for field in app.text_input if field.label == "Start timecode")


def set_start(app, timecode):
    start_field(app).set_value(timecode)
    next(button for button in app.button if button.label == "Set").click()
    return app.run()


def test_the_start_timecode_is_shown_and_given_by_hand(app, library):
    analysis = make_analysis(30)
    library.save_analysis(analysis)
    open_curves(app)
    assert start_field(app).value == "00:00:00:00"
    set_start(app, "10:00:00:12")
    assert not app.exception
    assert not app.error
    assert library.load_analysis(analysis.cut.cut_id).cut.start_timecode == "10:00:00:12"
    open_curves(app)
    assert start_field(app).value == "10:00:00:12"


def test_downloads_follow_a_new_start_timecode_at_once(app, library, monkeypatch):
    given = []
    real = st.delta_generator.DeltaGenerator.download_button
    monkeypatch.setattr(
        st.delta_generator.DeltaGenerator,
        "download_button",
        lambda self, label, data, **rest: given.append(data) or real(self, label, data, **rest),
    )
    library.save_analysis(make_analysis(30))
    open_curves(app)
    set_start(app, "23:59:59:00")
    timecodes = [line.split(",")[1] for line in given[-1].splitlines()]
    assert timecodes[1:3] == ["23:59:59:00", "23:59:59:23"]
    assert timecodes[3] == "00:00:00:23"


def test_a_start_timecode_that_the_cut_never_shows_is_refused_in_words(app, library):
    analysis = make_analysis(30, start_timecode="01:00:00:00")
    library.save_analysis(analysis)
    open_curves(app)
    set_start(app, "01:00:00;00")
    assert not app.exception
    assert "drop\\-frame timecode is not defined" in app.error[0].value
    assert library.load_analysis(analysis.cut.cut_id).cut.start_timecode == "01:00:00:00"


def start_draft(library, full_s=40, duration_s=400):
    """Put a job into the library that has a draft of its cut, the first seconds of it read in full."""
    analysis = make_analysis(duration_s, title="On its way")
    draft = np.arange(duration_s) >= full_s
    analysis = replace(analysis, features=replace(analysis.features, draft=draft))
    job = library.jobs.add_job(analysis.cut.path, analysis.cut.title)
    library.jobs.start_job(job.id)
    library.jobs.name_job_cut(job.id, analysis.cut.cut_id)
    library.find_parts(analysis.cut.cut_id).save_draft(analysis)
    return job, analysis


def test_a_draft_is_marked_as_one_and_cannot_be_downloaded(app, library):
    _, analysis = start_draft(library)
    open_curves(app, analysis.cut.cut_id)
    assert not app.exception
    said = " ".join(markdown.value for markdown in app.markdown)
    assert "**Draft.** 0:00:40 of 0:06:40 have been read in full" in said
    assert "key frames and sound alone" in said
    assert drawn_curves(app) == ["tension"]
    assert not app.get("download_button")


def test_a_draft_gives_way_to_the_analysis(app, library):
    job, analysis = start_draft(library)
    open_curves(app, analysis.cut.cut_id)
    library.save_analysis(replace(analysis, features=replace(analysis.features, draft=np.zeros(400, bool))))
    library.jobs.finish_job(job.id, analysis.cut.cut_id)
    library.find_parts(analysis.cut.cut_id).discard()
    app.run()
    assert not app.exception
    assert app.get("download_button")
    assert not any("Draft" in markdown.value for markdown in app.markdown)


def test_a_draft_of_a_cancelled_job_is_gone(app, library):
    job, analysis = start_draft(library)
    library.find_parts(analysis.cut.cut_id).discard()
    library.jobs.end_cancelled_job(job.id)
    open_curves(app, analysis.cut.cut_id)
    assert not app.exception
    assert app.title[0].value == "No curves yet."


def test_notes_are_made_by_thresholds_that_a_person_moves(app, library):
    analysis = make_analysis(600, cut_id="aa")
    library.save_analysis(analysis)
    open_curves(app)
    assert "data-seek" not in shown_html(app)
    app.toggle(key="noted").set_value(True).run()
    assert not app.exception
    usual = find_passages(analysis.curves.curve("tension"))
    kinds = app.button_group(key="passages-aa")
    assert kinds.options[1] == f"peaks {sum(passage.kind == 'peak' for passage in usual)}"
    kinds.set_value(["peak"]).run()
    assert shown_html(app).count("data-seek") == sum(passage.kind == "peak" for passage in usual)
    app.slider(key="turn-share-aa").set_value(100).run()
    few = find_passages(analysis.curves.curve("tension"), PassageOptions(turn_share=1.0))
    assert shown_html(app).count("data-seek") == sum(passage.kind == "peak" for passage in few)
    assert not app.exception


def test_curves_that_follow_ones_own_ratings_are_not_called_the_proxy(app, library):
    analysis = make_analysis(20, cut_id="aa")
    library.save_analysis(analysis)
    assert "declared proxy" in captions(open_curves(app))
    own = replace(analysis, curves=replace(analysis.curves, model_id="own_curves-12345678"))
    library.save_analysis(own)
    words = captions(open_curves(app))
    assert "own ratings (own_curves-12345678)" in words
    assert "declared proxy" not in words


def test_the_page_says_how_closely_its_curves_follow_people_and_of_other_weights_it_does_not(app, library):
    figures = read_curve_figures()
    strange, ours = make_analysis(30, seed=3), make_analysis(30, seed=4)
    ours = replace(ours, curves=replace(ours.curves, model_id=figures.model_id))
    for analysis in (strange, ours):
        library.save_analysis(analysis)
    open_curves(app, ours.cut.cut_id)
    assert f"tension {figures.held_out['tension']:.2f} (another audience: 0.69)" in captions(app)
    assert "joy" not in captions(app)
    open_curves(app, strange.cut.cut_id)
    assert "another audience" not in captions(app)


def test_the_figures_are_those_of_the_weights_that_ship():
    figures = read_curve_figures()
    assert figures.model_id == identify_curve_model()
    assert set(figures.held_out) == set(CURVES)


def test_a_note_is_added_at_a_timecode_and_taken_away(app, library):
    analysis = make_analysis(30)
    library.save_analysis(analysis)
    open_curves(app)
    assert "Nobody has noted anything" in shown_html(app)

    def note(timecode, text):
        fields = {field.label: field for field in app.text_input}
        fields["Timecode"].set_value(timecode)
        fields["Note"].set_value(text)
        next(button for button in app.button if button.label == "Note it").click().run()

    note("00:01:00:00", "Too late")
    assert "outside this film" in app.error[0].value
    note("00:00:12", "Goes <dead> here")
    assert not app.exception
    (kept,) = library.remarks.list_notes(analysis.cut.cut_id)
    assert (kept.at_s, kept.text) == (pytest.approx(12.012), "Goes <dead> here")
    assert "Goes &lt;dead&gt; here" in shown_html(app)
    assert 'data-seek="12.012"' in shown_html(app)
    app.button(key=f"unnote-{kept.id}").click().run()
    assert library.remarks.list_notes(analysis.cut.cut_id) == []
    assert "Nobody has noted anything" in shown_html(app)
