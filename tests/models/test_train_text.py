from pathlib import Path

import keras
import numpy as np
import pytest

from models.text_net import WEIGHTS
from models.train_text import choose_thresholds, evaluate_text_net, score_f1, train_text_net
from pipeline.dataset.text import read_text_examples
from tests.models.text_lines import make_examples

SETTINGS = {
    "network": {"word_buckets": 500, "character_buckets": 500, "embedding_units": 8, "hidden_units": 16,
                "ngram_dropout": 0.0, "dropout": 0.0},
    "training": {"epochs": 25, "batch": 32, "learning_rate": 0.02},
}  # fmt: skip


@pytest.fixture(scope="module")
def training():
    said = []
    result = train_text_net(make_examples(), SETTINGS, report=said.append)
    return result, said


def test_a_network_learns_words_that_give_the_emotion_away(training):
    result, _ = training
    scores = evaluate_text_net(result.network, make_examples())
    assert scores["macro_f1"] > 0.9
    assert scores["valence_r"] > 0.8
    assert scores["neutral_auc"] > 0.9
    assert result.scores["macro_f1"] > 0.9


def test_training_reports_every_epoch(training):
    _, said = training
    assert said[0] == f"Fitting the regression on {len(make_examples().choose_split('train').lines)} lines."
    assert len(said) == 1 + SETTINGS["training"]["epochs"]


def test_two_runs_give_the_same_network():
    short = {"network": SETTINGS["network"], "training": {"epochs": 1}}
    first, second = (train_text_net(make_examples(), short, report=lambda _: None).network for _ in range(2))
    for one, other in zip(first.get_weights(), second.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_setting_that_does_not_exist_is_named():
    with pytest.raises(ValueError, match=r"\[training\] has no setting named speed"):
        train_text_net(make_examples(), {"training": {"speed": 3}}, report=lambda _: None)


def test_what_a_split_has_no_labels_for_is_none(training):
    result, _ = training
    examples = make_examples()
    unlabelled = examples.choose_rows(np.flatnonzero((examples.split == "test") & (examples.weights["ratings"] == 0)))
    scores = evaluate_text_net(result.network, unlabelled)
    assert scores["valence_r"] is None
    assert scores["macro_f1"] > 0.9


def test_the_threshold_with_the_best_f1_is_chosen():
    scores = np.linspace(0, 1, 101)[:, None]
    targets = (scores > 0.7).astype(np.float32)
    threshold = choose_thresholds(scores, targets)
    assert 0.69 < threshold[0] < 0.72
    assert score_f1(scores >= threshold, targets)[0] > 0.96


def test_f1_of_nothing_marked_where_nothing_is_is_zero():
    assert score_f1(np.zeros((4, 2), np.bool_), np.zeros((4, 2), np.float32)).tolist() == [0, 0]


@pytest.mark.data
def test_the_shipped_network_is_as_good_as_its_card_says(data_dir: Path):
    network = keras.saving.load_model(WEIGHTS, compile=False, safe_mode=True)
    scores = evaluate_text_net(network, read_text_examples(data_dir / "text"))
    assert f"macro F1 {scores['macro_f1']:.3f}" in WEIGHTS.with_suffix(".md").read_text(encoding="utf-8")
    assert scores["macro_f1"] > 0.46
    assert scores["valence_r"] > 0.58
