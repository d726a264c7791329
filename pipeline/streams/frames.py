"""Pictures laid on the 25 Hz grid of film time."""

import math
from fractions import Fraction

import av.error
import numpy as np
from av.video.frame import VideoFrame

from pipeline.footage import Chunk, Pictures, Still
from pipeline.streams.scaler import PictureScaler
from pipeline.types import GRID_HZ, Bytes

_MIDDLE = GRID_HZ // 2
"""The row of a second at which its still is taken."""

_LEAST_LOST = GRID_HZ // 2
"""Rows without a frame, behind damage, from which on the picture is taken to be lost; below that it is held, as players do."""

_HELD_BACK = 48
"""Pictures that may come out of a decoder after it has met damage, and before the gap that the damage left: those that it
reorders (16 at most) and those that its threads work on."""


class PictureTrack:
    """The picture on show at every instant of the 25 Hz grid, gathered while the frames of one chunk are decoded.

    At an instant the frame with the latest presentation time up to it is on show; before the film's first frame, the
    first, within its own second. Where packets were damaged, a gap of `_LEAST_LOST` rows and more into which no frame
    falls is left empty instead of holding a stale picture. A frame whose stamp is astray, ahead of the next frame's or
    behind those before, is left out: it would hold its place over all that comes before its time. A frame is scaled only
    when an instant of the grid needs it, or when it is the key frame at which two chunks meet.

    Args:
        chunk: the stretch of the film; what comes on show before it belongs to the chunk before.
        origin_s: film time 0 in the container's time, seconds.
        duration_s: where the film ends, seconds; the grid goes no further.
        frame_s: how long a frame lasts that does not say so, seconds.
        scaler: makes the pictures.
        still_scaler: makes the stills; None for none.
        last_s: how long the film's last frame lasts, seconds; if None, as long as it says.
    """

    def __init__(
        self,
        *,
        chunk: Chunk,
        origin_s: Fraction,
        duration_s: Fraction,
        frame_s: Fraction,
        scaler: PictureScaler,
        still_scaler: PictureScaler | None = None,
        last_s: Fraction | None = None,
    ) -> None:
        self._chunk = chunk
        self._origin_s = origin_s
        self._frame_s = frame_s
        self._scaler, self._still_scaler = scaler, still_scaler
        self._last_s = last_s
        self._grid_end = math.ceil((chunk.stop_s if chunk.stop_s is not None else duration_s) * GRID_HZ)
        self._settled = math.ceil(chunk.start_s * GRID_HZ)
        self._taken: list[tuple[Bytes, float, int, int]] = []
        self._stills: list[Still] = []
        self._next: tuple[VideoFrame, Fraction] | None = None
        self._frame: VideoFrame | None = None
        self._time_s = Fraction(0)
        self._is_empty = True
        self._doubt = 0
        self.is_finished = False

    def add(self, frame: VideoFrame) -> None:
        """Take the next decoded frame; the one before it is believed now. The next chunk's first ends this one."""
        time_s = self._read_time(frame)
        if not self._is_empty and time_s < self._time_s:
            return
        if self._next is not None and self._next[1] <= time_s:
            self._show(*self._next)
        self._next = (frame, time_s)

    def note_damage(self) -> None:
        """Remember that a packet could not be decoded; pictures that the decoder holds back may still come before it."""
        self._doubt = _HELD_BACK

    def finish(self) -> None:
        """Take the end of the stream: the last frame stays on show for its own duration."""
        if self._next is not None:
            self._show(*self._next)
        if self._frame is not None and not self.is_finished:
            says_s = (self._frame.duration or 0) * (self._frame.time_base or 0)
            lasts_s = self._last_s or says_s or self._frame_s
            self._doubt = 0
            self._settle(self._time_s + lasts_s)
        self._frame = None
        self.is_finished = True

    def count_waiting(self) -> int:
        """How many pictures wait to be taken over."""
        return len(self._taken)

    def take_pictures(self) -> Pictures:
        """Hand over the pictures gathered so far, once; there is at least one."""
        taken, self._taken = self._taken, []
        stills, self._stills = self._stills, []
        pixels, times_s, starts, stops = zip(*taken, strict=True)
        return Pictures(
            pixels=np.stack(pixels),
            times_s=np.array(times_s),
            starts=np.array(starts),
            stops=np.array(stops),
            stills=tuple(stills),
        )

    def _show(self, frame: VideoFrame, time_s: Fraction) -> None:
        """Put a frame on show: what came before it was so until now."""
        if self.is_finished or (self._chunk.seek_to is not None and time_s < self._chunk.start_s):
            return
        if self._is_empty:
            self._settled = max(self._settled, GRID_HZ * math.floor(time_s))
        else:
            self._settle(time_s)
        self._doubt = max(0, self._doubt - 1)
        self._is_empty = False
        self._frame, self._time_s = frame, time_s
        if time_s == self._chunk.start_s and self._chunk.seek_to is not None:
            self._take(self._settled, is_key=True)
        if self._chunk.stop_s is not None and time_s >= self._chunk.stop_s:
            if time_s == self._chunk.stop_s and not self._doubt:
                self._take(self._settled, is_key=True)
            self.is_finished = True
            self._frame = None

    def _read_time(self, frame: VideoFrame) -> Fraction:
        """Return when a frame comes on show; one without a stamp follows the frame before."""
        stamp = frame.pts if frame.pts is not None else frame.dts
        if stamp is None or frame.time_base is None:
            return Fraction(0) if self._next is None else self._next[1] + self._frame_s
        return stamp * frame.time_base - self._origin_s

    def _settle(self, until_s: Fraction) -> None:
        """Put the frame on show at every instant of the grid before a time."""
        shown_until = math.ceil(until_s * GRID_HZ)
        if self._doubt and self._frame is not None:
            says_s = (self._frame.duration or 0) * (self._frame.time_base or 0)
            lost_from = math.ceil((self._time_s + max(self._frame_s, says_s)) * GRID_HZ)
            if shown_until - lost_from >= _LEAST_LOST:
                self._take(lost_from)
                self._settled = max(self._settled, min(shown_until, self._grid_end))
                self._doubt = 0
        self._take(shown_until)

    def _take(self, until: int, *, is_key: bool = False) -> None:
        """Scale the frame on show and note it from where the grid is settled to a row, never past the chunk's end.

        A key frame where chunks meet is noted even if that is no row at all.
        """
        until = min(until, self._grid_end)
        start, self._settled = self._settled, max(self._settled, until)
        if self._frame is None or not (start < until or is_key):
            return
        if self._taken and self._taken[-1][1] == float(self._time_s) and self._taken[-1][3] == start:
            picture, time_s, first, _ = self._taken[-1]
            self._taken[-1] = (picture, time_s, first, until)
            self._take_still(self._frame, start, until)
            return
        try:
            picture = self._scaler.scale(self._frame)
        except av.error.FFmpegError:
            return  # It is lost, but what comes behind it is not.
        self._taken.append((picture, float(self._time_s), start, until))
        self._take_still(self._frame, start, until)

    def _take_still(self, frame: VideoFrame, start: int, until: int) -> None:
        """Make a still of the frame on show from one row to another, if the middle of a second lies between them."""
        first, behind = (math.ceil((row - _MIDDLE) / GRID_HZ) for row in (start, until))
        if self._still_scaler is None or first >= behind:
            return
        try:
            self._stills.append(Still(seconds=range(first, behind), pixels=self._still_scaler.scale(frame)))
        except av.error.FFmpegError:
            return
