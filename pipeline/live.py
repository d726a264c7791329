"""Curves of a film that is still being written, second by second, until the whole of it can be analysed."""

import contextlib
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from pipeline.curves import CurveModel, bound_curves, check_columns, prepare_inputs
from pipeline.errors import TranscriptError
from pipeline.features.evidence import HASH_BITS, Evidence, compare_neighbours
from pipeline.features.extract import describe_evidence
from pipeline.features.measure import measure_pixels, measure_samples
from pipeline.features.transcript import TextModel
from pipeline.footage import Pictures, Sound
from pipeline.streams.growing import read_growing
from pipeline.streams.transcript import read_lines
from pipeline.types import GRID_HZ, Curves, Features, Floats, Line


class LiveModel(CurveModel, Protocol):
    """A network that looks back only and carries its state from second to second, as `models.live` does."""

    def begin(self) -> None:
        """Forget what was: the next second is a film's first."""
        ...

    def step(self, inputs: Mapping[str, Floats]) -> Mapping[str, Floats]:
        """Take the next second.

        Args:
            inputs: each stream's columns (D,) and `present` (3,), float32.

        Returns:
            `values` and `half_width` (C,) float32, and `shares` (C, 3).
        """
        ...


@dataclass(frozen=True, kw_only=True)
class LiveOptions:
    """How a growing film is followed.

    Attributes:
        every_s: seconds of film between one answer and the next.
        behind_s: seconds of film that an answer stays behind what has been read: pictures and sound of one second do not
            lie side by side in a file, and a second is described by the one behind it as well.
        lag_s: seconds of film by which picture may lie behind sound, or sound behind picture, before it counts as absent.
        patience_s: seconds for which the file may stand still before it counts as finished.
    """

    every_s: int = 5
    behind_s: int = 3
    lag_s: int = 30
    patience_s: float = 30.0


@dataclass(frozen=True, kw_only=True)
class LiveSpan:
    """Seconds of which the curves have become known.

    Attributes:
        first: the first of them.
        curves: their curves.
    """

    first: int
    curves: Curves


def follow_cut(
    path: Path,
    *,
    model: LiveModel,
    text_model: TextModel,
    transcript: Path | None = None,
    options: LiveOptions | None = None,
    keep_on: Callable[[], bool] = lambda: True,
) -> Generator[LiveSpan]:
    """Follow a film that is being written.

    Levels are matched to what there is so far, and shots are found by the rule of thumb, so these curves are not those
    of the whole film: once it is finished, it is analysed like any other.

    Args:
        path: the film.
        model: the network.
        text_model: reads the affect of dialogue.
        transcript: its subtitle file, which may grow too and need not be there yet; None for none.
        options: how often to answer, and how long to wait.
        keep_on: asked while waiting for the film to grow whether to go on.

    Yields:
        Spans of seconds, in order and without a gap.

    Raises:
        FilmError: the film cannot be read, or the weights do not fit.
    """
    options = options or LiveOptions()
    rows, told, lines = LiveEvidence(), 0, tuple[Line, ...]()
    model.begin()

    def tell(until: int) -> LiveSpan:
        nonlocal told, lines
        if transcript is not None:
            with contextlib.suppress(TranscriptError):  # It may be half written: what was read of it before stays.
                lines = read_lines(transcript, duration_s=float(rows.seconds))
        features = describe_evidence(rows.collect(), lines, text_model=text_model)
        span = LiveSpan(first=told, curves=_step(model, features, told, until))
        told = until
        return span

    for part in read_growing(path, patience_s=options.patience_s, keep_on=keep_on):
        rows.add(part)
        known = rows.find_reached(options.lag_s) - options.behind_s
        if known >= told + options.every_s:
            yield tell(known)
    if rows.seconds > told:
        yield tell(rows.seconds)


def _step(model: LiveModel, features: Features, first: int, until: int) -> Curves:
    """Run the network over seconds that it has not seen yet."""
    check_columns(features, model)
    inputs = prepare_inputs(features, model=model)
    steps = [model.step({name: array[second] for name, array in inputs.items()}) for second in range(first, until)]
    return bound_curves({name: np.stack([step[name] for step in steps]) for name in steps[0]}, model)


class LiveEvidence:
    """Measurements on the 25 Hz grid, of a film whose length is not known; room is doubled as it runs out."""

    def __init__(self) -> None:
        self._stops: dict[type[Pictures | Sound], int] = {}
        self._arrays: dict[str, npt.NDArray[Any]] = {
            "quadrants": np.zeros((GRID_HZ, 4), np.float32),
            "phash": np.zeros((GRID_HZ, HASH_BITS // 8), np.uint8),
            "picture_present": np.zeros(GRID_HZ, np.bool_),
            "picture_times_s": np.zeros(GRID_HZ),
            "rms": np.zeros(GRID_HZ, np.float32),
            "lrdiff": np.zeros(GRID_HZ, np.float32),
            "sound_present": np.zeros(GRID_HZ, np.bool_),
        }

    @property
    def seconds(self) -> int:
        """How many seconds there are, the last perhaps in part."""
        return -(-max(self._stops.values(), default=0) // GRID_HZ)

    def find_reached(self, lag_s: int) -> int:
        """How many seconds are known of both picture and sound; what lies farther behind than so many is not waited for."""
        stops = self._stops.values()
        return max(min(stops), max(stops) - lag_s * GRID_HZ) // GRID_HZ if stops else 0

    def add(self, part: Pictures | Sound) -> None:
        """Measure what comes next."""
        if isinstance(part, Sound):
            first = part.second * GRID_HZ
            rms, lrdiff = measure_samples(part.samples)
            self._write(Sound, slice(first, first + len(rms)), rms=rms, lrdiff=lrdiff, sound_present=True)
            return
        measured = measure_pixels(part.pixels)
        for i, (start, stop) in enumerate(zip(part.starts, part.stops, strict=True)):
            quadrants, phash = (column[i] for column in measured)
            self._write(
                Pictures,
                slice(int(start), int(stop)),
                quadrants=quadrants,
                phash=phash,
                picture_present=True,
                picture_times_s=part.times_s[i],
            )

    def collect(self) -> Evidence:
        """Return the measurements so far, whole seconds."""
        rows: dict[str, Any] = {name: array[: self.seconds * GRID_HZ] for name, array in self._arrays.items()}
        absent = ~rows["picture_present"]
        times_s = np.where(absent, np.arange(len(absent)) / GRID_HZ, rows.pop("picture_times_s"))
        norm_diff = compare_neighbours(rows["phash"], rows["picture_present"])
        return Evidence(**rows, norm_diff=norm_diff, picture_times_s=times_s)

    def _write(self, kind: type[Pictures | Sound], rows: slice, **values: npt.ArrayLike) -> None:
        """Set some columns of some rows, which pictures or sound tell of."""
        self._stops[kind] = max(self._stops.get(kind, 0), rows.stop)
        short = self.seconds * GRID_HZ - len(self._arrays["rms"])
        if short > 0:
            for name, array in self._arrays.items():
                more = np.zeros((max(short, len(array)), *array.shape[1:]), array.dtype)
                self._arrays[name] = np.concatenate([array, more])
        for name, value in values.items():
            self._arrays[name][rows] = value
