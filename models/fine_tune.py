"""Fitting a copy of the shipped curves to a studio's own ratings, which are few: a ridge correction that shrinks to nothing.

The trained networks are frozen. What is fitted for each rated curve c is

    tuned_c(t) = shipped_c(t) + level + shipped(t) . a + x(t) . b

where shipped(t) are all C shipped curves, a new head on what the encoders made of the film, and x(t) the measured columns
and their moving means. The penalty on a and b, and the delay with which people answer a film, are chosen by leaving cuts out
in turn (or blocks, where there is one cut); with the largest penalty nothing but the level is left of the correction.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.band import COVERAGE
from models.examples import ColumnStatistics, Floats
from models.rated_cuts import RatedCut, Span, describe_streams, leave_out, scale_of, split_folds, split_parts
from models.ridge import CONTEXT_S, Doubles, RidgeFit
from models.scores import concordance, pearson_r
from models.spec import STREAMS, CurveSpec

PENALTIES = (30.0, 100.0, 300.0, 1_000.0, 3_000.0, 10_000.0, 30_000.0, 1e6)
"""The last one leaves the shipped curve as good as it is."""

FIRST_PENALTY = 300.0
"""With this one the delay is chosen, before the penalty is."""

DELAYS_S = (0, 1, 2, 3, 4, 5)
"""Seconds by which people may answer late."""

HEAD_WEIGHT = 4.0
"""Shipped curves enter larger than columns by this factor, and so are penalised less: they know more."""

MIN_BLOCK_S = 10
"""A block with fewer rated seconds is not left out by itself."""

MIN_GAIN_R = 0.03
"""A smaller gain in mean r is none."""

MIN_ERRORS = 2.0
"""Neither is one of fewer standard errors."""

MIN_R = 0.2
"""Nor is a curve better that follows the raters less than this: it would follow nobody."""

MOST_SUMS = 150
"""So many sums of parts are kept; each is about a megabyte."""


@dataclass(frozen=True, kw_only=True)
class FoldScore:
    """How one left-out part was predicted by what was fitted on all others.

    Attributes:
        place: of which of the cuts it is a part, counted from 0.
        seconds: rated seconds in it.
        shipped_r: Pearson's r of the shipped curve.
        tuned_r: of the tuned one.
        shipped_ccc: Lin's concordance of the shipped curve.
        tuned_ccc: of the tuned one.
    """

    place: int
    seconds: int
    shipped_r: float
    tuned_r: float
    shipped_ccc: float
    tuned_ccc: float


@dataclass(frozen=True, kw_only=True)
class CurveFit:
    """The correction of one curve, and how it did on what it had not seen; W is the number of moving means and 1.

    Attributes:
        curve: its name.
        penalty: the one chosen on all that is rated.
        delay_s: the delay chosen likewise.
        heads: (C,) a, for the shipped curves.
        weights: for each stream (D W,) b, for its scaled columns and then their means, width by width.
        level: what is added.
        scores: a `FoldScore` for each part that was left out.
        band: what the half width of the shipped band is multiplied by, so that it holds `COVERAGE` of left-out ratings.
        part: in [0, 1], what part of the curve's movement comes from the columns and not from the shipped curves.
    """

    curve: str
    penalty: float
    delay_s: int
    heads: Doubles
    weights: Mapping[str, Doubles]
    level: float
    scores: tuple[FoldScore, ...]
    band: float
    part: float

    @property
    def is_across_cuts(self) -> bool:
        """Whether whole cuts were left out; else these are blocks of one cut."""
        return len({score.place for score in self.scores}) > 1

    @property
    def gain_r(self) -> float:
        """By how much the mean r over the left-out parts rose."""
        return float(np.mean(self._gains))

    @property
    def gain_error_r(self) -> float:
        """The standard error of that mean, from part to part; infinite where there is one part."""
        count = len(self.scores)
        return float(np.std(self._gains, ddof=1) / np.sqrt(count)) if count > 1 else float("inf")

    @property
    def is_better(self) -> bool:
        """Whether the gain is more than chance would often give, and worth having."""
        tuned_r = float(np.mean([score.tuned_r for score in self.scores]))
        return tuned_r >= MIN_R and self.gain_r >= max(MIN_GAIN_R, MIN_ERRORS * self.gain_error_r)

    @property
    def _gains(self) -> list[float]:
        """By how much r rose in each part."""
        return [score.tuned_r - score.shipped_r for score in self.scores]


def fit_curve(cuts: Sequence[RatedCut], curve: str, spec: CurveSpec, *, report: Callable[[float], None]) -> CurveFit:
    """Fit the correction of one curve, and measure it by leaving parts out: penalty and delay are chosen without them.

    Args:
        cuts: with ratings of the curve.
        curve: its name.
        spec: of the shipped weights.
        report: called with the share of the work that is done.
    """
    bench = _Bench(cuts, curve, spec)
    folds = split_folds(cuts, curve)
    scores, errors = [], []
    for place, fold in enumerate(folds):
        if bench.count_rated(fold) < MIN_BLOCK_S:
            continue
        score, error = bench.score(fold, bench.fit_best(leave_out(folds, fold)))
        scores.append(score)
        errors.append(error)
        report((place + 1) / (len(folds) + 1))
    solution = bench.fit_best([span for fold in folds for span in fold])
    return CurveFit(
        curve=curve,
        penalty=solution.penalty,
        delay_s=solution.delay_s,
        heads=solution.weights[: len(spec.curves)] * HEAD_WEIGHT,
        weights=bench.split_weights(solution.weights[len(spec.curves) :]),
        level=solution.level,
        scores=tuple(scores),
        band=float(np.quantile(np.concatenate(errors), COVERAGE)),
        part=bench.find_part(solution),
    )


@dataclass(frozen=True, kw_only=True)
class _Solution:
    """A fitted correction: what `rows` are multiplied by, and what is added."""

    weights: Doubles
    level: float
    penalty: float
    delay_s: int


class _Bench:
    """The rows of all cuts for one curve, described once, and what is fitted on parts of them.

    A part enters a regression by its sums alone, so that hundreds of them take no longer than reading the rows a few times.
    """

    def __init__(self, cuts: Sequence[RatedCut], curve: str, spec: CurveSpec) -> None:
        self._column = list(spec.curves).index(curve)
        self._cuts = cuts
        self._curve = curve
        self._widths = [len(spec.columns[name]) * (1 + len(CONTEXT_S)) for name in STREAMS]
        self._rows = [
            np.concatenate([cut.shipped.astype(np.float64) * HEAD_WEIGHT, *describe_streams(cut, spec)], axis=1)
            for cut in cuts
        ]
        self._sums: dict[tuple[Span, int], Doubles] = {}

    def fit(self, spans: Sequence[Span], delay_s: int, penalties: Sequence[float]) -> list[_Solution]:
        """Fit on some spans with each of the penalties: a ridge regression on standardised rows, as `solve_ridge`."""
        sums = np.sum([self._sum_products(span, delay_s) for span in spans], axis=0)  # of [1, rows, target] products
        count = sums[0, 0]
        mean = sums[0, 1:] / count
        spread = sums[1:, 1:] / count - np.outer(mean, mean)
        deviation = np.sqrt(np.maximum(np.diag(spread)[:-1], 0)) + 1e-6
        products = count * spread[:-1, :-1] / np.outer(deviation, deviation)
        target, identity = count * spread[:-1, -1] / deviation, np.eye(len(deviation))
        solutions = []
        for penalty in penalties:
            weights = np.linalg.solve(products + penalty * identity, target) / deviation
            level = float(mean[-1] - mean[:-1] @ weights)
            solutions.append(_Solution(weights=weights, level=level, penalty=penalty, delay_s=delay_s))
        return solutions

    def fit_best(self, spans: Sequence[Span]) -> _Solution:
        """Fit with the delay, and then the penalty, of the best mean concordance over parts of the spans left out in turn."""
        folds = split_parts(spans)
        pairs = [(fold, leave_out(folds, fold)) for fold in folds]
        pairs = [pair for pair in pairs if min(map(self.count_rated, pair)) >= MIN_BLOCK_S]
        if not pairs:
            return self.fit(spans, DELAYS_S[0], PENALTIES[-1:])[0]

        def judge(delay_s: int, penalties: Sequence[float]) -> Doubles:
            scores = [
                [self.score(fold, solution)[0].tuned_ccc for solution in self.fit(training, delay_s, penalties)]
                for fold, training in pairs
            ]
            mean: Doubles = np.mean(scores, axis=0)
            return mean

        delay_s = max(DELAYS_S, key=lambda delay_s: float(judge(delay_s, [FIRST_PENALTY])[0]))
        penalty = PENALTIES[int(judge(delay_s, PENALTIES).argmax())]
        return self.fit(spans, delay_s, [penalty])[0]

    def score(self, spans: Sequence[Span], solution: _Solution) -> tuple[FoldScore, Floats]:
        """Score a part, and return its errors (N,) as multiples of the half width of the shipped band."""
        rows, ratings, shipped = self._collect(spans, solution.delay_s)
        tuned = shipped + solution.level + rows @ solution.weights
        half = np.concatenate([self._cuts[place].half_width[start:end, self._column] for place, start, end in spans])
        kept = self._find_rated(spans, solution.delay_s)
        errors = np.abs(ratings - tuned) / np.maximum(half[kept], 1e-3)
        score = FoldScore(
            place=spans[0][0],
            seconds=len(ratings),
            shipped_r=pearson_r(ratings, shipped),
            tuned_r=pearson_r(ratings, tuned),
            shipped_ccc=concordance(ratings, shipped),
            tuned_ccc=concordance(ratings, tuned),
        )
        return score, errors.astype(np.float32)

    def _sum_products(self, span: Span, delay_s: int) -> Doubles:
        """The sums of all products of [1, rows, ratings less the shipped curve] over the rated seconds of a span."""
        if (span, delay_s) not in self._sums:
            if len(self._sums) >= MOST_SUMS:
                self._sums.clear()
            rows, ratings, shipped = self._collect([span], delay_s)
            whole = np.concatenate([np.ones((len(rows), 1)), rows, (ratings - shipped)[:, None]], axis=1)
            self._sums[span, delay_s] = whole.T @ whole
        return self._sums[span, delay_s]

    def split_weights(self, weights: Doubles) -> dict[str, Doubles]:
        """Divide the weights of the columns among the streams."""
        return dict(zip(STREAMS, np.split(weights, np.cumsum(self._widths)[:-1]), strict=True))

    def find_part(self, solution: _Solution) -> float:
        """What part of the tuned curve's movement comes from the columns."""
        rows, curves = np.concatenate(self._rows), self._cuts[0].shipped.shape[1]
        columns = rows[:, curves:] @ solution.weights[curves:]
        shipped = rows[:, :curves] @ solution.weights[:curves] + rows[:, self._column] / HEAD_WEIGHT
        return float(columns.std() / max(columns.std() + shipped.std(), 1e-9))

    def _collect(self, spans: Sequence[Span], delay_s: int) -> tuple[Doubles, Doubles, Doubles]:
        """The rows, ratings and shipped values of the rated seconds of some spans; ratings come late by the delay."""
        kept = self._find_rated(spans, delay_s)
        rows = np.concatenate([self._rows[place][start:end] for place, start, end in spans])[kept]
        shipped = np.concatenate([self._cuts[place].shipped[start:end, self._column] for place, start, end in spans])
        return rows, self._delay(spans, delay_s)[kept], shipped[kept].astype(np.float64)

    def count_rated(self, spans: Sequence[Span]) -> int:
        """How many seconds of some spans are rated, whatever the delay."""
        return min(int(self._find_rated(spans, delay_s).sum()) for delay_s in DELAYS_S) if spans else 0

    def _find_rated(self, spans: Sequence[Span], delay_s: int) -> npt.NDArray[np.bool_]:
        """Which seconds of some spans are rated."""
        return np.isfinite(self._delay(spans, delay_s))

    def _delay(self, spans: Sequence[Span], delay_s: int) -> Doubles:
        """The ratings of some spans, each from the delay later; NaN where there is none."""
        found = []
        for place, start, end in spans:
            ratings = self._cuts[place].ratings[self._curve][start:end].astype(np.float64)
            found.append(np.concatenate([ratings[delay_s:], np.full(min(delay_s, len(ratings)), np.nan)]))
        return np.concatenate(found)


def fits_to_ridge(fits: Sequence[CurveFit], spec: CurveSpec) -> RidgeFit:
    """Write the corrections as one regression of all C curves; of a curve without one all weights are 0."""
    places = {fit.curve: list(spec.curves).index(fit.curve) for fit in fits}
    level, weights = np.zeros(len(spec.curves)), {}
    for i, name in enumerate(STREAMS):
        weights[name] = np.zeros((len(spec.columns[name]) * (1 + len(CONTEXT_S)), len(spec.curves)))
        for fit in fits:
            weights[name][:, places[fit.curve]] = fit.weights[STREAMS[i]]
    for fit in fits:
        level[places[fit.curve]] = fit.level
    return RidgeFit(
        statistics=ColumnStatistics(
            mean={name: np.array(spec.reference_mean[name], np.float32) for name in STREAMS},
            deviation={name: scale_of(spec, name).astype(np.float32) for name in STREAMS},
            usual_line=np.zeros(len(spec.columns["transcript"]), np.float32),
        ),
        weights=weights,
        level=level,
        penalty=np.zeros(len(spec.curves)),
    )
