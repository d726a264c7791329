"""What people rated of a cut while they watched it: one value a second and rater, and how far the raters agree."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from unicodedata import category

import numpy as np

from models.scores import pearson_r
from pipeline.arrays import freeze_array
from pipeline.types import CURVE_RANGE, CURVES, Bools, Floats

RATER_LETTERS = 40
"""The longest name of a rater."""

SHARED_S = 30
"""So many seconds must two raters, or a rater and a model, have in common before their agreement is worth a figure."""


LEVEL_ROUNDS = 20
"""So often are the raters' mean and their levels found in turn, each from the other."""

WHOLE = 0.5
"""Who rated at least this part of what was rated counts in Cronbach's alpha."""


@dataclass(frozen=True, kw_only=True)
class RatingSeries:
    """What one person rated of one curve of one cut.

    Attributes:
        cut_id: the cut's whole id.
        curve: one of `CURVES`.
        rater: the person's name, as `check_rater` returns it.
        values: for each rated second, counted from 0, a value in the curve's `CURVE_RANGE`.
    """

    cut_id: str
    curve: str
    rater: str
    values: Mapping[int, float]


@dataclass(frozen=True, kw_only=True)
class Ratings:
    """What R people rated of one curve of a cut of T seconds.

    Attributes:
        curve: one of `CURVES`.
        raters: their names, in alphabetical order.
        values: (T, R) float32 in the curve's range; NaN where a person did not rate.
    """

    curve: str
    raters: tuple[str, ...]
    values: Floats

    def __post_init__(self) -> None:
        """Freeze and check the array."""
        values = freeze_array(self.values, np.float32, (None, len(self.raters)), "values")
        object.__setattr__(self, "values", values)

    @property
    def is_rated(self) -> Bools:
        """(T,) whether anybody rated a second."""
        return np.asarray(np.isfinite(self.values).any(axis=1))

    @property
    def mean(self) -> Floats:
        """(T,) float32, the mean of those who rated each second; NaN where nobody did.

        Where some rated only a part, a plain mean would jump as they come and go, because everybody uses the scale at a
        level of their own. So each rater's level, beside the others' on the seconds they share, is taken off first.
        """
        known = np.isfinite(self.values)
        count = known.sum(axis=1)
        levels, weights = np.zeros(len(self.raters)), known.sum(axis=0)
        for _ in range(LEVEL_ROUNDS):
            total = np.where(known, self.values - levels, 0).sum(axis=1)
            mean = np.where(count > 0, total / np.maximum(count, 1), np.nan)
            shared = known & (count > 1)[:, None]
            apart = np.where(shared, self.values - mean[:, None], 0).sum(axis=0) / np.maximum(shared.sum(axis=0), 1)
            levels = apart - (apart * weights).sum() / max(weights.sum(), 1)
        return np.clip(mean, *CURVE_RANGE[self.curve]).astype(np.float32)

    def without(self, rater: str) -> "Ratings":
        """The ratings of all the others."""
        kept = [index for index, name in enumerate(self.raters) if name != rater]
        return Ratings(
            curve=self.curve, raters=tuple(self.raters[index] for index in kept), values=self.values[:, kept]
        )


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """How far raters of one curve agree.

    Attributes:
        pairs: how many pairs of raters have at least `SHARED_S` seconds in common.
        mean_r: the mean of their Pearson correlations; None without such a pair.
        raters: how many of them rated at least the part `WHOLE` of what anybody rated.
        shared_s: seconds that all of these rated.
        alpha: Cronbach's alpha of these raters over these seconds; None for one rater, or under `SHARED_S` seconds.
    """

    pairs: int
    mean_r: float | None
    raters: int
    shared_s: int
    alpha: float | None


def series_to_ratings(series: Sequence[RatingSeries], curve: str, seconds: int) -> Ratings:
    """Lay the series of one curve of one cut side by side.

    Args:
        series: of any curves of one cut.
        curve: the one that is wanted.
        seconds: T of the cut.
    """
    own = sorted((each for each in series if each.curve == curve), key=lambda each: each.rater)
    values = np.full((seconds, len(own)), np.nan, np.float32)
    for column, each in enumerate(own):
        rated = [second for second in each.values if second < seconds]  # An earlier version may have counted more.
        values[rated, column] = [each.values[second] for second in rated]
    return Ratings(curve=curve, raters=tuple(each.rater for each in own), values=values)


def measure_agreement(ratings: Ratings) -> Agreement:
    """Measure how far raters agree.

    Cronbach's alpha takes the raters as the items of a test and the seconds as its takers:
    k / (k - 1) (1 - sum of the raters' variances / variance of their sum). Two raters who do not move agree in nothing.

    Source: L. J. Cronbach, Psychometrika 16 (1951).
    """
    known = np.isfinite(ratings.values)
    found = []
    for a, b in combinations(range(len(ratings.raters)), 2):
        r = correlate(ratings.values[:, a], ratings.values[:, b])
        if r is not None:
            found.append(r)
    whole = known.sum(axis=0) >= WHOLE * ratings.is_rated.sum()
    shared = ratings.values[:, whole][known[:, whole].all(axis=1)].astype(np.float64)
    alpha, count = None, int(whole.sum())
    if count > 1 and len(shared) >= SHARED_S and shared.sum(axis=1).var() > 0:
        alpha = count / (count - 1) * (1 - shared.var(axis=0).sum() / shared.sum(axis=1).var())
    mean_r = float(np.mean(found)) if found else None
    shared_s = len(shared) if count else 0
    return Agreement(pairs=len(found), mean_r=mean_r, raters=count, shared_s=shared_s, alpha=alpha)


def correlate(a: Floats, b: Floats) -> float | None:
    """Pearson's r of two curves (T,) over the seconds that both have; None where these are under `SHARED_S`."""
    both = np.isfinite(a) & np.isfinite(b)
    return pearson_r(a[both], b[both]) if both.sum() >= SHARED_S else None


def check_rater(name: str) -> str:
    """Return a rater's name as it is kept: single spaces, no letter that a table or an address could misread.

    Raises:
        ValueError: it is empty or too long, or has such letters; the words say which.
    """
    kept = " ".join(name.split())
    if not kept:
        raise ValueError("A rater needs a name.")
    if len(kept) > RATER_LETTERS:
        raise ValueError(f"A rater's name has at most {RATER_LETTERS} letters.")
    wrong = sorted({letter for letter in kept if category(letter)[0] not in "LMN" and letter not in " -_.'"})
    if wrong or category(kept[0])[0] not in "LN":
        raise ValueError(
            f"{kept!a} is no rater's name: it begins with a letter or digit, and has letters, digits, spaces and -_.' only."
        )
    return kept


def check_value(curve: str, value: float) -> float:
    """Return a rating, if it lies in its curve's range.

    Raises:
        ValueError: there is no such curve, or the value lies outside its range; the words say which.
    """
    if curve not in CURVES:
        raise ValueError(f"There is no curve {curve!r}; there are {', '.join(CURVES)}.")
    low, high = CURVE_RANGE[curve]
    if not low <= value <= high:  # NaN is not, either.
        raise ValueError(f"{value:g} lies outside the range of {curve}, {low:g} to {high:g}.")
    return float(value)
