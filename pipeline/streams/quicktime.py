"""The headers of MP4 and QuickTime, looked through before FFmpeg takes memory for what they claim.

FFmpeg makes 60 bytes for every sample (a picture, a frame of sound) that a header announces, and unpacks a compressed
header whatever its size: ten kilobytes of file can ask for gigabytes.

Source: ISO/IEC 14496-12 for the boxes; Apple, QuickTime File Format Specification (2016), for `cmov`.
"""

import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import IO

from pipeline.streams.source import open_source

MOST_SAMPLES_A_BYTE = 4
"""Of a file. QuickTime counts sound in samples before compression, of which a byte holds two or so."""

LARGEST_HEADER_BYTES = 64 << 20
"""Unpacked; that of a day-long film takes about 100 bytes a second."""

_MOST_BOXES = 200_000
_BLOCK_BYTES = 1 << 20
_HEADERS = frozenset({b"moov", b"moof", b"hoov", b"trak"})
_MEDIA = b"mdat"
_CLAIM_BYTES = 28
_CLAIMS = (b"stsz", b"trun", b"cmov")


def find_excess(path: Path) -> str | None:
    """Return what the headers of an MP4 or QuickTime file claim that cannot be; None for other files and sound ones.

    Every box but the media is searched for what announces samples, wherever it stands: FFmpeg obeys it anywhere.

    Args:
        path: the media file.

    Returns:
        The claim, to be put after "it claims".
    """
    with open_source(path) as file:
        size = file.seek(0, 2)
        boxes = list(_walk_boxes(file, size))
        if not any(kind in _HEADERS for kind, _, _ in boxes):
            return None
        counts = [_count_samples(file, start, end) for kind, start, end in boxes if kind != _MEDIA]
    if None in counts:
        return "a header that is too large"
    samples = sum(count for count in counts if count is not None)
    return f"{samples} samples" if samples > MOST_SAMPLES_A_BYTE * size else None


def _walk_boxes(file: IO[bytes], size: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield kind, start and end of the boxes of which a file consists."""
    start = 0
    for _ in range(_MOST_BOXES):
        file.seek(start)
        head = file.read(16)
        length = int.from_bytes(head[:4]) or size
        if length == 1:
            length = int.from_bytes(head[8:])
        if len(head) < 8 or length < 8:
            return
        yield head[4:8], start, min(size, start + length)
        start += length


def _count_samples(file: IO[bytes], start: int, end: int, *, is_packed: bool = False) -> int | None:
    """Return how many samples the boxes in a stretch of a file announce without listing them; None beyond all bounds."""
    samples = 0
    for at, kind, body in _find_claims(file, start, end):
        if kind == b"cmov":
            packed = None if is_packed else _unpack_header(file, at, end)
            unpacked = None if packed is None else _count_samples(BytesIO(packed), 0, len(packed), is_packed=True)
            if unpacked is None:
                return None
            samples += unpacked
        elif kind == b"trun":
            samples += int.from_bytes(body[4:8])
        elif any(body[4:8]):  # All samples have this size; else their sizes are listed, which takes bytes.
            samples += int.from_bytes(body[8:12])
    return samples


def _find_claims(file: IO[bytes], start: int, end: int) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield position, kind and the first bytes of what looks like a box that announces samples or packs others."""
    for at in range(start, end, _BLOCK_BYTES):
        file.seek(at)
        block = file.read(min(_BLOCK_BYTES + _CLAIM_BYTES, end - at)) + bytes(_CLAIM_BYTES)
        for kind in _CLAIMS:
            found = block.find(kind, 4)
            while 0 < found < _BLOCK_BYTES + 4:
                length = int.from_bytes(block[found - 4 : found])
                # A box that is longer than what is left is not a box but chance.
                if length <= end - at - found + 4:
                    body = found + (12 if length == 1 else 4)
                    yield at + found - 4, kind, block[body : body + 12]
                found = block.find(kind, found + 4)


def _unpack_header(file: IO[bytes], start: int, end: int) -> bytes | None:
    """Return the header that a `cmov` box packs; None if it is too large."""
    file.seek(start)
    box = file.read(min(end - start, LARGEST_HEADER_BYTES))
    at = box.find(b"cmvd")
    if at < 0:
        return b""
    if int.from_bytes(box[at + 4 : at + 8]) > LARGEST_HEADER_BYTES:
        return None
    try:
        return zlib.decompressobj().decompress(box[at + 8 :], LARGEST_HEADER_BYTES)
    except zlib.error:
        return b""
