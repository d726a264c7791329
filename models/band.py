"""How sure the curves are: a band around each, learned from what was held out.

The expected error of a second is linear in the curve's own value (where a film shows nothing, little is missed) and in how
far the members are apart; a factor then makes the band hold `COVERAGE` of the held-out ratings. Needs no Keras.

Source: normalised conformal prediction (Papadopoulos, Inductive Conformal Prediction, 2008), with pooled segments in place
of exchangeable examples.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from models.examples import CurveExamples, Floats
from models.spec import CurveSpec

COVERAGE = 0.8
"""The share of ratings that the band is to hold."""

SMALLEST = 0.25
"""No second's expected error is taken for less than this share of the mean."""

LEVELS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
"""The shares at which calibration is looked at."""


@dataclass(frozen=True, kw_only=True)
class BandFit:
    """What a band is drawn by, each (C,) float32.

    Attributes:
        lowest: the bottom of the curve's range, whose top is 1; values are taken for what is inside.
        floor: the expected error where the curve is 0 and the members agree.
        slope: what it grows by with the curve's value.
        spread: what it grows by with the members' standard deviation.
        least: the least that is expected.
        factor: half the band's width as a multiple of the expected error.
    """

    lowest: Floats
    floor: Floats
    slope: Floats
    spread: Floats
    least: Floats
    factor: Floats

    def to_table(self) -> dict[str, list[float]]:
        """The fields as `CurveSpec` names them."""
        return {f"band_{item.name}": getattr(self, item.name).tolist() for item in fields(self)}

    @classmethod
    def from_spec(cls, spec: CurveSpec) -> "BandFit":
        """The band that a spec tells of."""
        return cls(**{item.name: np.array(getattr(spec, f"band_{item.name}"), np.float32) for item in fields(cls)})


def band_half_width(values: Floats, spread: Floats, band: BandFit) -> Floats:
    """Half the width of the band.

    Args:
        values: (..., C).
        spread: (..., C), the members' standard deviation.
        band: how it is drawn.

    Returns:
        (..., C) float32, > 0.
    """
    values = np.clip(values, band.lowest, np.float32(1))
    expected = band.floor + band.slope * values + band.spread * spread
    half: Floats = (band.factor * np.maximum(expected, band.least)).astype(np.float32)
    return half


def fit_band(values: Floats, spread: Floats, ratings: Floats, lowest: Floats, *, coverage: float = COVERAGE) -> BandFit:
    """Fit the band on held-out predictions.

    Args:
        values: (N, C).
        spread: (N, C), the members' standard deviation.
        ratings: (N, C), all rated.
        lowest: (C,), the bottom of each curve's range.
        coverage: the share of ratings that it is to hold.
    """
    values = np.clip(values, lowest, np.float32(1))
    error = np.abs(values - ratings).astype(np.float64)
    fits = []
    for c in range(error.shape[1]):
        causes = np.stack([np.ones(len(error)), values[:, c], spread[:, c]], axis=1)
        floor, slope, wider = np.linalg.lstsq(causes, error[:, c], rcond=None)[0]
        wider = max(wider, 0.0)  # Members that are apart make nothing surer.
        least = max(SMALLEST * float(error[:, c].mean()), 1e-4)
        expected = np.maximum(causes @ [floor, slope, wider], least)
        fits.append((floor, slope, wider, least, np.quantile(error[:, c] / expected, coverage)))
    floor, slope, wider, least, factor = np.array(fits, np.float32).T
    return BandFit(lowest=lowest, floor=floor, slope=slope, spread=wider, least=least, factor=factor)


def fit_film_band(
    held_out: Floats, examples: CurveExamples, blocks: Sequence[int], *, coverage: float = COVERAGE
) -> BandFit:
    """Fit the band on the rated seconds of some blocks.

    Args:
        held_out: (members, T, C), what each member says of each second while its block was held out.
        examples: the rated film.
        blocks: the blocks.
        coverage: the share of ratings that it is to hold.
    """
    rows = np.concatenate([_list_rated(examples, block) for block in blocks])
    seen = held_out[:, rows]
    ratings, lowest = examples.ratings[rows], lowest_ratings(examples)
    return fit_band(seen.mean(axis=0), seen.std(axis=0), ratings, lowest, coverage=coverage)


def measure_coverage(
    held_out: Floats, examples: CurveExamples, blocks: Sequence[int], *, coverage: float = COVERAGE
) -> npt.NDArray[np.float64]:
    """Measure what share of each block's ratings a band holds that was fitted on the other blocks.

    Args:
        held_out: (members, T, C), as `fit_film_band` takes it.
        examples: the rated film.
        blocks: the held-out blocks.
        coverage: what the band is made to hold.

    Returns:
        (blocks, C), shares.
    """
    shares = []
    for block in blocks:
        band = fit_film_band(held_out, examples, [other for other in blocks if other != block], coverage=coverage)
        rows = _list_rated(examples, block)
        values = np.clip(held_out[:, rows].mean(axis=0), band.lowest, np.float32(1))
        half = band_half_width(values, held_out[:, rows].std(axis=0), band)
        shares.append((np.abs(values - examples.ratings[rows]) <= half).mean(axis=0))
    return np.array(shares)


def lowest_ratings(examples: CurveExamples) -> Floats:
    """The bottom of each curve's range: -1 where ratings go below 0, else 0; (C,)."""
    return np.where((examples.ratings[examples.rated] < 0).any(axis=0), np.float32(-1), np.float32(0))


def _list_rated(examples: CurveExamples, block: int) -> npt.NDArray[np.intp]:
    """The rated seconds of a block."""
    start, end = examples.blocks[block]
    return start + np.flatnonzero(examples.rated[start:end])
