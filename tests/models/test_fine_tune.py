"""Fitting the shipped curves to few ratings: what raters follow is found, noise changes little, and the file says the same."""

import numpy as np
import pytest

from models.checkpoint import CurveEnsemble, CurveModel, load_curve_model
from models.fine_tune import CurveFit, describe_streams, fit_curve
from models.loading import load_network
from models.rated_cuts import RatedCut, leave_out, split_folds
from models.shipped import CURVE_WEIGHTS
from models.spec import STREAMS, CurveSpec
from models.tuned_net import build_tuned_curves

LENGTHS = (120, 90, 150, 130, 110)


@pytest.fixture(scope="module")
def base() -> CurveEnsemble:
    return load_network(CURVE_WEIGHTS, CurveEnsemble, name="a curve model")


@pytest.fixture(scope="module")
def spec(base) -> CurveSpec:
    return CurveSpec(**base.spec)


@pytest.fixture(scope="module")
def shipped() -> CurveModel:
    return load_curve_model()


def make_cut(shipped: CurveModel, spec: CurveSpec, seconds: int, seed: int, rate) -> RatedCut:
    """A cut of smooth random measurements, and what the shipped weights say of it."""
    random = np.random.default_rng(seed)
    present = np.ones((seconds, 3), np.float32)
    present[seconds // 2 : seconds // 2 + 10, 2] = 0
    streams = {}
    for place, name in enumerate(STREAMS):
        noise = random.normal(size=(seconds + 8, len(spec.columns[name])))
        smooth = np.stack([np.convolve(column, np.ones(9) / 3, "valid") for column in noise.T], axis=1)
        rows = np.asarray(spec.reference_mean[name]) + smooth * np.asarray(spec.reference_deviation[name])
        streams[name] = (rows * present[:, place : place + 1]).astype(np.float32)
    inputs = {name: rows[None] for name, rows in streams.items()} | {"present": present[None]}
    said = {name: array[0] for name, array in shipped.predict(inputs).items()}
    cut = RatedCut(
        streams=streams,
        present=present,
        shipped=np.clip(said["values"], spec.band_lowest, 1).astype(np.float32),
        half_width=said["half_width"],
        ratings={"tension": np.zeros(seconds)},
    )
    ratings = rate(cut, random).astype(np.float32)
    return RatedCut(**{**vars(cut), "ratings": {"tension": ratings}})


def rate_loudness(spec: CurveSpec, delay_s: int = 0):
    """People who answer the loudness late, with noise of their own."""

    def rate(cut: RatedCut, random: np.random.Generator) -> np.ndarray:
        column = list(spec.columns["audio"]).index("loudness")
        loudness = (cut.streams["audio"][:, column] - spec.reference_mean["audio"][column]) / spec.reference_deviation[
            "audio"
        ][column]
        late = np.concatenate([np.full(delay_s, loudness[0]), loudness])[: len(loudness)]
        return np.clip(0.5 + 0.15 * late + 0.05 * random.normal(size=len(late)), 0, 1)

    return rate


def fit(cuts: list[RatedCut], spec: CurveSpec) -> CurveFit:
    shares = []
    result = fit_curve(cuts, "tension", spec, report=shares.append)
    assert shares == sorted(shares)
    return result


@pytest.fixture(scope="module")
def loud(shipped, spec) -> tuple[list[RatedCut], CurveFit]:
    """Three cuts whose raters answer the loudness three seconds late, and what was fitted to them."""
    cuts = [make_cut(shipped, spec, seconds, seed, rate_loudness(spec, 3)) for seed, seconds in enumerate(LENGTHS)]
    return cuts, fit(cuts, spec)


def test_raters_of_loudness_are_followed_on_cuts_that_were_left_out_and_their_delay_is_found(loud):
    _, found = loud
    assert found.is_across_cuts
    delays = [seconds - score.seconds for seconds, score in zip(LENGTHS, found.scores, strict=True)]
    assert delays.count(3) >= 2  # A fold chooses its delay without the cut that it leaves out.
    assert found.delay_s == 3
    assert found.gain_r > 0.3
    assert found.is_better
    assert min(score.tuned_r for score in found.scores) > 0.4
    assert found.part > 0.3


def test_raters_who_rate_nothing_leave_the_curve_as_it_is(shipped, spec):
    cuts = [
        make_cut(shipped, spec, seconds, seed, lambda cut, random: random.uniform(0, 1, len(cut.present)))
        for seed, seconds in enumerate(LENGTHS)
    ]
    found = fit(cuts, spec)
    assert abs(found.gain_r) < 0.15
    assert not found.is_better
    assert max(abs(score.tuned_r) for score in found.scores) < 0.35


def test_raters_who_agree_with_the_shipped_curve_do_not_make_it_worse(shipped, spec):
    cuts = [
        make_cut(
            shipped, spec, s, seed, lambda cut, random: cut.shipped[:, 0] + 0.02 * random.normal(size=len(cut.present))
        )
        for seed, s in enumerate(LENGTHS)
    ]
    found = fit(cuts, spec)
    assert found.gain_r > -0.05
    assert min(score.tuned_r for score in found.scores) > 0.7


def test_the_only_cut_is_judged_by_blocks_with_a_gap_around_them(shipped, spec):
    cut = make_cut(shipped, spec, 240, 0, rate_loudness(spec))
    folds = split_folds([cut], "tension")
    assert folds == [[(0, first, first + 40)] for first in range(0, 240, 40)]
    assert leave_out(folds, folds[2]) == [(0, 0, 40), (0, 40, 60), (0, 140, 160), (0, 160, 200), (0, 200, 240)]
    found = fit([cut], spec)
    assert not found.is_across_cuts
    assert found.gain_r > 0.2


def test_cuts_and_blocks_with_hardly_a_rating_are_left_aside(shipped, spec):
    def rate_little(cut, random):
        return np.where(np.arange(len(cut.present)) < 20, 0.5, np.nan)

    whole = make_cut(shipped, spec, 240, 0, rate_loudness(spec))
    little = make_cut(shipped, spec, 90, 1, rate_little)
    holed = whole.ratings["tension"].copy()
    holed[40:80] = np.nan
    cuts = [RatedCut(**{**vars(whole), "ratings": {"tension": holed}}), little]
    assert {place for fold in split_folds(cuts, "tension") for place, _, _ in fold} == {0}
    assert sum(score.seconds for score in fit(cuts, spec).scores) <= 200


def test_a_file_of_tuned_curves_says_what_was_fitted_and_leaves_the_others_alone(shipped, spec, base, loud, tmp_path):
    cuts, found = loud
    build_tuned_curves(base, [found]).save(tmp_path / "own_curves-x.keras")
    tuned = load_curve_model(tmp_path / "own_curves-x.keras")
    assert tuned.model_id.startswith("own_curves-")
    assert (tuned.curves, tuned.columns) == (shipped.curves, shipped.columns)
    cut, place = cuts[0], list(spec.curves).index("tension")
    inputs = {name: rows[None] for name, rows in cut.streams.items()} | {"present": cut.present[None]}
    before, after = shipped.predict(inputs), tuned.predict(inputs)
    before["values"] = np.clip(before["values"], spec.band_lowest, 1)  # A correction starts from what the app shows.
    expected = cut.shipped[:, place] + found.level + cut.shipped @ found.heads
    expected += sum(rows @ found.weights[name] for name, rows in zip(STREAMS, describe_streams(cut, spec), strict=True))
    np.testing.assert_allclose(after["values"][0, :, place], expected, atol=2e-3)
    others = [i for i in range(len(spec.curves)) if i != place]
    for name in ("values", "half_width", "shares"):
        np.testing.assert_allclose(after[name][:, :, others], before[name][:, :, others], atol=1e-5)
    np.testing.assert_allclose(
        after["half_width"][0, :, place], found.band * before["half_width"][0, :, place], rtol=1e-3
    )
    np.testing.assert_allclose(after["shares"][0, :, place].sum(axis=-1), 1, atol=1e-4)
