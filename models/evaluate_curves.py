"""How good the curves are: one rated block left out in turn, beside the baselines."""

import multiprocessing
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from models.band import lowest_ratings
from models.baselines import BASELINES, Predictor, predict_by_ridge
from models.examples import CurveExamples, Floats
from models.scores import concordance, pearson_r
from models.spec import STREAMS, CurveTraining

Scores = npt.NDArray[np.float64]

RECIPES = 2
"""How many networks the table compares: the LSTM and its twin."""

AVERAGED = ", seeds averaged"
MIXED = " + ridge, seeds averaged"
SHIPPED = "LSTM + ridge, seeds averaged (as shipped)"
"""The row that says how good the shipped recipe is: the mean of the regression and the networks' mean."""

LSTM, TWIN = "LSTM", "non-recurrent twin"
WITHOUT = {
    name: f"ridge, without the {word}" for name, word in zip(STREAMS, ("picture", "sound", "words"), strict=True)
}
"""The rows that say what each stream adds: to the regression, for training as many networks would take too long."""

COMPARED = (
    (LSTM + AVERAGED, TWIN + AVERAGED),
    (SHIPPED, TWIN + MIXED),
    (SHIPPED, "ridge"),
    *(("ridge", name) for name in WITHOUT.values()),
)
"""Pairs of rows of which it is told how far the first is ahead."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the table.

    Attributes:
        name: what was evaluated.
        r: (seeds, blocks, C) Pearson r on each held-out block; one seed where nothing is random.
        ccc: (seeds, blocks, C) concordance.
    """

    name: str
    r: Scores
    ccc: Scores


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """The whole table, and the held-out predictions it rests on.

    Attributes:
        blocks: indices of the held-out blocks, in the order of the rows' second axis.
        curves: names, in the order of the rows' last axis.
        rows: the table's lines.
        held_out: (seeds, T, C) the shipped recipe's predictions before they are clipped, a network each, for each
            second while its block was held out; NaN elsewhere.
    """

    blocks: tuple[int, ...]
    curves: tuple[str, ...]
    rows: tuple[Row, ...]
    held_out: Floats


@dataclass(frozen=True, kw_only=True)
class Task:
    """One network to train: which recipe, which block is held out, which seed."""

    recipe: str
    examples: CurveExamples
    training: CurveTraining
    block: int
    seed: int


def evaluate_recipes(
    examples: CurveExamples,
    training: CurveTraining,
    *,
    seeds: Sequence[int],
    blocks: Sequence[int] | None = None,
    workers: int = 2,
    report: Callable[[str], None] = lambda line: None,
) -> Evaluation:
    """Fill the table: baselines, the network, its non-recurrent twin, and the regression without each of the streams.

    Args:
        examples: the rated film.
        training: a `CurveTraining`, the shipped recipe.
        seeds: one network each.
        blocks: which blocks to hold out in turn; None takes all that are rated.
        workers: processes that train side by side, one thread each.
        report: told of each finished network.

    Returns:
        The evaluation.
    """
    blocks = tuple(blocks if blocks is not None else examples.rated_blocks)
    films = {WITHOUT[name]: examples.keep_streams([s for s in STREAMS if s != name]) for name in STREAMS}
    recipes = {LSTM: training, TWIN: replace(training, recurrent_units=0)}
    predictions = _train_recipes(examples, recipes, blocks, seeds, workers, report)
    baselines = {name: _predict_baseline(predict, examples, blocks) for name, predict in BASELINES.items()}
    by_ridge = partial(predict_by_ridge, reading=training.regression_reading)
    ridge = _predict_baseline(by_ridge, examples, blocks)
    shipped = mix_values(predictions[LSTM], ridge)

    def mix(network: str) -> Floats:
        return clip_to_ratings(mix_values(_average(predictions[network]), ridge), examples)

    table = {
        **baselines,
        "ridge": ridge,
        LSTM: predictions[LSTM],
        TWIN: predictions[TWIN],
        LSTM + AVERAGED: _average(predictions[LSTM]),
        TWIN + AVERAGED: _average(predictions[TWIN]),
        TWIN + MIXED: mix(TWIN),
        SHIPPED: mix(LSTM),
        **{name: _predict_baseline(by_ridge, film, blocks) for name, film in films.items()},
    }
    rows = tuple(score_predictions(name, predicted, examples, blocks) for name, predicted in table.items())
    return Evaluation(blocks=blocks, curves=examples.curves, rows=rows, held_out=shipped)


def _train_recipes(
    examples: CurveExamples,
    recipes: Mapping[str, CurveTraining],
    blocks: Sequence[int],
    seeds: Sequence[int],
    workers: int,
    report: Callable[[str], None],
) -> dict[str, Floats]:
    """Train every recipe with every block held out and every seed: for each recipe (seeds, T, C), NaN elsewhere."""
    tasks = [
        Task(recipe=recipe, examples=examples, training=training, block=block, seed=seed)
        for recipe, training in recipes.items()
        for block in blocks
        for seed in seeds
    ]
    shape = (len(seeds), *examples.ratings.shape)
    predictions = {recipe: np.full(shape, np.nan, np.float32) for recipe in recipes}
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        for task, predicted in zip(tasks, pool.map(run_task, tasks), strict=True):
            start, end = examples.blocks[task.block]
            predictions[task.recipe][list(seeds).index(task.seed), start:end] = predicted
            report(f"{task.recipe}, block {task.block}, seed {task.seed}")
    return predictions


def mix_values(network: Any, regression: Any) -> Any:
    """What ships: the mean of what a network and the regression say, arrays or tensors of one shape."""
    return (network + regression) / 2


def clip_to_ratings(predicted: Floats, examples: CurveExamples) -> Floats:
    """Clip to the ranges that the app shows: [-1, 1] where ratings go below 0, else [0, 1]."""
    return np.clip(predicted, lowest_ratings(examples), np.float32(1))


def compare_rows(ahead: Row, behind: Row, *, draws: int = 10_000, seed: int = 0) -> tuple[Scores, Scores, Scores]:
    """Say how far one row is ahead of another, and whether chance allows it: a paired bootstrap over the blocks.

    Args:
        ahead: the one row.
        behind: the other, with the same blocks.
        draws: how often as many blocks are drawn anew.
        seed: of the draws.

    Returns:
        The mean difference in r, and the ends of the interval that holds 95 % of the draws: three (C,).
    """
    difference = ahead.r.mean(axis=0) - behind.r.mean(axis=0)  # (blocks, C)
    drawn = np.random.default_rng(seed).integers(0, len(difference), (draws, len(difference)))
    low, high = np.quantile(difference[drawn].mean(axis=1), (0.025, 0.975), axis=0)
    return difference.mean(axis=0), low, high


def run_task(task: Task) -> Floats:
    """Train the network of one task and predict its held-out block: (end - start, C)."""
    import tensorflow as tf

    from models.train_curves import predict_span, train_curve_net

    if multiprocessing.parent_process() is not None:
        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(1)
    spans = task.examples.spans_without(task.block)
    network = train_curve_net(task.examples, spans, task.training, seed=task.seed)
    return predict_span(network, task.examples, *task.examples.blocks[task.block])


def score_predictions(name: str, predicted: Floats, examples: CurveExamples, blocks: Sequence[int]) -> Row:
    """Score predictions (seeds, T, C) block by block, over the rated seconds."""
    shape = (len(predicted), len(blocks), len(examples.curves))
    r, ccc = np.zeros(shape), np.zeros(shape)
    for b, block in enumerate(blocks):
        span = slice(*examples.blocks[block])
        rated = examples.rated[span]
        truth = examples.ratings[span][rated]
        for s in range(len(predicted)):
            guess = predicted[s, span][rated]
            for c in range(len(examples.curves)):
                r[s, b, c] = pearson_r(truth[:, c], guess[:, c])
                ccc[s, b, c] = concordance(truth[:, c], guess[:, c])
    return Row(name=name, r=r, ccc=ccc)


def format_table(evaluation: Evaluation, curves: Sequence[str] | None = None) -> str:
    """The table in Markdown: mean r over blocks, then its spread over blocks; CCC; and the spread over seeds.

    Args:
        evaluation: what to print.
        curves: which curves; None prints all.
    """
    names = list(curves or evaluation.curves)
    at = [evaluation.curves.index(name) for name in names]
    head = ["", *(f"{name} r" for name in names), *(f"{name} CCC" for name in names)]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for row in evaluation.rows:
        r, ccc = row.r[..., at].mean(axis=0), row.ccc[..., at].mean(axis=0)
        over_seeds = row.r[..., at].mean(axis=1).std(axis=0)
        cells = [f"{r[:, i].mean():.2f} \u00b1 {r[:, i].std():.2f}" for i in range(len(at))]
        if len(row.r) > 1:
            cells = [f"{cell} ({over_seeds[i]:.2f})" for i, cell in enumerate(cells)]
        cells += [f"{ccc[:, i].mean():.2f}" for i in range(len(at))]
        lines.append("| " + " | ".join([row.name, *cells]) + " |")
    return "\n".join(lines)


def find_shipped(evaluation: Evaluation) -> Row:
    """The row of what ships."""
    return next(row for row in evaluation.rows if row.name == SHIPPED)


def summarise_row(row: Row, evaluation: Evaluation) -> dict[str, dict[str, Any]]:
    """One row as JSON types: `segments` by block and curve, and their `mean`, each with r and ccc."""
    r, ccc = row.r.mean(axis=0), row.ccc.mean(axis=0)

    def describe(a: Scores, b: Scores) -> dict[str, dict[str, float]]:
        pairs = zip(evaluation.curves, a, b, strict=True)
        return {name: {"r": round(float(x), 4), "ccc": round(float(y), 4)} for name, x, y in pairs}

    segments = {str(block): describe(r[b], ccc[b]) for b, block in enumerate(evaluation.blocks)}
    return {"segments": segments, "mean": describe(r.mean(axis=0), ccc.mean(axis=0))}


def format_comparisons(evaluation: Evaluation, curves: Sequence[str]) -> str:
    """In Markdown, how far the first row of each pair of `COMPARED` is ahead of the second, for some curves."""
    at = [evaluation.curves.index(name) for name in curves]
    rows = {row.name: row for row in evaluation.rows}
    lines = ["| ahead of | by: " + " | ".join(curves) + " |", "|" + "---|" * (1 + len(at))]
    for ahead, behind in COMPARED:
        mean, low, high = compare_rows(rows[ahead], rows[behind])
        cells = [f"{mean[i]:+.3f} ({low[i]:+.3f} to {high[i]:+.3f})" for i in at]
        lines.append("| " + " | ".join([f"{ahead}: {behind}", *cells]) + " |")
    return "\n".join(lines)


def _average(predictions: Floats) -> Floats:
    """(seeds, T, C) -> (1, T, C)."""
    mean: Floats = predictions.mean(axis=0, keepdims=True)
    return mean


def _predict_baseline(predict: Predictor, examples: CurveExamples, blocks: Sequence[int]) -> Floats:
    """A baseline's predictions for each second while its block is held out: (1, T, C), NaN elsewhere."""
    predicted = np.full((1, *examples.ratings.shape), np.nan, np.float32)
    for block in blocks:
        target = examples.blocks[block]
        predicted[0, slice(*target)] = predict(examples, examples.spans_without(block), target)
    return predicted
