"""Flashes that can harm viewers with photosensitive epilepsy, counted by the rule of broadcasters.

Source: ITU-R BT.1702-3 (guidance for reducing photosensitive epileptic seizures): a flash is a pair of opposing changes of
luminance of 20 cd/m2 or more, the darker image below 160 cd/m2, over more than a quarter of the screen; and a pair of
opposing changes to and from saturated red, whatever its luminance. More than three flashes within any second are harmful.
Luminance is taken as 200 cd/m2 for full white at a gamma of 2.2; red is saturated where R / (R + G + B) of linear light is
0.8 or more, the form in which ETSI and WCAG put the same rule.
"""

from collections import deque
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from pipeline.clock import frame_to_seconds
from pipeline.types import Bools, Bytes, Floats

WHITE_NITS, GAMMA = 200.0, 2.2
STEP_NITS, DARK_NITS = 20.0, 160.0
AREA = 0.25
SATURATED = 0.8
RED_STEP = 20.0 / 320.0
"""By how much max(0, R - G - B) of linear light must change, between 0 and 1, for a change of red."""
MOST_FLASHES = 3
"""In any second."""

GRID_PX = (48, 27)
"""Pictures are averaged to so many columns and rows; a quarter of the screen is 324 of these cells."""


@dataclass(frozen=True, kw_only=True)
class FlashRun:
    """A second or more with too many flashes.

    Attributes:
        start_s: when the first of them begins, seconds of the trailer.
        end_s: when the last of them ends.
        per_second: how many flashes there are at most within one second.
        is_red: whether they are of saturated red.
    """

    start_s: float
    end_s: float
    per_second: float
    is_red: bool


class FlashCounter:
    """Counts flashes while pictures go by."""

    def __init__(self, rate: Fraction) -> None:
        """Begin.

        Args:
            rate: pictures a second.
        """
        self._rate = rate
        self._count = 0
        self._general, self._red = _Swings(), _Swings()

    def add(self, picture: Bytes) -> None:
        """Take the next picture, (H, W, 3) uint8 RGB."""
        light = (_average(picture) / 255.0) ** GAMMA
        luminance = WHITE_NITS * (light @ np.array([0.2126, 0.7152, 0.0722]))
        self._general.add(luminance, step=STEP_NITS, lower_below=DARK_NITS, marked=None)
        red = np.clip(light[..., 0] - light[..., 1] - light[..., 2], 0, 1)
        saturated = light[..., 0] / np.maximum(light.sum(axis=-1), 1e-6) >= SATURATED
        self._red.add(red, step=RED_STEP, lower_below=np.inf, marked=saturated & (light[..., 0] > 0.02))
        self._count += 1

    def list_runs(self) -> tuple[FlashRun, ...]:
        """List the stretches in which there are more flashes than may be, general ones and red ones."""
        return (*self._find_runs(self._general.frames, is_red=False), *self._find_runs(self._red.frames, is_red=True))

    def _find_runs(self, frames: list[int], *, is_red: bool) -> list[FlashRun]:
        """Join seconds with too many changes; two changes are a flash."""
        window: deque[int] = deque()
        runs: list[FlashRun] = []
        for frame in frames:
            window.append(frame)
            while frame - window[0] >= self._rate:
                window.popleft()
            flashes = len(window) / 2
            if flashes <= MOST_FLASHES:
                continue
            start_s, end_s = (float(frame_to_seconds(edge, self._rate)) for edge in (window[0], frame + 1))
            if runs and start_s <= runs[-1].end_s:
                last = runs.pop()
                start_s, flashes = last.start_s, max(flashes, last.per_second)
            runs.append(FlashRun(start_s=start_s, end_s=end_s, per_second=flashes, is_red=is_red))
        return runs


class _Swings:
    """Opposing changes, cell by cell, and the frames at which enough cells change alike."""

    def __init__(self) -> None:
        self.frames: list[int] = []
        self._at = -1
        self._low: Floats | None = None
        self._high: Floats | None = None
        self._low_mark: Bools | None = None
        self._high_mark: Bools | None = None
        self._way = 0

    def add(self, values: npt.NDArray[np.floating], *, step: float, lower_below: float, marked: Bools | None) -> None:
        """Take the values of the next picture; a change counts where one of its ends is marked."""
        self._at += 1
        now = values.astype(np.float32)
        mark = np.ones(now.shape, np.bool_) if marked is None else marked
        if self._low is None or self._high is None or self._low_mark is None or self._high_mark is None:
            self._low, self._high, self._low_mark, self._high_mark = now, now, mark, mark
            return
        rises = (now - self._low >= step) & (self._low < lower_below) & (mark | self._low_mark)
        falls = (self._high - now >= step) & (now < lower_below) & (mark | self._high_mark)
        for way, changed in ((1, rises), (-1, falls)):
            if changed.mean() > AREA and way != self._way:
                self.frames.append(self._at)
                self._way = way
                self._low, self._high, self._low_mark, self._high_mark = now, now, mark, mark
                return
        is_lower, is_higher = now <= self._low, now >= self._high
        self._low_mark = np.where(is_lower, mark, self._low_mark)
        self._high_mark = np.where(is_higher, mark, self._high_mark)
        self._low, self._high = np.minimum(self._low, now), np.maximum(self._high, now)


def _average(picture: Bytes) -> npt.NDArray[np.float64]:
    """A picture averaged to the grid: (rows, columns, 3); one with fewer pixels is left as it is."""
    columns, rows = (min(count, have) for count, have in zip(GRID_PX, picture.shape[1::-1], strict=True))
    tops = np.arange(rows) * picture.shape[0] // rows
    lefts = np.arange(columns) * picture.shape[1] // columns
    sums = np.add.reduceat(np.add.reduceat(picture, tops, axis=0, dtype=np.float64), lefts, axis=1)
    heights = np.diff(np.r_[tops, picture.shape[0]])[:, None, None]
    widths = np.diff(np.r_[lefts, picture.shape[1]])[:, None]
    return np.asarray(sums / (heights * widths), np.float64)
