"""Trains and measures the text network."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from models.text_examples import EMOTIONS, HEADS, TextExamples
from models.text_net import BATCH, TextNetSettings, build_text_net, read_inputs
from models.text_ridge import TextRidgeSettings, fit_text_ridge

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class TextTrainingSettings:
    """How the network is trained.

    Attributes:
        seed: of the weights, the order of the examples and what is dropped.
        epochs: times every training example is seen.
        batch: lines in one step.
        learning_rate: Adam's at the first step; it falls to 0 along a half cosine.
        loss_weights: what a head's mean loss is multiplied by.
    """

    seed: int = 0
    epochs: int = 7
    batch: int = 256
    learning_rate: float = 2e-3
    loss_weights: Mapping[str, float] = field(
        default_factory=lambda: {"emotions": 8.0, "neutral": 1.0, "ratings": 20.0, "comments": 28.0}
    )


@dataclass(frozen=True, kw_only=True)
class TextTraining:
    """What came out of a training run.

    Attributes:
        network: the trained network, ready to be saved as .keras.
        scores: `evaluate_text_net` on the development lines.
    """

    network: keras.Model
    scores: dict[str, Any]


def train_text_net(
    examples: TextExamples, settings: Mapping[str, Mapping[str, Any]], *, report: Callable[[str], None]
) -> TextTraining:
    """Fit the regression, then train the network beside it, each on all corpora at once.

    Each line has labels for some heads only, and counts for those. Cross-entropy for labels, squared error for ratings;
    neither sees what the other says.

    Args:
        examples: lines of every split; the test lines are not looked at.
        settings: tables `network`, `regression` and `training`, the fields of `TextNetSettings`, `TextRidgeSettings`
            and `TextTrainingSettings`.
        report: told the state of the work, a sentence at a time.

    Returns:
        The network and its scores on the development lines.

    Raises:
        ValueError: a setting that does not exist.
    """
    network_settings = _read_table(TextNetSettings, settings, "network")
    training = _read_table(TextTrainingSettings, settings, "training")
    regression = _read_table(TextRidgeSettings, settings, "regression")
    keras.utils.set_random_seed(training.seed)
    network = build_text_net(network_settings)
    chosen = examples.choose_split("train")
    chosen = chosen.choose_rows(np.random.default_rng(training.seed).permutation(len(chosen.lines)))
    report(f"Fitting the regression on {len(chosen.lines):,} lines.")
    fit_text_ridge(network, chosen, regression)
    _fit_network(network, chosen, training, report)
    shipped = build_text_net(network_settings, table_dtype="float16")
    for mine, theirs in zip(shipped.weights, network.weights, strict=True):
        mine.assign(theirs)
    dev = examples.choose_split("dev")
    annotated = dev.weights["emotions"] > 0
    probabilities = _predict(shipped, dev)["emotions"]
    thresholds = choose_thresholds(probabilities[annotated], dev.targets["emotions"][annotated])
    shipped.get_layer("decisions").set_thresholds(thresholds)
    return TextTraining(network=shipped, scores=evaluate_text_net(shipped, examples, split="dev"))


def _fit_network(
    network: keras.Model, chosen: TextExamples, training: TextTrainingSettings, report: Callable[[str], None]
) -> None:
    """Train the path beside the regression, in place."""
    learner = keras.Model(network.input, {head: network.get_layer(head).output for head in HEADS})
    steps = training.epochs * -(-len(chosen.lines) // training.batch)
    learner.compile(
        optimizer=keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(training.learning_rate, steps)),
        loss={head: "mean_squared_error" if head == "ratings" else "binary_crossentropy" for head in HEADS},
        loss_weights={head: training.loss_weights[head] for head in HEADS},
    )
    learner.fit(
        read_inputs(network, chosen.lines),
        dict(chosen.targets),
        sample_weight=dict(chosen.weights),
        batch_size=training.batch,
        epochs=training.epochs,
        verbose=0,
        callbacks=[
            keras.callbacks.LambdaCallback(
                on_epoch_end=lambda epoch, logs: report(
                    f"Epoch {epoch + 1} of {training.epochs}: loss {logs['loss']:.4f}."
                )
            )
        ],
    )


def evaluate_text_net(network: keras.Model, examples: TextExamples, *, split: str = "test") -> dict[str, Any]:
    """Measure a network on one split.

    Emotions: F1 per emotion on the human-annotated lines, decided by the thresholds the network carries, which were
    chosen on the development lines. Ratings: Pearson's r. Neutral: the chance that a neutral line is given a higher
    probability than an emotional one (area under the ROC curve). What a split has no labels for is None.

    Args:
        network: made by `train_text_net`, or loaded.
        examples: lines of the split asked for, at least.
        split: `dev` or `test`.

    Returns:
        `macro_f1`, `f1` (by emotion), `valence_r`, `arousal_r`, `neutral_auc`, `lines` (how many annotated ones).
    """
    chosen = examples.choose_split(split)
    outputs = _predict(network, chosen)
    annotated = chosen.weights["emotions"] > 0
    f1 = score_f1(outputs["decisions"][annotated] > 0, chosen.targets["emotions"][annotated])
    rated = chosen.weights["ratings"] > 0
    valence_r, arousal_r = (
        _correlate(outputs["ratings"][rated, column], chosen.targets["ratings"][rated, column]) for column in (0, 1)
    )
    judged = chosen.weights["neutral"] > 0
    return {
        "macro_f1": float(f1.mean()),
        "f1": dict(zip(EMOTIONS, f1.tolist(), strict=True)),
        "valence_r": valence_r,
        "arousal_r": arousal_r,
        "neutral_auc": _rank_auc(outputs["neutral"][judged, 0], chosen.targets["neutral"][judged, 0]),
        "lines": int(annotated.sum()),
    }


def score_parts(network: keras.Model, examples: TextExamples) -> dict[str, dict[str, float]]:
    """F1 by emotion, on the test lines, of what the network is the mean of, and of answers that know nothing.

    Each part alone is given thresholds of its own on the development lines.

    Returns:
        By name: `the network alone`, `the regression alone`, `every line carries every emotion`, `no line carries any`.
    """
    parts = keras.Model(network.input, network.get_layer("emotions_mean").input)
    answers, outputs = {}, {}
    for split in ("dev", "test"):
        chosen = examples.choose_split(split)
        chosen = chosen.choose_rows(np.flatnonzero(chosen.weights["emotions"] > 0))
        answers[split] = chosen.targets["emotions"]
        outputs[split] = parts.predict(read_inputs(network, chosen.lines), batch_size=BATCH, verbose=0)
    scores = {
        f"the {part} alone": score_f1(test >= choose_thresholds(dev, answers["dev"]), answers["test"])
        for part, dev, test in zip(("network", "regression"), outputs["dev"], outputs["test"], strict=True)
    }
    scores["every line carries every emotion"] = score_f1(np.ones(answers["test"].shape, np.bool_), answers["test"])
    scores["no line carries any"] = np.zeros(len(EMOTIONS))
    return {name: dict(zip(EMOTIONS, f1.tolist(), strict=True)) for name, f1 in scores.items()}


def choose_thresholds(scores: npt.NDArray[Any], targets: Floats) -> npt.NDArray[np.float64]:
    """For each column the threshold, out of 91 quantiles of its scores, at which its F1 is best.

    Args:
        scores: (N, K).
        targets: (N, K) of 0 and 1.

    Returns:
        (K,) float64.
    """
    candidates = np.quantile(scores.astype(np.float64), np.linspace(0.05, 0.95, 91), axis=0)  # (91, K)
    f1 = np.stack([score_f1(scores >= candidate, targets) for candidate in candidates])  # (91, K)
    chosen: npt.NDArray[np.float64] = np.take_along_axis(candidates, f1.argmax(axis=0)[None], axis=0)[0]
    return chosen


def score_f1(marked: npt.NDArray[np.bool_], targets: Floats) -> npt.NDArray[np.float64]:
    """F1 of each column, 0 where nothing is marked and nothing is there: (N, K) twice -> (K,)."""
    hits = np.sum(marked * targets, axis=0, dtype=np.float64)
    f1: npt.NDArray[np.float64] = 2 * hits / np.maximum(marked.sum(axis=0) + targets.sum(axis=0), 1)
    return f1


def _predict(network: keras.Model, examples: TextExamples) -> dict[str, Floats]:
    """Every output of the network on all lines."""
    inputs = read_inputs(network, examples.lines)
    outputs: dict[str, Floats] = network.predict(inputs, batch_size=BATCH, verbose=0)
    return outputs


def _correlate(scores: Floats, targets: Floats) -> float | None:
    """Pearson's r of two (N,), or None where either does not vary."""
    if len(scores) < 2 or scores.std() == 0 or targets.std() == 0:
        return None
    return float(np.corrcoef(scores, targets)[0, 1])


def _rank_auc(scores: Floats, targets: Floats) -> float | None:
    """Area under the ROC curve by ranks (Mann and Whitney's U), or None where one class is missing: (N,) twice."""
    positive = targets == 1
    count = int(positive.sum())
    if count in (0, len(targets)):
        return None
    ranks = np.empty(len(scores))
    ranks[np.argsort(scores, kind="stable")] = np.arange(1, len(scores) + 1)
    return float((ranks[positive].sum() - count * (count + 1) / 2) / (count * (len(scores) - count)))


def _read_table(kind: type[Any], settings: Mapping[str, Mapping[str, Any]], table: str) -> Any:
    """Make settings of a kind from a table, or say which of its names is unknown."""
    values = settings.get(table, {})
    unknown = set(values) - {item.name for item in fields(kind)}
    if unknown:
        raise ValueError(f"[{table}] has no setting named {', '.join(sorted(unknown))}")
    return kind(**values)
