"""From a cut's media to its 25 Hz measurements: the sound beside the picture, the picture chunk by chunk.

A chunk that was measured is handed to a `Keep`, so that work which is interrupted goes on where it stopped; and chunks are
what other processes and machines can take over, as `Readers`.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing
from typing import Protocol

from pipeline.chunks import OwnThreads, Readers
from pipeline.drafts import Draft, Drafts, DraftsBeside
from pipeline.errors import Cancelled, MediaDamaged
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
from pipeline.footage import Chunk, Streams
from pipeline.streams.chunks import merge_chunks
from pipeline.types import Progress, Report, ignore_progress

READING = "Reading picture and sound"
DRAFTING = "Reading key frames for a draft"
MENDING = "Reading again where chunks do not meet"

LOOK_S = 0.2
"""How often it is told that the sound is still being read."""

DRAFT_SHARE = 0.08
"""Share of the work that the key frames take, where a draft is wanted."""


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


def gather_evidence(
    streams: Streams,
    *,
    keep: Keep | None = None,
    report: Report = ignore_progress,
    publish: Callable[[Draft], None] | None = None,
    readers: Readers | None = None,
) -> Evidence:
    """Measure a whole cut.

    Args:
        streams: the cut, from `open_streams`.
        keep: where finished chunks are kept, and found again.
        report: called as the work goes along, `done` from 0 to 1; may raise `Cancelled`.
        publish: if given, the key frames and the sound are read first, and it is called with the draft they give, and
            again as chunks that have been read in full take its place.
        readers: who reads; if None, threads of this process.

    Returns:
        The measurements: the same for any division into chunks, whoever reads them, whether some were kept before, and
        with or without a draft.

    Raises:
        MediaDamaged: not one picture or sound could be decoded.
        FileUnreadable, NotMedia: the file has gone.
        Cancelled: `report` asked for it; finished chunks are kept.
    """
    work = _Work(streams, keep or KeepNothing(), report, readers or OwnThreads())
    unwanted = threading.Event()
    with ThreadPoolExecutor(2, "beside") as pool:
        sound = pool.submit(work.gather_sound, unwanted)
        drafts: Drafts | DraftsBeside | None = None
        try:
            # Sound alone is read in no more time than a draft would take.
            if publish is not None and streams.chunks:
                drafts = _begin_drafts(work, publish, sound, pool, unwanted)
            parts: dict[Chunk, PictureEvidence] = {}
            for chunk, part in work.gather_chunks(streams.chunks):
                parts[chunk] = part
                if drafts is not None:
                    drafts.take_parts(part)
            if drafts is not None:
                drafts.end()
            whole = _mend_seams([(chunk, parts[chunk]) for chunk in streams.chunks], work)
            evidence = join_evidence(whole, work.wait_for_sound(sound))
        finally:
            unwanted.set()
            if isinstance(drafts, DraftsBeside):
                drafts.stop()
    if not (evidence.picture_present.any() or evidence.sound_present.any()):
        raise MediaDamaged(
            f"Nothing in {streams.cut.path.name!r} can be decoded.",
            "The file is damaged; copy or export the film again.",
        )
    return evidence


def _begin_drafts(
    work: "_Work",
    publish: Callable[[Draft], None],
    sound: "Future[SoundEvidence]",
    pool: ThreadPoolExecutor,
    unwanted: threading.Event,
) -> Drafts | DraftsBeside:
    """Publish the first draft before anything is read in full, or, where others read on meanwhile, beside that."""
    if not work.reads_beside:
        return Drafts(publish, work.gather_key_frames(work.report_draft), work.wait_for_sound(sound))

    def watch(position_s: float) -> None:
        if unwanted.is_set():
            raise Cancelled

    return DraftsBeside(lambda: Drafts(publish, work.gather_key_frames(watch), sound.result()), pool)


class _Work:
    """Finds parts of a cut among what is kept, or reads them and keeps them; and tells how far it has come.

    Args:
        streams: the cut.
        keep: where parts are kept.
        report: called with the progress of this run, which never falls, even if a stretch is read again.
        readers: who reads.
    """

    def __init__(self, streams: Streams, keep: Keep, report: Report, readers: Readers) -> None:
        self._streams, self._keep, self._report, self._readers = streams, keep, report, readers
        self._stage = READING
        self._drafted = 0.0
        self._kept_s = self._read_s = self._furthest_s = self._heard_s = 0.0
        self._told = Progress(stage=READING, done=0.0, position_s=0.0)

    def gather_sound(self, unwanted: threading.Event) -> SoundEvidence:
        """Measure the sound, until it is unwanted; in a thread beside."""

        def watch(position_s: float) -> None:
            if unwanted.is_set():
                raise Cancelled
            self._heard_s = max(self._heard_s, position_s)  # A worker that was lost begins anew.

        part = self._keep.load(SOUND)
        if not isinstance(part, SoundEvidence):
            part = self._readers.measure_sound(self._streams, watch)
            self._keep.save(SOUND, part)
        return part

    def wait_for_sound(self, sound: "Future[SoundEvidence]") -> SoundEvidence:
        """Wait until the sound is measured, telling of it where nothing else is left to tell."""
        while not wait([sound], timeout=LOOK_S).done:
            if self._streams.chunks:
                self._tell(self._told)
            else:
                done = self._heard_s / float(self._streams.cut.duration_s)
                self._tell(Progress(stage=READING, done=min(1.0, done), position_s=self._heard_s))
        return sound.result()

    @property
    def reads_beside(self) -> bool:
        """Whether others read chunks while drafts are made."""
        return self._readers.reads_beside

    def gather_key_frames(self, report: Callable[[float], None]) -> PictureEvidence:
        """Measure the key frames of the whole picture, each of which stays on show until the next."""
        part = self._keep.load(KEY_FRAMES)
        if not isinstance(part, PictureEvidence):
            part = self._readers.measure_key_frames(self._streams, report)
            self._keep.save(KEY_FRAMES, part)
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
        with closing(self._readers.measure_chunks(self._streams, missing, self._report_reading)) as finished:
            for chunk, part in finished:
                self._keep.save(_name_chunk(chunk), part)
                yield chunk, part.drop_stills()
        self._read_s += sum(map(self._length_s, missing))
        self._report_reading(0.0)
        self._stage = MENDING  # Whatever is read from now on did not meet its neighbours cleanly.

    def _length_s(self, chunk: Chunk) -> float:
        """How long a chunk lasts, seconds."""
        stop_s = self._streams.cut.duration_s if chunk.stop_s is None else chunk.stop_s
        return float(stop_s - chunk.start_s)

    def report_draft(self, position_s: float) -> None:
        """Tell how far key frames have been read, before anything else is."""
        self._drafted = DRAFT_SHARE
        done = DRAFT_SHARE * min(1.0, position_s / float(self._streams.cut.duration_s))
        self._tell(Progress(stage=DRAFTING, done=done, position_s=position_s))

    def _report_reading(self, more_s: float) -> None:
        """Tell how much has been read in full: so many seconds more than in chunks that are done.

        What was kept by an earlier run is no work of this one: shares of it would tell a wrong time left.
        """
        total_s = float(self._streams.cut.duration_s)
        self._furthest_s = max(self._furthest_s, min(self._read_s + more_s, total_s))
        share = (self._furthest_s - self._kept_s) / max(total_s - self._kept_s, 1e-9)
        done = self._drafted + (1 - self._drafted) * min(1.0, share)
        self._tell(Progress(stage=self._stage, done=done, position_s=self._furthest_s))

    def _tell(self, progress: Progress) -> None:
        """Tell how far it has come, and remember that."""
        self._told = progress
        self._report(progress)


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
