"""The Rate page, as a session of the app draws it."""

import pytest

from pipeline.ratings import RatingSeries
from tests.analyses import make_analysis

PAGE = "studio/ui/pages/rate.py"


def open_rate(app, **query):
    app.run()
    for name, value in query.items():
        app.query_params[name] = value
    return app.switch_page(PAGE).run()


def captions(app) -> str:
    return " ".join(caption.value for caption in app.caption)


def test_without_a_cut_the_page_leads_to_the_library(app):
    open_rate(app)
    assert not app.exception
    assert app.title[0].value == "Nothing to rate yet."


@pytest.mark.parametrize("duration_s", [1, 10.5, 7300])
def test_a_name_is_asked_for_before_a_film_of_any_length_is_rated(app, library, duration_s):
    library.save_analysis(make_analysis(duration_s, cut_id="aa"))
    open_rate(app)
    assert not app.exception
    assert [header.value for header in app.header] == ["Who is rating?"]
    app.text_input(key="rater-name").set_value("Ada  L").run()
    assert not app.exception
    assert not app.header
    assert "are hidden here" in captions(app)
    assert app.query_params["rater"] in ("Ada L", ["Ada L"])
    app.text_input(key="rater-name").set_value("<b>").run()
    assert "is no rater's name" in app.error[0].value


def test_the_address_says_who_rates_which_curve_and_a_wrong_one_does_no_harm(app, library):
    library.save_analysis(make_analysis(10, cut_id="aa"))
    open_rate(app, rater="Kim", rated="fear")
    assert app.text_input(key="rater-name").value == "Kim"
    assert app.query_params["rated"] in ("fear", ["fear"])
    open_rate(app, rater="=", rated="suspense")
    assert not app.exception


def test_raters_and_the_model_are_shown_on_a_view_of_their_own(app, library):
    library.save_analysis(make_analysis(60, cut_id="aa"))
    series = RatingSeries(cut_id="aa", curve="tension", rater="Ada", values={t: t / 60 for t in range(60)})
    library.ratings.save_ratings(series)
    open_rate(app)
    assert not app.get("vega_lite_chart")
    assert not app.get("arrow_vega_lite_chart")
    app.button_group(key="rating-view").set_value("Raters").run()
    assert not app.exception
    assert app.get("vega_lite_chart") or app.get("arrow_vega_lite_chart")
    assert "One person's ratings are one person's taste" in captions(app)
