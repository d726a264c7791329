"""What several people rated of one curve: their mean, how far they agree, and what is no rating."""

import numpy as np
import pytest

from pipeline.ratings import Ratings, RatingSeries, check_rater, check_value, measure_agreement, series_to_ratings
from pipeline.types import CURVES


def lay_out(*columns: object, curve: str = "tension") -> Ratings:
    values = np.stack([np.asarray(column, np.float32) for column in columns], axis=1)
    return Ratings(curve=curve, raters=tuple(f"R{i}" for i in range(len(columns))), values=values)


def test_series_are_laid_side_by_side_by_name_and_only_those_of_the_curve():
    series = [
        RatingSeries(cut_id="aa", curve="tension", rater="Zoe", values={0: 0.5, 2: 1.0, 9: 0.1}),
        RatingSeries(cut_id="aa", curve="tension", rater="Ada", values={1: 0.25}),
        RatingSeries(cut_id="aa", curve="valence", rater="Ada", values={1: -1.0}),
    ]
    ratings = series_to_ratings(series, "tension", 4)
    assert ratings.raters == ("Ada", "Zoe")
    np.testing.assert_array_equal(ratings.values, [[np.nan, 0.5], [0.25, np.nan], [np.nan, 1], [np.nan, np.nan]])
    np.testing.assert_array_equal(ratings.is_rated, [True, True, True, False])
    assert ratings.without("Ada").raters == ("Zoe",)


def test_alpha_and_the_mean_correlation_are_those_of_the_formula():
    random = np.random.default_rng(0)
    columns = random.uniform(0, 1, (3, 200)) + np.linspace(0, 1, 200)
    agreement = measure_agreement(lay_out(*(columns / 2)))
    items = columns / 2
    alpha = 3 / 2 * (1 - items.var(axis=1).sum() / items.sum(axis=0).var())
    r = np.corrcoef(items)
    assert agreement.alpha == pytest.approx(alpha, abs=1e-4)
    assert agreement.mean_r == pytest.approx((r[0, 1] + r[0, 2] + r[1, 2]) / 3, abs=1e-4)
    assert (agreement.pairs, agreement.raters, agreement.shared_s) == (3, 3, 200)


def test_who_rated_only_a_little_does_not_cost_the_others_their_alpha():
    whole = np.linspace(0, 1, 100)
    short = np.where(np.arange(100) < 20, 0.9, np.nan)
    agreement = measure_agreement(lay_out(whole, whole**2, short))
    assert (agreement.pairs, agreement.raters, agreement.shared_s) == (1, 2, 100)
    assert agreement.alpha > 0.95


def test_one_rater_or_too_few_seconds_have_no_figure():
    line = np.linspace(0, 1, 100)
    alone = measure_agreement(lay_out(line))
    assert (alone.mean_r, alone.alpha, alone.pairs) == (None, None, 0)
    brief = measure_agreement(lay_out(line[:29], line[:29]))
    assert (brief.mean_r, brief.alpha) == (None, None)


def test_the_mean_does_not_jump_where_a_rater_with_another_level_stops():
    true = 0.3 + 0.2 * np.sin(np.arange(200) / 15)
    high = np.where(np.arange(200) < 80, true + 0.3, np.nan)
    mean = lay_out(true, true, high).mean
    assert np.abs(np.diff(mean) - np.diff(true)).max() < 0.005
    assert np.corrcoef(mean, true)[0, 1] > 0.999


def test_the_mean_of_whole_ratings_is_the_plain_mean():
    columns = np.random.default_rng(1).uniform(-1, 1, (4, 50))
    np.testing.assert_allclose(lay_out(*columns, curve="valence").mean, columns.mean(axis=0), atol=1e-6)


def test_where_nobody_rated_there_is_no_mean():
    for columns in (np.zeros((3, 0)), np.full((3, 2), np.nan)):
        ratings = Ratings(curve="tension", raters=("Ada", "Kim")[: columns.shape[1]], values=columns)
        assert np.isnan(ratings.mean).all()
        assert not ratings.is_rated.any()
        assert measure_agreement(ratings).alpha is None


def test_names_are_kept_in_one_form_and_strange_ones_are_refused():
    assert check_rater("  Jürgen   O'Neil-7. ") == "Jürgen O'Neil-7."
    assert check_rater("अनीता") == "अनीता"
    for wrong in ("", "  ", "x" * 41, "a,b", "=1+1", "-x", "a\nb\0", "<b>"):
        with pytest.raises(ValueError, match="name"):
            check_rater(wrong)


@pytest.mark.parametrize("curve", CURVES)
def test_values_outside_the_range_of_their_curve_are_refused(curve):
    low = -1.0 if curve == "valence" else 0.0
    assert check_value(curve, low) == low
    for wrong in (low - 0.01, 1.01, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="range"):
            check_value(curve, wrong)
    with pytest.raises(ValueError, match="no curve"):
        check_value("suspense", 0.5)
