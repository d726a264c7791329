"""How good the curves are: one rated block left out in turn, beside the baselines."""

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from models.baselines import BASELINES
from models.examples import CurveExamples, Floats
from models.scores import concordance, pearson_r
from models.spec import STREAMS, CurveTraining

Scores = npt.NDArray[np.float64]

RECIPES = 2 + len(STREAMS)
"""How many networks the table compares: the LSTM, its twin, and the LSTM with each stream alone."""

SHIPPED = "LSTM + ridge, seeds averaged (as shipped)"
"""The row that says how good the shipped recipe is: the mean of the regression and the networks' mean."""


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
    """Fill the table: baselines, the network, its non-recurrent twin, and each stream alone.

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
    recipes = {
        "LSTM": (examples, training),
        "non-recurrent twin": (examples, replace(training, recurrent_units=0)),
        **{f"LSTM, {name} alone": (examples.keep_streams([name]), training) for name in STREAMS},
    }
    tasks = [
        Task(recipe=recipe, examples=film, training=how, block=block, seed=seed)
        for recipe, (film, how) in recipes.items()
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
    baselines = {name: _predict_baseline(name, examples, blocks) for name in BASELINES}
    shipped = mix_values(predictions["LSTM"], baselines["ridge"])
    twin = mix_values(predictions["non-recurrent twin"], baselines["ridge"])
    table = {
        **baselines,
        **predictions,
        "LSTM, seeds averaged": predictions["LSTM"].mean(axis=0, keepdims=True),
        "non-recurrent twin, seeds averaged": predictions["non-recurrent twin"].mean(axis=0, keepdims=True),
        "twin + ridge, seeds averaged": _clip_to_ratings(twin.mean(axis=0, keepdims=True), examples),
        "LSTM + ridge": _clip_to_ratings(shipped, examples),
        SHIPPED: _clip_to_ratings(shipped.mean(axis=0, keepdims=True), examples),
    }
    rows = tuple(score_predictions(name, predicted, examples, blocks) for name, predicted in table.items())
    return Evaluation(blocks=blocks, curves=examples.curves, rows=rows, held_out=shipped)


def mix_values(network: Any, regression: Any) -> Any:
    """What ships: the mean of what a network and the regression say, arrays or tensors of one shape."""
    return (network + regression) / 2


def _clip_to_ratings(predicted: Floats, examples: CurveExamples) -> Floats:
    """Clip to the ranges that the app shows: [-1, 1] where ratings go below 0, else [0, 1]."""
    bottom = -(examples.ratings[examples.rated] < 0).any(axis=0).astype(np.float32)
    return np.clip(predicted, bottom, np.float32(1))


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


def fit_band(held_out: Floats, examples: CurveExamples, *, coverage: float = 0.8) -> tuple[Floats, Floats]:
    """Fit the band from held-out predictions, so that it holds a given share of held-out ratings.

    The half width is factor * sqrt(floor^2 + spread of the members^2): the floor is the root mean square error, so
    that seconds on which the members disagree get a wider band and the others no false certainty.

    Args:
        held_out: (seeds, T, C) predictions, NaN where none was held out.
        examples: the ratings.
        coverage: the share of ratings the band is to hold.

    Returns:
        Floor and factor, each (C,) float32.
    """
    seconds = examples.rated & np.isfinite(held_out).all(axis=(0, 2))
    error = np.abs(held_out[:, seconds].mean(axis=0) - examples.ratings[seconds])
    spread = held_out[:, seconds].std(axis=0)
    floor = np.sqrt((error**2).mean(axis=0))
    factor = np.quantile(error / np.sqrt(floor**2 + spread**2), coverage, axis=0)
    return floor.astype(np.float32), factor.astype(np.float32)


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


def summarise_row(row: Row, evaluation: Evaluation) -> dict[str, dict[str, Any]]:
    """One row as JSON types: `segments` by block and curve, and their `mean`, each with r and ccc."""
    r, ccc = row.r.mean(axis=0), row.ccc.mean(axis=0)

    def describe(a: Scores, b: Scores) -> dict[str, dict[str, float]]:
        pairs = zip(evaluation.curves, a, b, strict=True)
        return {name: {"r": round(float(x), 4), "ccc": round(float(y), 4)} for name, x, y in pairs}

    segments = {str(block): describe(r[b], ccc[b]) for b, block in enumerate(evaluation.blocks)}
    return {"segments": segments, "mean": describe(r.mean(axis=0), ccc.mean(axis=0))}


def _predict_baseline(name: str, examples: CurveExamples, blocks: Sequence[int]) -> Floats:
    """A baseline's predictions for each second while its block is held out: (1, T, C), NaN elsewhere."""
    predicted = np.full((1, *examples.ratings.shape), np.nan, np.float32)
    for block in blocks:
        target = examples.blocks[block]
        predicted[0, slice(*target)] = BASELINES[name](examples, examples.spans_without(block), target)
    return predicted
