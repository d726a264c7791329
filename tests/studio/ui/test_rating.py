"""What the browser is told of a person's ratings, and how several people's are drawn and told."""

from base64 import b64decode

import numpy as np
import pytest

from pipeline.ratings import Ratings, RatingSeries, measure_agreement, series_to_ratings
from pipeline.types import CURVES
from studio.ui.raters import describe_agreement, write_figures, write_table
from studio.ui.rating import NOT_RATED, rating_data
from studio.ui.rating_chart import draw_ratings, rating_table
from studio.ui.tidy import MAX_POINTS
from tests.analyses import make_analysis


def make_series(values: dict[int, float], *, curve: str = "valence", rater: str = "Ada") -> RatingSeries:
    return RatingSeries(cut_id="aa", curve=curve, rater=rater, values=values)


def test_only_a_persons_own_seconds_of_the_curve_are_sent_and_neither_the_models_nor_anybody_elses():
    analysis = make_analysis(3.5, cut_id="aa")
    series = [
        make_series({0: -1.0, 3: 1.0, 9: 0.0}),
        make_series({1: 0.5}, rater="Grace"),
        make_series({2: 0.5}, curve="tension"),
    ]
    data = rating_data(analysis.cut, series, curve="valence", rater="Ada", urls=("/film", "/ratings"), dark=False)
    assert list(b64decode(data["rated"])) == [0, NOT_RATED, NOT_RATED, 100]
    assert (data["low"], data["high"], data["duration_s"]) == (-1.0, 1.0, 3.5)
    assert set(data) == {
        *("cut", "curve", "rater", "url", "save_url", "low", "high", "ends"),
        *("color", "ink", "line", "has_picture", "duration_s", "rated"),
    }


@pytest.mark.parametrize("curve", CURVES)
@pytest.mark.parametrize("dark", [False, True])
def test_every_curve_has_words_at_both_ends_of_its_slider(curve, dark):
    cut = make_analysis(3, cut_id="aa").cut
    low, high = rating_data(cut, [], curve=curve, rater="Ada", urls=("", ""), dark=dark)["ends"]
    assert low
    assert high
    assert low != high


@pytest.mark.parametrize("seconds", [10, 7200])
def test_a_line_breaks_where_nothing_was_rated_and_never_has_too_many_points(seconds):
    analysis = make_analysis(seconds)
    values = np.full((seconds, 2), 0.5, np.float32)
    values[seconds // 3 : seconds // 2, 0] = np.nan
    values[:, 1] = np.nan
    table = rating_table(analysis, Ratings(curve="tension", raters=("Ada", "<b>"), values=values))
    own = table[table["who"] == "Ada"]
    assert len(own) <= MAX_POINTS
    assert own["run"].nunique() == 2
    assert np.isfinite(table["value"]).all()
    assert set(table["kind"]) == {"rater", "mean", "model"}
    assert table["x_s"].between(0, seconds).all()


def test_the_chart_names_what_it_draws_on_the_films_clock():
    analysis = make_analysis(60)
    ratings = series_to_ratings([make_series(dict.fromkeys(range(40), 0.5), curve="tension")], "tension", 60)
    for dark in (False, True):
        spec = draw_ratings(analysis, ratings, dark=dark).to_dict()
        text = str(spec)
        for words in ("each rater", "mean of the raters", "model (dashed)"):
            assert words in text
        assert "[0, 60.0]" in text


def test_figures_are_written_only_where_there_are_any_and_names_are_never_markup():
    line = np.linspace(0, 1, 60, dtype=np.float32)
    values = np.stack([line, line**2, np.full(60, np.nan)], axis=1)
    ratings = Ratings(curve="tension", raters=("Ada", "<script>", "Kim"), values=values)
    html = write_table(ratings, line)
    assert "&lt;script&gt;" in html
    assert "<script>" not in html
    assert "0:01:00 (100%)" in html
    assert "0:00:00 (0%)" in html
    agreement = measure_agreement(ratings)
    assert "Cronbach's alpha of 2 over 0:01:00" in write_figures(agreement, None)
    assert "<dd>–</dd>" in write_figures(agreement, None)
    assert "taste" in describe_agreement(1, agreement)
    apart = measure_agreement(
        Ratings(curve="tension", raters=("Ada", "Kim"), values=np.stack([line, line[::-1] * 0.9], axis=1))
    )
    assert "alpha under 0.7" in describe_agreement(2, apart)
