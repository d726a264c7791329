"""From a cut's media to its 25 Hz measurements: the sound beside the picture, the picture chunk by chunk.

A chunk that was measured is handed to a `Keep`, so that work which is interrupted goes on where it stopped; and chunks are
what other processes and machines can take over, with `read_chunk`.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

import numpy as np

from pipeline.errors import MediaDamaged
from pipeline.features.evidence import (
    Evidence,
    PartEvidence,
    PictureEvidence,
    SoundEvidence,
    find_broken_seams,
    join_evidence,
)
from pipeline.features.measure import measure_chunk, measure_sound
from pipeline.streams.chunks import merge_chunks
from pipeline.streams.read import read_key_pictures, read_pictures, read_sound
from pipeline.types import GRID_HZ, Bools, Chunk, Progress, Report, Sound, Streams, ignore_progress

READING = "Reading picture and sound"
DRAFTING = "Reading key frames for a draft"

SOUND, KEY_FRAMES = "sound", "key_frames"
"""Under these names two parts are kept; chunks are kept under their edges."""

DRAFT_SHARE = 0.08
"""Share of the work that the key frames take, where a draft is wanted."""

PUBLISH_SHARE = 0.1
"""A draft is published again whenever this share of the film has been read since the last time."""


class Keep(Protocol):
    """Where finished parts of an analysis are kept until it is complete: `studio.parts` in the app."""

    def load(self, name: str) -> PartEvidence | None:
        """Return the part of that name; None if there is none."""
        ...

    def save(self, name: str, part: PartEvidence) -> None:
        """Keep a part under a name made of letters, digits, `-` and `_`."""
        ...


class KeepNothing:
    """Keeps no part: an interrupted analysis begins anew."""

    def load(self, name: str) -> None:
        """Return nothing."""

    def save(self, name: str, part: PartEvidence) -> None:
        """Keep nothing."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """Measurements of which a part rests on key frames alone.

    Attributes:
        evidence: of the whole cut.
        draft: (T,) bool, the seconds whose picture was measured from key frames.
    """

    evidence: Evidence
    draft: Bools


def gather_evidence(
    streams: Streams,
    *,
    keep: Keep | None = None,
    report: Report = ignore_progress,
    publish: Callable[[Draft], None] | None = None,
    threads: int = 0,
) -> Evidence:
    """Measure a whole cut.

    Args:
        streams: the cut, from `open_streams`.
        keep: where finished chunks are kept, and found again.
        report: called as the work goes along, `done` from 0 to 1; may raise `Cancelled`.
        publish: if given, the key frames and the sound are read first, and it is called with the draft they give, and
            again as chunks that have been read in full take its place.
        threads: for the decoder; 0 for as many as this machine has cores.

    Returns:
        The measurements: the same for any division into chunks, whether some were kept before, and with or without a
        draft.

    Raises:
        MediaDamaged: not one picture or sound could be decoded.
        FileUnreadable, NotMedia: the file has gone.
        Cancelled: `report` asked for it; finished chunks are kept.
    """
    keep = keep or KeepNothing()
    publish = publish if streams.chunks else None  # Sound alone is read in no more time than a draft would take.
    unwanted = threading.Event()
    with ThreadPoolExecutor(1, "sound") as pool:
        sound = pool.submit(_gather_sound, streams, keep, unwanted)
        try:
            drafted = None if publish is None else _gather_key_frames(streams, keep, report)
            if drafted is not None and publish is not None:
                publish(_mark_draft(streams, drafted, [], sound.result()))
            report_reading = _scale_report(streams, report, 0.0 if drafted is None else DRAFT_SHARE)
            parts: list[PictureEvidence] = []
            published_s = 0.0
            for chunk in streams.chunks:
                parts.append(_gather_chunk(streams, chunk, keep, report_reading, threads))
                reached_s = float(chunk.stop_s or streams.cut.duration_s)
                is_due = reached_s - published_s >= PUBLISH_SHARE * float(streams.cut.duration_s)
                if drafted is not None and publish is not None and chunk.stop_s is not None and is_due:
                    published_s = reached_s
                    publish(_mark_draft(streams, drafted, parts, sound.result()))
            parts = _mend_seams(streams, parts, keep, report_reading, threads)
            evidence = join_evidence(parts, sound.result())
        finally:
            unwanted.set()
    if not (evidence.picture_present.any() or evidence.sound_present.any()):
        raise MediaDamaged(
            f"Nothing in {streams.cut.path.name!r} can be decoded.",
            "The file is damaged; copy or export the film again.",
        )
    return evidence


def read_chunk(
    streams: Streams, chunk: Chunk, *, report: Callable[[float], None] = lambda position_s: None, threads: int = 0
) -> PictureEvidence:
    """Decode and measure one chunk, in whatever process: it needs the cut's file, and nothing of the other chunks.

    Args:
        streams: the cut, from `open_streams`.
        chunk: one of its chunks.
        report: called with the position in the film, seconds.
        threads: for the decoder; 0 for as many as this machine has cores.

    Returns:
        Its measurements.
    """
    with closing(read_pictures(streams, chunk, threads=threads)) as pictures:
        return measure_chunk(pictures, chunk, seconds=streams.cut.seconds, report=report)


def _gather_chunk(
    streams: Streams, chunk: Chunk, keep: Keep, report: Callable[[float], None], threads: int
) -> PictureEvidence:
    """Find a chunk among what is kept, or read it and keep it."""
    name = _name_chunk(chunk)
    part = keep.load(name)
    if not isinstance(part, PictureEvidence):
        part = read_chunk(streams, chunk, report=report, threads=threads)
        keep.save(name, part)
    report(float(chunk.stop_s or streams.cut.duration_s))
    return part


def _gather_sound(streams: Streams, keep: Keep, unwanted: threading.Event) -> SoundEvidence:
    """Find the sound among what is kept, or read it and keep it; half of it is kept by nobody."""
    part = keep.load(SOUND)
    if not isinstance(part, SoundEvidence):
        part = measure_sound(_while_wanted(streams, unwanted), seconds=streams.cut.seconds)
        if not unwanted.is_set():
            keep.save(SOUND, part)
    return part


def _while_wanted(streams: Streams, unwanted: threading.Event) -> Iterator[Sound]:
    """Yield the sound second by second until nobody wants it any more."""
    with closing(read_sound(streams)) as sounds:
        for sound in sounds:
            if unwanted.is_set():
                return
            yield sound


def _mend_seams(
    streams: Streams, parts: list[PictureEvidence], keep: Keep, report: Callable[[float], None], threads: int
) -> list[PictureEvidence]:
    """Read chunks again as one wherever they do not meet cleanly, until all do."""
    chunks = list(streams.chunks)
    while broken := find_broken_seams(parts):
        merged_chunks, merged_parts = [chunks[0]], [parts[0]]
        dirty: set[int] = set()
        for i, (chunk, part) in enumerate(zip(chunks[1:], parts[1:], strict=True)):
            if i in broken:
                merged_chunks[-1] = merge_chunks(merged_chunks[-1], chunk)
                dirty.add(len(merged_chunks) - 1)
            else:
                merged_chunks.append(chunk)
                merged_parts.append(part)
        for i in dirty:
            merged_parts[i] = _gather_chunk(streams, merged_chunks[i], keep, report, threads)
        chunks, parts = merged_chunks, merged_parts
    return parts


def _gather_key_frames(streams: Streams, keep: Keep, report: Report) -> PictureEvidence:
    """Find the key frames of the whole picture among what is kept, or read them and keep them."""
    part = keep.load(KEY_FRAMES)
    if isinstance(part, PictureEvidence):
        return part
    cut = streams.cut
    whole = Chunk(start_s=Fraction(0), stop_s=None, seek_to=None)

    def report_draft(position_s: float) -> None:
        done = DRAFT_SHARE * min(1.0, position_s / float(cut.duration_s))
        report(Progress(stage=DRAFTING, done=done, position_s=position_s))

    report_draft(0.0)
    with closing(read_key_pictures(streams)) as pictures:
        part = measure_chunk(pictures, whole, seconds=cut.seconds, report=report_draft)
    keep.save(KEY_FRAMES, part)
    return part


def _name_chunk(chunk: Chunk) -> str:
    """Name a chunk by its edges."""
    edges = (
        "end" if edge is None else f"{edge.numerator}_{edge.denominator}" for edge in (chunk.start_s, chunk.stop_s)
    )
    return f"frames-{'-'.join(edges)}"


def _mark_draft(
    streams: Streams, drafted: PictureEvidence, parts: list[PictureEvidence], sound: SoundEvidence
) -> Draft:
    """Put what has been read in full over the draft, and mark what rests on key frames still."""
    rough = np.ones(GRID_HZ * streams.cut.seconds, np.bool_)
    for part in parts:
        rough[part.first_row : part.first_row + len(part.present)] = False
    draft = np.asarray(rough.reshape(-1, GRID_HZ).any(axis=1))
    return Draft(evidence=join_evidence([drafted, *parts], sound), draft=draft)


def _scale_report(streams: Streams, report: Report, begun: float) -> Callable[[float], None]:
    """Turn a position in the film into progress of the whole work; it never falls, even if a stretch is read again."""
    total_s = float(streams.cut.duration_s)
    furthest_s = 0.0

    def report_reading(position_s: float) -> None:
        nonlocal furthest_s
        furthest_s = max(furthest_s, min(position_s, total_s))
        done = begun + (1 - begun) * furthest_s / total_s
        report(Progress(stage=READING, done=done, position_s=furthest_s))

    report_reading(0.0)  # From here on the pace of reading tells the time left.
    return report_reading
