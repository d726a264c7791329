"""The trailer's page, as a session of the app draws it."""

import json
from dataclasses import replace

import pytest

from pipeline.types import SpoilerZone
from studio.choices import MomentChoices
from tests.analyses import make_analysis

PAGE = "studio/ui/pages/trailer.py"


def open_trailer(app):
    app.run()
    return app.switch_page(PAGE).run()


def shown_clips(app):
    (player,) = [p for p in app.get("bidi_component") if p.proto.component_name.endswith("throughline_sequence")]
    return json.loads(player.proto.json)["clips"]


def click(app, label):
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception


def test_without_a_cut_the_page_leads_to_the_library(app):
    open_trailer(app)
    assert not app.exception
    assert app.title[0].value == "No trailer yet."


@pytest.mark.parametrize("duration_s", [10.5, 300, 7300])
@pytest.mark.parametrize("streams", [("frames", "audio", "transcript"), ("audio",)])
def test_films_of_any_length_and_streams_have_a_trailer(app, library, duration_s, streams):
    library.save_analysis(make_analysis(duration_s, streams=streams))
    open_trailer(app)
    assert not app.exception
    assert not app.error
    assert shown_clips(app)


def test_a_film_of_which_nothing_may_be_shown_says_so(app, library):
    library.save_analysis(make_analysis(300, cut_id="aa"))
    zone = SpoilerZone(start_s=0.0, end_s=300.0, why="all of it")
    library.decisions.save_choices("aa", MomentChoices(spoilers=(zone,)))
    open_trailer(app)
    assert not app.exception
    assert app.error


def test_another_template_is_another_trailer_and_both_wait(app, library):
    library.save_analysis(make_analysis(600, cut_id="aa", seed=3))
    open_trailer(app)
    teaser = shown_clips(app)
    app.button_group(key="template-aa").set_value("spot15").run()
    assert not app.exception
    assert shown_clips(app) != teaser
    app.button_group(key="template-aa").set_value("teaser").run()
    assert shown_clips(app) == teaser


def test_choosing_anew_can_be_undone_and_done_again(app, library):
    library.save_analysis(make_analysis(600, cut_id="aa", seed=3))
    open_trailer(app)
    click(app, "Choose anew")
    history = library.decisions.load_work("aa", "teaser").history
    assert len(history.past) == 1
    click(app, "Undo")
    assert len(library.decisions.load_work("aa", "teaser").history.future) == 1
    click(app, "Redo")
    assert not library.decisions.load_work("aa", "teaser").history.future


def test_a_zone_that_comes_later_is_told_where_the_trailer_enters_it(app, library):
    library.save_analysis(make_analysis(600, cut_id="aa", seed=3))
    open_trailer(app)
    clip = library.decisions.load_work("aa", "teaser").trailer.clips[1]
    zone = SpoilerZone(start_s=float(clip.start_s), end_s=float(clip.end_s), why="the turn")
    library.decisions.save_choices("aa", replace(MomentChoices(), spoilers=(zone,)))
    app.run()
    assert "Clip 2 now lies in what must not be shown" in app.warning[0].value
    click(app, "Choose anew")
    assert not app.warning


def test_a_preview_cannot_be_had_without_a_worker_and_says_so(app, library):
    library.save_analysis(make_analysis(600, cut_id="aa", seed=3))
    open_trailer(app)
    click(app, "Render")
    assert "no worker was started" in app.error[0].value
