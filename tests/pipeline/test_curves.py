"""Windows, levels and bands, with a model whose answer is known: tension is the loudness it is given."""

import itertools
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.curves import CurveOptions, match_levels, place_windows, predict_curves
from pipeline.errors import ModelError
from pipeline.types import STREAMS, Features, Floats

COLUMNS = {"frames": ("brightness",), "audio": ("loudness",), "transcript": ("speech",)}


class LoudnessModel:
    """Tension is the loudness, valence its negative; the band is 0.1; all shares are the sound's."""

    model_id = "loudness"
    curves = ("tension", "valence")
    columns = COLUMNS

    def __init__(self) -> None:
        self.reference = {name: (np.float32([0.5]), np.float32([0.2])) for name in STREAMS}
        self.lengths: list[int] = []

    def predict(self, inputs: Mapping[str, Floats]) -> Mapping[str, Floats]:
        self.lengths.append(inputs["audio"].shape[1])
        loudness = inputs["audio"][..., 0]
        values = np.stack([loudness, -loudness], axis=-1)
        shares = np.zeros((*values.shape, 3), np.float32)
        shares[..., 1] = 1
        return {"values": values, "half_width": np.full_like(values, 0.1), "shares": shares}


def make_features(seconds: int, *, present: bool = True, seed: int = 0) -> Features:
    random = np.random.default_rng(seed)
    return Features(
        **{name: random.normal(0.5, 0.2, (seconds, 1)) * present for name in STREAMS},
        present=np.full((seconds, 3), present),
        shot_starts_s=np.zeros(1),
        columns=COLUMNS,
        extractors={},
        draft=np.zeros(seconds, np.bool_),
    )


@given(seconds=st.integers(1, 900), window=st.integers(2, 300), batch=st.integers(1, 5))
@settings(max_examples=60, deadline=None)
def test_a_film_of_any_length_gives_what_the_model_says_of_each_second(seconds: int, window: int, batch: int) -> None:
    features = make_features(seconds)
    options = CurveOptions(window_s=window, hop_s=max(window // 2, 1), trust_s=1e12, batch=batch)
    curves = predict_curves(features, model=LoudnessModel(), options=options)
    expected = np.clip(features.audio[:, 0], 0, 1)
    np.testing.assert_allclose(curves.curve("tension"), expected, atol=2e-6)
    assert (curves.low <= curves.values).all()
    assert (curves.values <= curves.high).all()
    np.testing.assert_allclose(curves.shares.sum(axis=-1), 1, atol=1e-6)


@given(seconds=st.integers(1, 20_000))
def test_windows_cover_every_second_and_never_leave_the_film(seconds: int) -> None:
    options = CurveOptions()
    starts = place_windows(seconds, options)
    width = min(options.window_s, seconds)
    assert starts[0] == 0
    assert starts[-1] + width == seconds
    assert all(b - a <= options.hop_s for a, b in itertools.pairwise(starts))


def test_four_hours_run_in_windows_of_one_length() -> None:
    model = LoudnessModel()
    assert len(predict_curves(make_features(4 * 3600), model=model).values) == 4 * 3600
    assert set(model.lengths) == {CurveOptions().window_s}


def test_a_band_never_leaves_the_range_of_its_curve() -> None:
    curves = predict_curves(make_features(50), model=LoudnessModel())
    assert curves.low[:, 0].min() >= 0
    assert curves.high[:, 0].max() <= 1
    assert curves.low[:, 1].min() >= -1


def test_a_long_film_that_is_louder_and_wider_throughout_reads_the_same() -> None:
    features = make_features(3600)
    louder = replace(features, audio=features.audio * 1.5 + 0.2)
    first, second = (
        match_levels(film, "audio", model=LoudnessModel(), trust_s=120.0)[:, 0] for film in (features, louder)
    )
    assert np.corrcoef(first, second)[0, 1] > 0.9999
    assert np.abs(first - second).max() < 0.1


def test_a_few_seconds_of_film_keep_their_own_level() -> None:
    features = make_features(5)
    matched = match_levels(features, "audio", model=LoudnessModel(), trust_s=120.0)
    np.testing.assert_allclose(matched, features.audio, atol=0.05)


def test_a_column_that_never_moves_is_not_blown_up() -> None:
    features = replace(make_features(3600), audio=np.full((3600, 1), 0.9) + np.random.default_rng(0).normal(0, 1e-6))
    matched = match_levels(features, "audio", model=LoudnessModel(), trust_s=120.0)
    assert np.ptp(matched) < 1e-3


def test_absent_seconds_stay_zero_and_do_not_count_for_the_level() -> None:
    features = make_features(600)
    present = features.present.copy()
    present[300:] = False
    audio = features.audio.copy()
    audio[300:] = 0
    matched = match_levels(
        replace(features, audio=audio, present=present), "audio", model=LoudnessModel(), trust_s=120.0
    )
    assert (matched[300:] == 0).all()
    assert abs(matched[:300].mean() - 0.5) < 0.05


def test_a_model_trained_on_other_measurements_is_refused() -> None:
    features = replace(make_features(5), columns={**COLUMNS, "audio": ("volume",)})
    with pytest.raises(ModelError) as error:
        predict_curves(features, model=LoudnessModel())
    assert "studio train" in error.value.hint


def test_progress_ends_at_one() -> None:
    seen: list[float] = []
    predict_curves(make_features(7200), model=LoudnessModel(), report=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1
