"""Who reads a film: threads of this process, unless others are given, such as the workers of a cluster.

Chunks of the picture are read side by side: a decoder of its own for each keeps cores busier than one decoder's threads do.
"""

import os
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing
from fractions import Fraction
from typing import Protocol

from pipeline.errors import Cancelled
from pipeline.features.evidence import PictureEvidence, SoundEvidence
from pipeline.features.measure import measure_chunk, measure_sound
from pipeline.footage import Chunk, Sound, Streams
from pipeline.streams.read import read_key_pictures, read_pictures, read_sound
from pipeline.types import Cut

_MOST_DECODERS = 4
_MOST_PIXELS_AT_ONCE = 18_000_000
"""Bounds of memory: a decoder holds up to sixteen pictures, and so two of 4K are decoded side by side, and one of 8K."""

_REPORT_S = 0.2


class Readers(Protocol):
    """Who decodes and measures the parts of a cut; whoever does, each part comes out the same.

    Attributes:
        reads_beside: whether chunks are read by others while key frames are and drafts are made, so that these need not
            come first.
    """

    reads_beside: bool

    def measure_sound(self, streams: Streams, report: Callable[[float], None]) -> SoundEvidence:
        """Measure the sound, telling the position in the film, seconds; what `report` raises ends it."""
        ...

    def measure_key_frames(self, streams: Streams, report: Callable[[float], None]) -> PictureEvidence:
        """Measure the key frames of the whole picture, telling the position in the film, seconds."""
        ...

    def measure_chunks(
        self, streams: Streams, chunks: Sequence[Chunk], report: Callable[[float], None]
    ) -> Generator[tuple[Chunk, PictureEvidence], None, None]:
        """Measure chunks and yield each as soon as it is finished, telling how many of their seconds have been read.

        What `report` raises, and closing the generator, ends the reading.
        """
        ...


class OwnThreads:
    """Reads in threads of this process.

    Args:
        threads: for decoders, in all; 0 for as many as this machine has cores.
    """

    reads_beside = False

    def __init__(self, threads: int = 0) -> None:
        self._threads = threads

    def measure_sound(self, streams: Streams, report: Callable[[float], None]) -> SoundEvidence:
        """As `Readers`."""
        return read_whole_sound(streams, report=report)

    def measure_key_frames(self, streams: Streams, report: Callable[[float], None]) -> PictureEvidence:
        """As `Readers`."""
        return read_key_frames(streams, report=report)

    def measure_chunks(
        self, streams: Streams, chunks: Sequence[Chunk], report: Callable[[float], None]
    ) -> Generator[tuple[Chunk, PictureEvidence], None, None]:
        """As `Readers`."""
        return read_side_by_side(streams, chunks, report=report, threads=self._threads)


def read_whole_sound(streams: Streams, *, report: Callable[[float], None]) -> SoundEvidence:
    """Decode and measure the sound of a cut, in whatever process.

    Args:
        streams: the cut, from `open_streams`.
        report: called with the position in the film, seconds; whatever it raises ends the reading.

    Returns:
        Its measurements.
    """

    def watch(sounds: Iterator[Sound]) -> Iterator[Sound]:
        for sound in sounds:
            report(float(sound.second))
            yield sound

    with closing(read_sound(streams)) as sounds:
        return measure_sound(watch(sounds), seconds=streams.cut.seconds)


def read_key_frames(streams: Streams, *, report: Callable[[float], None]) -> PictureEvidence:
    """Decode and measure the key frames of a whole picture, each of which stays on show until the next.

    Args:
        streams: the cut, from `open_streams`.
        report: called with the position in the film, seconds; whatever it raises ends the reading.

    Returns:
        Their measurements.
    """
    whole = Chunk(start_s=Fraction(0), stop_s=None, seek_to=None)
    with closing(read_key_pictures(streams)) as pictures:
        return measure_chunk(pictures, whole, seconds=streams.cut.seconds, report=report)


def read_chunk(
    streams: Streams, chunk: Chunk, *, report: Callable[[float], None] = lambda position_s: None, threads: int = 0
) -> PictureEvidence:
    """Decode and measure one chunk, in whatever process: it needs the cut's file, and nothing of the other chunks.

    Args:
        streams: the cut, from `open_streams`.
        chunk: one of its chunks.
        report: called with the position in the film, seconds; whatever it raises ends the reading.
        threads: for the decoder; 0 for as many as this machine has cores.

    Returns:
        Its measurements.
    """
    with closing(read_pictures(streams, chunk, threads=threads)) as pictures:
        return measure_chunk(pictures, chunk, seconds=streams.cut.seconds, report=report)


def read_side_by_side(
    streams: Streams, chunks: Sequence[Chunk], *, report: Callable[[float], None], threads: int = 0
) -> Generator[tuple[Chunk, PictureEvidence], None, None]:
    """Read chunks, several at a time, in threads of this process.

    Args:
        streams: the cut, from `open_streams`.
        chunks: what to read of it.
        report: called in the caller's thread with how many seconds of the chunks have been read; it may raise `Cancelled`.
        threads: in all; 0 for as many as this machine has cores.

    Yields:
        Each chunk with its measurements as soon as it is finished, roughly in order. Closing the generator ends the rest.

    Raises:
        Cancelled: `report` asked for it.
        FileUnreadable, NotMedia, MediaDamaged: the file has gone or changed.
    """
    if not chunks:
        return
    decoders, each = _share_threads(streams.cut, len(chunks), threads)
    read_s = [0.0] * len(chunks)
    unwanted = threading.Event()

    def run(index: int) -> PictureEvidence:
        def note(position_s: float) -> None:
            if unwanted.is_set():
                raise Cancelled
            read_s[index] = position_s - float(chunks[index].start_s)

        return read_chunk(streams, chunks[index], report=note, threads=each)

    pool = ThreadPoolExecutor(decoders, "chunk")
    try:
        running: dict[Future[PictureEvidence], Chunk] = {
            pool.submit(run, index): chunk for index, chunk in enumerate(chunks)
        }
        while running:
            done, _ = wait(running, timeout=_REPORT_S, return_when=FIRST_COMPLETED)
            report(sum(read_s))
            for future in done:
                yield running.pop(future), future.result()
    finally:
        unwanted.set()
        pool.shutdown(cancel_futures=True)


def _share_threads(cut: Cut, chunks: int, threads: int) -> tuple[int, int]:
    """Return how many chunks are decoded at a time, and with how many threads each; 0 for as many as there are cores."""
    cores = threads or os.cpu_count() or 1
    affordable = _MOST_PIXELS_AT_ONCE // max(1, cut.width * cut.height)
    decoders = max(1, min(cores, chunks, affordable, _MOST_DECODERS))
    return decoders, threads if decoders == 1 else max(1, cores // decoders)
