"""Chunks of the picture: where a film can be cut into stretches that are decoded apart and joined without a seam."""

import itertools
from fractions import Fraction

from av.container import InputContainer
from av.video.stream import VideoStream

from pipeline.footage import Chunk
from pipeline.streams.probe import DAMAGE, find_origin_s, find_sound
from pipeline.types import Cut

_MOST_PACKETS = 5_000
"""Packets read in search of a key frame before a border is given up: over a minute and a half at 50 a second."""


def plan_chunks(container: InputContainer, picture: VideoStream, cut: Cut, *, chunk_s: float) -> tuple[Chunk, ...]:
    """Divide the picture of a cut into chunks of about equal length that begin with key frames.

    A border is taken only where the container led to a key frame with a stamp; reading a chunk asks it for the very same
    stamp again. Containers that cannot seek, do not stamp their packets, or stamp them otherwise after a seek (MPEG program
    streams) give a single chunk.

    Args:
        container: opened for this alone, with the other streams discarded; its position is lost.
        picture: its picture.
        cut: the cut.
        chunk_s: how long a chunk is meant to be, seconds.

    Returns:
        At least one chunk.
    """
    count = max(1, round(float(cut.duration_s) / chunk_s))
    borders: list[tuple[Fraction, int]] = []
    if picture.time_base is not None and container.format.name != "mpeg":
        origin_s = find_origin_s(picture, find_sound(container))
        # Before the first key frame there is no chunk: a picture may begin long after the sound.
        first_s = _find_key_frame(container, picture, picture.start_time or 0, origin_s) if count > 1 else None
        for index in range(1, count):
            target_s = cut.duration_s * index / count
            seek_to = int((target_s + origin_s) / picture.time_base)
            start_s = _find_key_frame(container, picture, seek_to, origin_s)
            latest_s = borders[-1][0] if borders else max(first_s or 0, Fraction(0))
            if start_s is not None and latest_s < start_s < cut.duration_s:
                borders.append((start_s, seek_to))
    starts: list[tuple[Fraction, int | None]] = [(Fraction(0), None), *borders]
    stops = [start_s for start_s, _ in borders]
    return tuple(
        Chunk(start_s=start_s, stop_s=stop_s, seek_to=seek_to)
        for (start_s, seek_to), stop_s in itertools.zip_longest(starts, stops)
    )


def merge_chunks(first: Chunk, last: Chunk) -> Chunk:
    """Return the chunk that reaches from the beginning of one to the end of another."""
    return Chunk(start_s=first.start_s, stop_s=last.stop_s, seek_to=first.seek_to)


def _find_key_frame(
    container: InputContainer, picture: VideoStream, seek_to: int, origin_s: Fraction
) -> Fraction | None:
    """Return when the key frame comes on show that the container leads to, seconds of the cut; None if to none."""
    try:
        container.seek(seek_to, stream=picture)
        for packet in itertools.islice(container.demux(picture), _MOST_PACKETS):
            if packet.is_keyframe and packet.pts is not None and packet.time_base is not None:
                return packet.pts * packet.time_base - origin_s
    except DAMAGE:
        pass  # A damaged stretch has no border in it.
    return None
