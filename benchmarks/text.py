"""Emotions of film lines: the text network beside a linear model and two majority baselines.

    python -m benchmarks.text

All see the same training lines of XED, choose their constants on its development lines and are scored once on its test
lines. The linear model is a support vector machine per emotion over TF-IDF of words and characters.
"""

import os
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from scipy.sparse import hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from models.text_examples import EMOTIONS, TextExamples
from models.text_net import WEIGHTS
from models.text_ngrams import split_words
from models.train_text import choose_thresholds, evaluate_text_net, score_f1
from pipeline.dataset.text import read_text_examples

COSTS = (0.01, 0.03, 0.1, 0.3, 1.0)
"""The linear model's C; the best on the development lines is taken."""

Scores = npt.NDArray[np.float64]


def main() -> None:
    """Print F1 for each emotion and model."""
    examples = read_text_examples(Path(os.environ["THROUGHLINE_DATA"]) / "text")
    annotated = examples.choose_rows(np.flatnonzero(examples.weights["emotions"] == 1))
    train, dev, test = (annotated.choose_split(split) for split in ("train", "dev", "test"))
    answers = test.targets["emotions"]
    frequent = np.broadcast_to(train.targets["emotions"].mean(axis=0) >= 0.5, answers.shape)
    network = evaluate_text_net(keras.saving.load_model(WEIGHTS, compile=False, safe_mode=True), examples)
    rows = {
        "text_net": np.array([network["f1"][name] for name in EMOTIONS]),
        "linear SVM": score_linear(train, dev, test),
        "every emotion": score_f1(np.ones(answers.shape, np.bool_), answers),
        "majority": score_f1(frequent, answers),
    }
    print(f"F1 on {len(test.lines):,} test lines of XED")
    print(f"{'':14}{'macro':>8}" + "".join(f"{name:>14}" for name in EMOTIONS))
    for name, f1 in rows.items():
        print(f"{name:14}{f1.mean():8.3f}" + "".join(f"{value:14.3f}" for value in f1))
    print(f"text_net, EmoBank test: valence r {network['valence_r']:.3f}, arousal r {network['arousal_r']:.3f}")
    print(f"text_net, neutral against emotional lines: area under the ROC curve {network['neutral_auc']:.3f}")


def score_linear(train: TextExamples, dev: TextExamples, test: TextExamples) -> Scores:
    """F1 of the linear model on the test lines: (8,)."""
    texts = [[" ".join(split_words(line)) for line in part.lines] for part in (train, dev, test)]
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, tokenizer=str.split, token_pattern=None)
    characters = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True, min_df=2)
    words.fit(texts[0])
    characters.fit(texts[0])
    features = [hstack([words.transform(part), characters.transform(part)]).tocsr() for part in texts]
    best: tuple[float, Any] = (-1.0, None)
    for cost in COSTS:
        machines = [
            LinearSVC(C=cost, class_weight="balanced", random_state=0).fit(features[0], labels)
            for labels in train.targets["emotions"].T
        ]
        on_dev, on_test = (np.stack([m.decision_function(part) for m in machines], axis=1) for part in features[1:])
        thresholds = choose_thresholds(on_dev, dev.targets["emotions"])
        on_dev_f1 = float(score_f1(on_dev >= thresholds, dev.targets["emotions"]).mean())
        best = max(best, (on_dev_f1, on_test >= thresholds), key=lambda found: found[0])
    return score_f1(best[1], test.targets["emotions"])


if __name__ == "__main__":
    main()
