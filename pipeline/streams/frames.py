"""Pictures: the letterbox cropped off, scaled to one measuring size, laid on the 25 Hz grid of film time."""

import math
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import av.error
import numpy as np
import numpy.typing as npt
from av.container import InputContainer
from av.filter import Graph
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from pipeline.streams.probe import DAMAGE
from pipeline.types import GRID_HZ, Bytes

MEASURED_WIDTH_PX = 160
MEASURED_HEIGHT_PX = 96
"""The size pictures are measured at, whatever the film's. On Big Buck Bunny, quadrant luminance differs from the full
picture's by 0.04 of 255 and the hash in 0.7 % of its bits; larger sizes gain nothing."""

_SCALING = "area+accurate_rnd+full_chroma_int"
"""Without accurate rounding swscale's pictures come out 1.4 of 255 too dark."""

_SAMPLES = 20
_FEWEST_SAMPLES = 3
_DARK_PEAK = 40
_DARK_MEAN = 8
_LIT_MEAN = 30
_LARGEST_SHARE = 0.3
_ASYMMETRY_SHARE = 0.02


@dataclass(frozen=True, kw_only=True)
class Crop:
    """The part of the stored picture that is picture.

    Attributes:
        left: first column, pixels.
        top: first row, pixels.
        width: columns kept, pixels.
        height: rows kept, pixels.
        stored: (width, height) of the picture it was measured on.
    """

    left: int
    top: int
    width: int
    height: int
    stored: tuple[int, int]


def sample_pictures(container: InputContainer, stream: VideoStream, duration_s: float) -> Iterator[Bytes]:
    """Decode about twenty key frames spread over a film.

    In films under half a minute, which may have a single key frame, the pictures after it are decoded too.

    Args:
        container: opened for this alone; its position is lost.
        stream: the picture.
        duration_s: how long the film lasts, seconds.

    Yields:
        (H, W) uint8 luma as stored; fewer than twenty where seeking or decoding fails.
    """
    if stream.time_base is None:
        return
    start = stream.start_time or 0
    seen = None
    for index in range(_SAMPLES):
        target = start + int((index + 0.5) / _SAMPLES * duration_s / stream.time_base)
        try:
            container.seek(target, stream=stream)
            for frame in container.decode(stream):
                if duration_s >= 30 or frame.pts is None or frame.pts >= target:
                    break
            else:
                continue
            if frame.pts != seen:
                seen = frame.pts
                yield np.asarray(frame.to_ndarray(format="gray"), np.uint8)
        except (*DAMAGE, ValueError):
            continue  # A damaged stretch says nothing about the letterbox.


def detect_letterbox(pictures: Iterator[Bytes] | Sequence[Bytes]) -> Crop | None:
    """Find the black bars that every sampled picture shares.

    A bar is a run of rows (columns) from an edge that is black in every sample, has a counterpart of the same size at
    the opposite edge, takes at most 30 % of the picture, and ends at a row that is lit in some sample: a night scene
    fades into its edges, a bar stops. Pictures that are black altogether say nothing; fewer than three that do say
    something are too few.

    Args:
        pictures: each (H, W) uint8 luma, of one size.

    Returns:
        The part to keep; None when there is no bar, or when in doubt.
    """
    sizes, peaks, means = [], [], []
    for picture in pictures:
        if picture.max() <= _DARK_PEAK:
            continue
        sizes.append(picture.shape)
        peaks.append([picture.max(axis=1), picture.max(axis=0)])
        means.append([picture.mean(axis=1), picture.mean(axis=0)])
    if len(sizes) < _FEWEST_SAMPLES or len(set(sizes)) > 1:
        return None
    (top, bottom), (left, right) = (
        _find_bars(np.max([peak[axis] for peak in peaks], axis=0), np.max([mean[axis] for mean in means], axis=0))
        for axis in (0, 1)
    )
    if not top and not left:
        return None
    height, width = sizes[0]
    return Crop(left=left, top=top, width=width - left - right, height=height - top - bottom, stored=(width, height))


def _find_bars(peak: npt.NDArray[np.uint8], mean: npt.NDArray[np.float64]) -> tuple[int, int]:
    """Return how many rows at both ends are bars, from each row's lightest value and lightest mean over all samples."""
    lit = np.flatnonzero((peak > _DARK_PEAK) | (mean > _DARK_MEAN))
    size = len(peak)
    first, last = int(lit[0]), int(lit[-1])
    bars = first, size - 1 - last
    margin = max(2, round(size * _ASYMMETRY_SHARE))
    is_pair = min(bars) >= 2 and abs(bars[0] - bars[1]) <= margin and max(bars) <= size * _LARGEST_SHARE
    is_sharp = min(mean[first : first + margin].max(), mean[last + 1 - margin : last + 1].max()) >= _LIT_MEAN
    return bars if is_pair and is_sharp else (0, 0)


class PictureScaler:
    """Crops decoded pictures and scales them to the measuring size, inside the decoder's own libraries.

    Args:
        crop: the part to keep; None for all of it.
    """

    def __init__(self, crop: Crop | None) -> None:
        self._crop = crop
        self._graph: Graph | None = None
        self._made_for: tuple[int, int, str] | None = None

    def scale(self, frame: VideoFrame) -> Bytes:
        """Return a decoded picture as (96, 160, 3) uint8 RGB."""
        made_for = (frame.width, frame.height, frame.format.name)
        if self._graph is None or made_for != self._made_for:
            self._graph, self._made_for = self._build_graph(frame), made_for
        self._graph.vpush(frame)
        return np.asarray(self._graph.vpull().to_ndarray(), np.uint8)

    def _build_graph(self, frame: VideoFrame) -> Graph:
        """Chain crop, scale and conversion to RGB for pictures like this one."""
        graph = Graph()
        graph.threads = 1  # Pictures are small; threads of the decoder are worth more.
        nodes = [
            graph.add_buffer(
                width=frame.width,
                height=frame.height,
                format=frame.format,
                time_base=frame.time_base or Fraction(1, GRID_HZ),
            )
        ]
        if self._crop is not None and self._crop.stored == (frame.width, frame.height):
            crop = self._crop
            nodes.append(graph.add("crop", f"{crop.width}:{crop.height}:{crop.left}:{crop.top}"))
        nodes.append(graph.add("scale", f"{MEASURED_WIDTH_PX}:{MEASURED_HEIGHT_PX}:flags={_SCALING}"))
        nodes.append(graph.add("format", "rgb24"))
        nodes.append(graph.add("buffersink"))
        graph.link_nodes(*nodes).configure()
        return graph


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
