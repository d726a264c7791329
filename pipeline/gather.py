"""From a cut's media to its 25 Hz measurements: the sound beside the picture, the picture chunk by chunk.

A chunk that was measured is handed to a `Keep`, so that work which is interrupted goes on where it stopped; and chunks are
what other processes and machines can take over, with `pipeline.chunks.read_chunk`.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

import numpy as np

from pipeline.chunks import read_side_by_side
from pipeline.errors import MediaDamaged
from pipeline.features.evidence import (
    CHUNK,
    KEY_FRAMES,
    SOUND,
    Evidence,
    PartEvidence,
    PictureEvidence,
    SoundEvidence,
    find_broken_seams,
    join_evidence,
)
from pipeline.features.measure import measure_chunk, measure_sound
from pipeline.footage import Chunk, Sound, Streams
from pipeline.streams.chunks import merge_chunks
from pipeline.streams.read import read_key_pictures, read_sound
from pipeline.types import GRID_HZ, Bools, Progress, Report, ignore_progress

READING = "Reading picture and sound"
DRAFTING = "Reading key frames for a draft"
MENDING = "Reading again where chunks do not meet"

DRAFT_SHARE = 0.08
"""Share of the work that the key frames take, where a draft is wanted."""

PUBLISH_SHARE = 0.1
"""A draft is published again whenever this share of the film has been read since the last time."""


class Keep(Protocol):
    """Where finished parts of an analysis are kept until it is complete, and all that is kept of its stills."""

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
    work = _Work(streams, keep or KeepNothing(), report, threads)
    unwanted = threading.Event()
    with ThreadPoolExecutor(1, "sound") as pool:
        sound = pool.submit(work.gather_sound, unwanted)
        try:
            drafts = None
            # Sound alone is read in no more time than a draft would take.
            if publish is not None and streams.chunks:
                drafts = _Drafts(publish, work.gather_key_frames(), sound.result())
            parts: dict[Chunk, PictureEvidence] = {}
            for chunk, part in work.gather_chunks(streams.chunks):
                parts[chunk] = part
                if drafts is not None:
                    drafts.take_part(part)
            whole = _mend_seams([(chunk, parts[chunk]) for chunk in streams.chunks], work)
            evidence = join_evidence(whole, sound.result())
        finally:
            unwanted.set()
    if not (evidence.picture_present.any() or evidence.sound_present.any()):
        raise MediaDamaged(
            f"Nothing in {streams.cut.path.name!r} can be decoded.",
            "The file is damaged; copy or export the film again.",
        )
    return evidence


class _Work:
    """Finds parts of a cut among what is kept, or reads them and keeps them; and tells how far it has come.

    Args:
        streams: the cut.
        keep: where parts are kept.
        report: called with the progress of this run, which never falls, even if a stretch is read again.
        threads: as in `gather_evidence`.
    """

    def __init__(self, streams: Streams, keep: Keep, report: Report, threads: int) -> None:
        self._streams, self._keep, self._report, self._threads = streams, keep, report, threads
        self._stage = READING
        self._drafted = 0.0
        self._kept_s = self._read_s = self._furthest_s = 0.0

    def gather_sound(self, unwanted: threading.Event) -> SoundEvidence:
        """Measure the sound; half of it, when it is unwanted, is kept by nobody."""
        part = self._keep.load(SOUND)
        if not isinstance(part, SoundEvidence):
            part = measure_sound(self._read_sound(unwanted), seconds=self._streams.cut.seconds)
            if not unwanted.is_set():
                self._keep.save(SOUND, part)
        return part

    def gather_key_frames(self) -> PictureEvidence:
        """Measure the key frames of the whole picture, each of which stays on show until the next."""
        part = self._keep.load(KEY_FRAMES)
        if not isinstance(part, PictureEvidence):
            whole = Chunk(start_s=Fraction(0), stop_s=None, seek_to=None)
            with closing(read_key_pictures(self._streams)) as pictures:
                seconds = self._streams.cut.seconds
                part = measure_chunk(pictures, whole, seconds=seconds, report=self._report_draft)
            self._keep.save(KEY_FRAMES, part)
            self._drafted = DRAFT_SHARE
        return part

    def gather_chunks(self, chunks: Sequence[Chunk]) -> Iterator[tuple[Chunk, PictureEvidence]]:
        """Yield chunks with their measurements, those that are kept first, the others as soon as they are read."""
        missing = []
        for chunk in chunks:
            part = self._keep.load(_name_chunk(chunk))
            if isinstance(part, PictureEvidence):
                self._read_s += self._length_s(chunk)
                yield chunk, part.drop_stills()
            else:
                missing.append(chunk)
        if not self._furthest_s:
            self._kept_s = self._read_s
        self._report_reading(0.0)  # From here on the pace of reading tells the time left.
        readers = read_side_by_side(self._streams, missing, report=self._report_reading, threads=self._threads)
        with closing(readers):
            for chunk, part in readers:
                self._keep.save(_name_chunk(chunk), part)
                yield chunk, part.drop_stills()
        self._read_s += sum(map(self._length_s, missing))
        self._report_reading(0.0)
        self._stage = MENDING  # Whatever is read from now on did not meet its neighbours cleanly.

    def _read_sound(self, unwanted: threading.Event) -> Iterator[Sound]:
        """Yield the sound second by second until nobody wants it any more."""
        with closing(read_sound(self._streams)) as sounds:
            for sound in sounds:
                if unwanted.is_set():
                    return
                yield sound

    def _length_s(self, chunk: Chunk) -> float:
        """How long a chunk lasts, seconds."""
        stop_s = self._streams.cut.duration_s if chunk.stop_s is None else chunk.stop_s
        return float(stop_s - chunk.start_s)

    def _report_draft(self, position_s: float) -> None:
        """Tell how far key frames have been read."""
        done = DRAFT_SHARE * min(1.0, position_s / float(self._streams.cut.duration_s))
        self._report(Progress(stage=DRAFTING, done=done, position_s=position_s))

    def _report_reading(self, more_s: float) -> None:
        """Tell how much has been read in full: so many seconds more than in chunks that are done.

        What was kept by an earlier run is no work of this one: shares of it would tell a wrong time left.
        """
        total_s = float(self._streams.cut.duration_s)
        self._furthest_s = max(self._furthest_s, min(self._read_s + more_s, total_s))
        share = (self._furthest_s - self._kept_s) / max(total_s - self._kept_s, 1e-9)
        done = self._drafted + (1 - self._drafted) * min(1.0, share)
        self._report(Progress(stage=self._stage, done=done, position_s=self._furthest_s))


class _Drafts:
    """Puts what has been read in full over the key frames, and publishes what that gives: at once, and now and then.

    Args:
        publish: called with each draft.
        key_frames: measurements from key frames of the whole picture.
        sound: the sound, which is final.
    """

    def __init__(self, publish: Callable[[Draft], None], key_frames: PictureEvidence, sound: SoundEvidence) -> None:
        self._publish_draft, self._sound = publish, sound
        self._parts = [key_frames]
        self._rough = np.ones(len(sound.present), np.bool_)
        self._publish()

    def take_part(self, part: PictureEvidence) -> None:
        """Take a chunk that has been read in full."""
        self._parts.append(part)
        self._rough[part.first_row : part.first_row + len(part.present)] = False
        rest = int(self._rough.sum())
        if rest and self._published_rest - rest >= PUBLISH_SHARE * len(self._rough):
            self._publish()

    def _publish(self) -> None:
        """Publish what there is."""
        self._published_rest = int(self._rough.sum())
        draft = np.asarray(self._rough.reshape(-1, GRID_HZ).any(axis=1))
        self._publish_draft(Draft(evidence=join_evidence(self._parts, self._sound), draft=draft))


def _mend_seams(pieces: list[tuple[Chunk, PictureEvidence]], work: _Work) -> list[PictureEvidence]:
    """Read chunks again as one wherever they do not meet cleanly, until all do."""
    while broken := find_broken_seams([part for _, part in pieces]):
        merged: list[tuple[Chunk, PictureEvidence | None]] = [pieces[0]]
        for i, (chunk, part) in enumerate(pieces[1:]):
            if i in broken:
                merged[-1] = (merge_chunks(merged[-1][0], chunk), None)
            else:
                merged.append((chunk, part))
        read = dict(work.gather_chunks([chunk for chunk, part in merged if part is None]))
        pieces = [(chunk, part or read[chunk]) for chunk, part in merged]
    return [part for _, part in pieces]


def _name_chunk(chunk: Chunk) -> str:
    """Name a chunk by its edges."""
    edges = (
        "end" if edge is None else f"{edge.numerator}_{edge.denominator}" for edge in (chunk.start_s, chunk.stop_s)
    )
    return CHUNK + "-".join(edges)
