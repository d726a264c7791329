"""The regression beside the text network: a ridge on TF-IDF of the hashed n-grams.

Comments and ratings are regressed first; what that regression says of a film line is then among the measurements by
which the film line's emotions are regressed, so the labels of all corpora have their part. All of it is linear, so in the
end it is one table of weights.

Axis letters: N lines, B buckets, K outputs.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from models.text_examples import TextExamples
from models.text_net import REGRESSED, read_inputs

Doubles = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]

STEPS = 40
"""Of the conjugate gradient; more change nothing in the second digit of a score."""

BORROWED = ("comments", "ratings")
"""The heads whose regression becomes measurements for the others."""


@dataclass(frozen=True, kw_only=True)
class TextRidgeSettings:
    """How the regression is fitted.

    Attributes:
        penalty: on the squared weights, where a line's n-grams of either kind have length 1.
        comments_penalty: the same where comments are regressed, which are longer and looser.
        comments_steps: steps of the conjugate gradient there; few hold the weights of rare n-grams back further.
        borrowed_scale: what the regression on other corpora says is multiplied by after it is standardised: how readily
            it is used.
    """

    penalty: float = 3.0
    comments_penalty: float = 10.0
    comments_steps: int = 15
    borrowed_scale: float = 0.1


@dataclass(frozen=True, kw_only=True)
class Linear:
    """A linear function of the measurements: one (F, K) for each block of columns, and what is added, (K,)."""

    weights: tuple[Doubles, ...]
    level: Doubles


def fit_text_ridge(network: keras.Model, examples: TextExamples, settings: TextRidgeSettings) -> None:
    """Fit the regression's path of a network in place.

    Args:
        network: made by `build_text_net`.
        examples: the lines to fit on.
        settings: how.
    """
    inputs = read_inputs(network, examples.lines)
    bags = [network.get_layer(f"{name}_regression") for name in ("words", "characters")]
    blocks = []
    for name, bag in zip(("words", "characters"), bags, strict=True):
        scales = _measure_rarity(inputs[name], bag.buckets)
        bag.scales.assign(np.log(scales)[:, None])
        blocks.append(_weigh_ngrams(inputs[name], scales))
    fits = _fit_heads(blocks, examples, settings)
    for number, bag in enumerate(bags):
        bag.vectors.assign(np.concatenate([fits[head].weights[number] for head in REGRESSED], axis=1))
    network.get_layer("regression_level").set_level(np.concatenate([fits[head].level for head in REGRESSED]))


def _fit_heads(
    blocks: Sequence[csr_array | Doubles], examples: TextExamples, settings: TextRidgeSettings
) -> dict[str, Linear]:
    """Regress the borrowed heads, then all heads with their help, as functions of the blocks alone."""
    first = [
        _fit_head(blocks, examples, "comments", penalty=settings.comments_penalty, steps=settings.comments_steps),
        _fit_head(blocks, examples, "ratings", penalty=settings.penalty),
    ]  # in the order of BORROWED
    film = np.flatnonzero((examples.weights["emotions"] > 0) | (examples.weights["neutral"] > 0))
    borrowed, spread = [], []
    for fit in first:
        said = _apply(fit, blocks)
        spread.append(settings.borrowed_scale / (said[film].std(axis=0) + 1e-9))
        borrowed.append(said * spread[-1])
    fits = {}
    for head in REGRESSED:
        helpers = [i for i, name in enumerate(BORROWED) if name != head]  # a head is no help to itself
        fit = _fit_head([*blocks, *(borrowed[i] for i in helpers)], examples, head, penalty=settings.penalty)
        weights, level = list(fit.weights[: len(blocks)]), fit.level
        for place, i in enumerate(helpers):
            share = spread[i][:, None] * fit.weights[len(blocks) + place]  # (K of the helper, K)
            weights = [own + theirs @ share for own, theirs in zip(weights, first[i].weights, strict=True)]
            level = level + first[i].level @ share
        fits[head] = Linear(weights=tuple(weights), level=level)
    return fits


def _fit_head(
    blocks: Sequence[csr_array | Doubles], examples: TextExamples, head: str, *, penalty: float, steps: int = STEPS
) -> Linear:
    """Regress one head on the lines that have labels for it."""
    rows = np.flatnonzero(examples.weights[head] > 0)
    return solve_ridge(
        [block[rows] for block in blocks], examples.targets[head][rows], examples.weights[head][rows],
        penalty=penalty, steps=steps,
    )  # fmt: skip


def solve_ridge(
    blocks: Sequence[csr_array | Doubles],
    targets: npt.ArrayLike,
    weights: npt.ArrayLike,
    *,
    penalty: float,
    steps: int = STEPS,
) -> Linear:
    """Weighted ridge regression by conjugate gradients on the normal equations, all outputs at once.

    Args:
        blocks: the measurements side by side, each (N, F), sparse or dense.
        targets: (N, K).
        weights: (N,) how much each line counts.
        penalty: on the squared weights; the level, which is the weighted mean of the targets, has none.
        steps: of the conjugate gradient, which begins at 0; stopped early it is a further penalty.

    Returns:
        The regression.
    """
    answers, counts = np.asarray(targets, np.float64), np.asarray(weights, np.float64)[:, None]
    level = (counts * answers).sum(axis=0) / counts.sum()
    turned = [block.T.tocsr() if isinstance(block, csr_array) else block.T for block in blocks]
    residual = [block @ (counts * (answers - level)) for block in turned]
    found = [np.zeros_like(part) for part in residual]
    direction = [part.copy() for part in residual]
    left = _sum_squares(residual, residual)
    for _ in range(steps):
        image = counts * sum(block @ part for block, part in zip(blocks, direction, strict=True))
        bent = [block @ image + penalty * part for block, part in zip(turned, direction, strict=True)]
        step = left / np.maximum(_sum_squares(direction, bent), 1e-30)
        found = [part + step * toward for part, toward in zip(found, direction, strict=True)]
        residual = [part - step * away for part, away in zip(residual, bent, strict=True)]
        now = _sum_squares(residual, residual)
        turn = now / np.maximum(left, 1e-30)
        direction = [part + turn * toward for part, toward in zip(residual, direction, strict=True)]
        left = now
    return Linear(weights=tuple(found), level=level)


def _sum_squares(first: Sequence[Doubles], second: Sequence[Doubles]) -> Doubles:
    """The inner product over all rows of all blocks, for each output: (K,)."""
    total: Doubles = np.sum([(a * b).sum(axis=0) for a, b in zip(first, second, strict=True)], axis=0)
    return total


def _apply(fit: Linear, blocks: Sequence[csr_array | Doubles]) -> Doubles:
    """What a regression says of each line: (N, K)."""
    said: Doubles = fit.level + sum(block @ part for block, part in zip(blocks, fit.weights, strict=True))
    return said


def _measure_rarity(rows: npt.NDArray[np.int32], buckets: int) -> Doubles:
    """1 + log((1 + N) / (1 + lines that hold the n-gram)), the inverse document frequency: (B,)."""
    counts = np.zeros(buckets)
    for row in rows:
        counts[np.unique(row)] += 1
    rarity: Doubles = 1 + np.log((1 + len(rows)) / (1 + counts))
    return rarity


def _weigh_ngrams(rows: npt.NDArray[np.int32], scales: Doubles) -> csr_array:
    """The same weights that `NgramBag` gives each n-gram of a line: (N, B) sparse."""
    line, slot = np.nonzero(rows)
    values = scales[rows[line, slot]]
    lengths = np.sqrt(1 + np.bincount(line, values**2, minlength=len(rows)))
    return csr_array((values / lengths[line], (line, rows[line, slot])), shape=(len(rows), len(scales)))
