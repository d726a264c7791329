"""Pictures laid on the 25 Hz grid of film time."""

import math
from collections import deque
from fractions import Fraction

import av.error
import numpy as np
import numpy.typing as npt
from av.video.frame import VideoFrame

from pipeline.streams.scaler import PictureScaler
from pipeline.types import GRID_HZ, Bytes


class PictureTrack:
    """The picture on show at every instant of the 25 Hz grid, gathered while frames are decoded.

    At an instant the frame with the latest presentation time up to it is on show; before the first frame, the first.
    Where packets were damaged, whole seconds into which no frame falls are left empty instead of holding a stale
    picture.

    Args:
        origin_s: film time 0 in the container's time, seconds.
        duration_s: where the film ends, seconds; the grid goes no further.
        frame_s: how long a frame lasts that does not say so, seconds.
        scaler: makes the pictures.
    """

    def __init__(self, *, origin_s: Fraction, duration_s: Fraction, frame_s: Fraction, scaler: PictureScaler) -> None:
        self._origin_s = origin_s
        self._frame_s = frame_s
        self._scaler = scaler
        self._grid_end = math.ceil(duration_s * GRID_HZ)
        self._settled = 0
        self._waiting: deque[tuple[Bytes, float] | None] = deque()
        self._frame: VideoFrame | None = None
        self._picture: Bytes | None = None
        self._time_s = Fraction(0)
        self._is_broken = False
        self.is_finished = False
        self.is_empty = True

    def reached_s(self) -> float:
        """Seconds of film time up to which it is known what is on show."""
        return math.inf if self.is_finished else self._settled / GRID_HZ

    def add(self, frame: VideoFrame) -> None:
        """Take the next decoded frame: what came before it was on show until now."""
        stamp = frame.pts if frame.pts is not None else frame.dts
        if stamp is None or frame.time_base is None:
            time_s = Fraction(0) if self.is_empty else self._time_s + self._frame_s
        else:
            time_s = stamp * frame.time_base - self._origin_s
        if self.is_empty:
            self._extend(GRID_HZ * math.floor(time_s), None)
            self._show(frame, time_s)
        self._settle(time_s)
        self._show(frame, time_s)
        self._is_broken = False

    def note_damage(self) -> None:
        """Remember that a packet could not be decoded."""
        self._is_broken = True

    def finish(self) -> None:
        """Take the end of the stream: the last frame stays on show for its own duration."""
        if self._frame is not None and not self.is_finished:
            lasts_s = (self._frame.duration or 0) * (self._frame.time_base or 0) or self._frame_s
            self._is_broken = False
            self._settle(self._time_s + lasts_s)
        self._frame = None
        self.is_finished = True

    def take_second(self, second: int) -> tuple[Bytes, npt.NDArray[np.float64]] | None:
        """Hand over the pictures of one second, once; seconds are asked for in order.

        Returns:
            (N, 96, 160, 3) uint8 and (N,) float64 presentation times, seconds, for the N <= 25 instants known; None for
            N = 0.
        """
        missing = GRID_HZ * (second + 1) - self._settled
        taken = [self._waiting.popleft() for _ in range(min(len(self._waiting), GRID_HZ - max(0, missing)))]
        if missing > 0:
            self._settled += missing  # What comes too late for its second is left out.
        known = [entry for entry in taken if entry is not None]
        if not known:
            return None
        return np.stack([picture for picture, _ in known]), np.array([time_s for _, time_s in known])

    def _show(self, frame: VideoFrame, time_s: Fraction) -> None:
        """Put a frame on show; it is scaled only when an instant of the grid needs it."""
        self._frame, self._picture, self._time_s = frame, None, time_s
        self.is_empty = False

    def _settle(self, until_s: Fraction) -> None:
        """Write the frame on show to every instant of the grid before a time."""
        if self._is_broken:
            lost_from = GRID_HZ * (math.floor(self._time_s) + 1)
            lost_until = GRID_HZ * math.floor(until_s)
            if lost_from < lost_until:
                self._extend_shown(lost_from)
                self._extend(lost_until, None)
        self._extend_shown(math.ceil(until_s * GRID_HZ))

    def _extend_shown(self, until: int) -> None:
        """Fill the grid with the frame on show up to an instant."""
        if self._settled >= min(until, self._grid_end) or self._frame is None:
            return
        if self._picture is None:
            try:
                self._picture = self._scaler.scale(self._frame)
            except av.error.FFmpegError:
                self._extend(until, None)  # It is lost, but what comes behind it is not.
                return
        self._extend(until, (self._picture, float(self._time_s)))

    def _extend(self, until: int, entry: tuple[Bytes, float] | None) -> None:
        """Fill the grid with one entry up to an instant, never past the film's end."""
        until = min(until, self._grid_end)
        while self._settled < until:
            self._waiting.append(entry)
            self._settled += 1
