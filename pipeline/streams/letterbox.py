"""The letterbox: black bars that every picture of a film shares, found from a few of its key frames."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from pipeline.footage import Crop
from pipeline.streams.probe import DAMAGE
from pipeline.types import Bytes

_SHORT_S = 30
_SAMPLES = 20
_FEWEST_SAMPLES = 3
_DARK_PEAK = 40
_DARK_MEAN = 8
_LIT_MEAN = 30
_LARGEST_SHARE = 0.3
_ASYMMETRY_SHARE = 0.02


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
            frame = _decode_until(container, stream, None if duration_s >= _SHORT_S else target)
            if frame is not None and frame.pts != seen:
                seen = frame.pts
                yield np.asarray(frame.to_ndarray(format="gray"), np.uint8)
        except (*DAMAGE, ValueError):
            continue  # A damaged stretch says nothing about the letterbox.


def _decode_until(container: InputContainer, stream: VideoStream, target: int | None) -> VideoFrame | None:
    """Decode the next key frame alone, or on to a stamp; None where the film ends before."""
    frame = None
    for packet in container.demux(stream):
        frames = stream.codec_context.decode(packet)
        if target is None and packet.is_keyframe:
            frames += stream.codec_context.decode(None)  # Do not wait for pictures that might come before it.
            stream.codec_context.flush_buffers()
        for frame in frames:
            if target is None or frame.pts is None or frame.pts >= target:
                return frame
    return frame


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
