"""From features to curves: overlapping windows through the network, a band, and each stream's share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from pipeline.errors import ModelError
from pipeline.types import CURVE_RANGE, STREAMS, Curves, Features, Floats

MATCHED_STREAMS = ("frames", "audio")
"""Streams whose level depends on grading and mastering, and is brought to the training film's."""


class CurveModel(Protocol):
    """The network as this stage sees it: `models.checkpoint` in the app.

    Attributes:
        model_id: which weights these are.
        curves: names of the C curves, in order.
        columns: for each stream the columns it was trained on.
        read: for each stream those of them that it looks at.
        reference: for each stream the mean and standard deviation, each (D,), of its columns over the training film.
        domain: for each stream what five minutes of the training film are like, as in `pipeline.domain`.
    """

    @property
    def model_id(self) -> str: ...  # noqa: D102

    @property
    def curves(self) -> tuple[str, ...]: ...  # noqa: D102

    @property
    def columns(self) -> Mapping[str, tuple[str, ...]]: ...  # noqa: D102

    @property
    def read(self) -> Mapping[str, tuple[str, ...]]: ...  # noqa: D102

    @property
    def reference(self) -> Mapping[str, tuple[Floats, Floats]]: ...  # noqa: D102

    @property
    def domain(self) -> Mapping[str, tuple[Floats, Floats, float]]: ...  # noqa: D102

    def predict(self, inputs: Mapping[str, Floats]) -> Mapping[str, Floats]:
        """Run a batch of windows.

        Args:
            inputs: each stream's columns (B, T, D) and `present` (B, T, 3), float32.

        Returns:
            `values` and `half_width` (B, T, C) float32, and `shares` (B, T, C, 3).
        """
        ...


@dataclass(frozen=True, kw_only=True)
class CurveOptions:
    """How a film is fed to the network.

    Attributes:
        window_s: seconds of a window, near the length of the training sequences.
        hop_s: seconds between the starts of neighbouring windows.
        trust_s: seconds of a film's own statistics that weigh as much as the training film's (see `match_levels`).
        batch: windows run at once, which bounds memory.
    """

    window_s: int = 640
    hop_s: int = 320
    trust_s: float = 120.0
    batch: int = 8


def predict_curves(
    features: Features,
    *,
    model: CurveModel,
    options: CurveOptions | None = None,
    report: Callable[[float], None] = lambda done: None,
) -> Curves:
    """Draw the curves of a film.

    The film runs through the network in overlapping windows, blended with triangular weights, so that a film of any
    length is read the way the network was trained. A film shorter than a window is one window of its own length.

    Args:
        features: T >= 1 seconds.
        model: the network.
        options: windows and levels.
        report: called with the share of windows that are done, 0 to 1.

    Returns:
        The curves (T, C), inside their ranges and bands.

    Raises:
        ModelError: the network was trained on other measurements.
    """
    options = options or CurveOptions()
    check_columns(features, model)
    inputs = prepare_inputs(features, model=model, options=options)
    starts = place_windows(features.seconds, options)
    width = min(options.window_s, features.seconds)
    weight = np.minimum(np.arange(1, width + 1), np.arange(width, 0, -1)).astype(np.float64)
    total: dict[str, npt.NDArray[np.float64]] = {}
    covered = np.zeros(features.seconds)
    for first in range(0, len(starts), options.batch):
        batch = starts[first : first + options.batch]
        windows = {name: np.stack([array[start : start + width] for start in batch]) for name, array in inputs.items()}
        for name, outputs in model.predict(windows).items():
            into = total.setdefault(name, np.zeros((features.seconds, *outputs.shape[2:])))
            for start, output in zip(batch, outputs, strict=True):
                into[start : start + width] += output * weight.reshape(-1, *(1,) * (output.ndim - 1))
        for start in batch:
            covered[start : start + width] += weight
        report(min(first + options.batch, len(starts)) / len(starts))
    blended = {name: array / covered.reshape(-1, *(1,) * (array.ndim - 1)) for name, array in total.items()}
    return bound_curves(blended, model)


def prepare_inputs(features: Features, *, model: CurveModel, options: CurveOptions | None = None) -> dict[str, Floats]:
    """What the network is fed of a whole film: each stream's columns at matched levels (T, D), and `present` (T, 3)."""
    options = options or CurveOptions()
    inputs = {name: match_levels(features, name, model=model, trust_s=options.trust_s) for name in STREAMS}
    return {**inputs, "present": features.present.astype(np.float32)}


def place_windows(seconds: int, options: CurveOptions) -> list[int]:
    """The first second of each window; the last window ends with the film."""
    last = max(seconds - options.window_s, 0)
    return [*range(0, last, options.hop_s), last]


def match_levels(features: Features, stream: str, *, model: CurveModel, trust_s: float) -> Floats:
    """Bring a film's columns to the level and spread of the training film.

    Films are graded and mastered differently: what is dark or loud is so beside the rest of the same film. Picture
    and sound columns are therefore shifted and scaled so that their mean and deviation over the film, drawn towards
    the training film's by `trust_s` seconds' worth, become the training film's. A few seconds of film thus keep their
    own level, and a feature film is read relative to itself. The transcript means the same in every film and is left.
    What a draft has not measured is left at the training film's mean, and counts in no statistic.

    Args:
        features: the film.
        stream: which stream.
        model: holds the training film's statistics.
        trust_s: weight of the training film's statistics, in seconds.

    Returns:
        (T, D) float32; rows of absent seconds stay 0.
    """
    columns: Floats = getattr(features, stream)
    here = features.present[:, STREAMS.index(stream)]
    if stream not in MATCHED_STREAMS or not here.any():
        return columns
    mean, deviation = (array.astype(np.float64) for array in model.reference[stream])
    rows = columns[here].astype(np.float64)
    known = ~(features.draft[here, None] & np.isin(features.columns[stream], features.unmeasured))
    count = known.sum(axis=0)
    own = count / (count + trust_s)
    own_mean = np.where(known, rows, 0).sum(axis=0) / np.maximum(count, 1)
    own_variance = np.where(known, (rows - own_mean) ** 2, 0).sum(axis=0) / np.maximum(count, 1)
    film_mean = own * own_mean + (1 - own) * mean
    film_variance = own * own_variance + (1 - own) * deviation**2
    # A column that hardly moves in this film says nothing; it must not be blown up to the training film's spread.
    scale = deviation / np.maximum(np.sqrt(film_variance), deviation / 3 + 1e-9)
    matched = np.zeros_like(columns)
    matched[here] = np.where(known, (rows - film_mean) * scale + mean, mean)
    return matched


def check_columns(features: Features, model: CurveModel) -> None:
    """Refuse features that the network was not trained on.

    Raises:
        ModelError: the columns differ.
    """
    for stream in STREAMS:
        if tuple(features.columns[stream]) != tuple(model.columns[stream]):
            raise ModelError(
                f"The weights {model.model_id} were trained on other {stream} measurements than this version makes.",
                "Rebuild them with: python -m studio train models/curve_net.toml",
            )


def list_ranges(model: CurveModel) -> npt.NDArray[np.float64]:
    """The lower and the upper ends of the ranges of a model's curves: (2, C)."""
    return np.array([CURVE_RANGE[name] for name in model.curves]).T


def bound_curves(blended: Mapping[str, npt.NDArray[np.float64]], model: CurveModel) -> Curves:
    """Clip values and band to each curve's range.

    Args:
        blended: `values` and `half_width` (T, C), and `shares` (T, C, 3), as the network gives them.
        model: the network.

    Returns:
        The curves, T seconds.
    """
    bottom, top = list_ranges(model)
    values = np.clip(blended["values"], bottom, top).astype(np.float32)
    # About what is drawn, as the band was measured: about what lies outside the range it would close to nothing.
    low = np.clip(values - blended["half_width"], bottom, top).astype(np.float32)
    high = np.clip(values + blended["half_width"], bottom, top).astype(np.float32)
    return Curves(
        names=tuple(model.curves),
        values=values,
        low=np.minimum(low, values),
        high=np.maximum(high, values),
        shares=np.clip(blended["shares"], 0, 1).astype(np.float32),
        model_id=model.model_id,
    )
