"""The work of an analysis handed to the workers of a cluster, chunk by chunk."""

import threading
from collections import deque
from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar, TypeVarTuple

from models.shipped import identify_curve_model
from pipeline.analyse import READING_SHARE
from pipeline.clock import frame_to_seconds
from pipeline.encodings import Encodings
from pipeline.errors import TranscriptError
from pipeline.features.evidence import Evidence, PictureEvidence, SoundEvidence
from pipeline.footage import Chunk, Piece, Playback, Streams
from pipeline.places import absolute_film
from pipeline.sequence import Trailer
from pipeline.streams.transcript import read_transcript
from pipeline.types import STREAMS, Analysis, Bools, Cut, Progress, Report, SpoilerZone
from studio import tasks
from studio.analysing import describe_opening
from studio.cluster import LOOK_S, Cluster, Task

AHEAD = 2
"""So many chunks of a film are handed over for every task that the workers take at a time: none waits for the next one,
and a film that is raised soon comes before those of another."""

CONCLUDING = "Waiting for the networks"

READ, SOON = 0, 1
"""What has the first chunks of a film, or the last of the work, goes before more chunks of the same job."""

Part = TypeVar("Part")
Result = TypeVar("Result")
Values = TypeVarTuple("Values")


class ClusterCrew:
    """Does the work of one job on a cluster.

    Args:
        cluster: the workers.
        find_priority: says how urgent the job is now, a whole number.
        check: called again and again while anything is waited for; whatever it raises ends that.
    """

    reads_beside = True

    def __init__(self, cluster: Cluster, *, find_priority: Callable[[], int], check: Callable[[], None]) -> None:
        self._cluster = cluster
        self._find_priority = find_priority
        self._check = check
        self._curves = identify_curve_model(cluster.settings.curves)
        self._loading: Task[None] | None = None

    def prepare(self, report: Report) -> None:
        """As `Crew`: the worker that has the networks loads them while others read."""
        if self._cluster.is_local:
            self._loading = self._submit(tasks.load, self._curves, needs_network=True)

    def name_encoders(self) -> dict[str, str]:
        """As `Crew`."""
        return self._submit(tasks.name_encoders, needs_network=True).wait(self._check)

    def probe(
        self,
        path: Path,
        *,
        title: str | None = None,
        transcript: Path | None = None,
        start_timecode: str | None = None,
        report: Report,
    ) -> Cut:
        """As `Crew`. Subtitles are read by this process: they may lie on its own disk."""
        if transcript is not None and not transcript.is_file():
            raise TranscriptError(
                f"There is no subtitle file {transcript.name!r}.", "Check the path, or leave the transcript out."
            )
        read_bytes = [0.0]
        task = self._submit(
            tasks.probe, absolute_film(path), title or None, start_timecode, haste=SOON, tell=read_bytes.append
        )

        def watch() -> None:
            self._check()
            report(describe_opening(read_bytes[-1]))

        cut = task.wait(watch)
        if transcript is None:
            return cut
        streams = tuple(name for name in STREAMS if name in cut.streams or name == "transcript")
        return replace(cut, transcript_path=transcript.absolute(), streams=streams)

    def judge_playback(self, path: Path) -> Playback:
        """As `Crew`."""
        return self._run(tasks.judge, path)

    def open_streams(self, cut: Cut) -> Streams:
        """As `Crew`."""
        if cut.transcript_path is None:
            return self._run(tasks.open_film, cut)
        mute = replace(cut, transcript_path=None, streams=tuple(n for n in cut.streams if n != "transcript"))
        return replace(self._run(tasks.open_film, mute), cut=cut, lines=read_transcript(cut))

    def measure_sound(self, streams: Streams, report: Callable[[float], None]) -> SoundEvidence:
        """As `Readers`."""
        return self._follow_position(tasks.measure_sound, streams, report)

    def measure_key_frames(self, streams: Streams, report: Callable[[float], None]) -> PictureEvidence:
        """As `Readers`."""
        return self._follow_position(tasks.measure_key_frames, streams, report)

    def measure_chunks(
        self, streams: Streams, chunks: Sequence[Chunk], report: Callable[[float], None]
    ) -> Generator[tuple[Chunk, PictureEvidence], None, None]:
        """As `Readers`."""
        yield from self._spread(
            tasks.measure_chunk, _slim(streams), chunks, find_start_s=lambda chunk: float(chunk.start_s), report=report
        )

    def plan_proxy(self, cut: Cut) -> tuple[Piece, ...]:
        """Divide a light copy of a cut into pieces, as `plan_pieces`."""
        return self._run(tasks.plan_proxy, cut)

    def describe_film(self, path: Path) -> tuple[int, str]:
        """Return the size of a film, bytes, and what changes whenever it does."""
        return self._run(tasks.describe_film, path)

    def make_proxy_pieces(
        self, cut: Cut, pieces: Sequence[Piece], report: Callable[[float], None]
    ) -> Generator[tuple[Piece, bytes], None, None]:
        """Make pieces of a light copy of a cut.

        Args:
            cut: the cut.
            pieces: some of its pieces.
            report: called as the work goes along, with the seconds of film that are done; may raise `Cancelled`.

        Yields:
            Each piece with what was made of it, in the order in which they are done.
        """
        rate = cut.timecode_rate
        yield from self._spread(
            tasks.make_proxy_piece,
            cut,
            pieces,
            find_start_s=lambda piece: float(frame_to_seconds(piece.start, rate)),
            report=report,
        )

    def conclude(self, streams: Streams, evidence: Evidence, *, draft: Bools | None, report: Report) -> Analysis:
        """As `Crew`: a task of its own, with the networks."""
        if draft is None:
            report(Progress(stage=CONCLUDING, done=READING_SHARE, position_s=float(streams.cut.duration_s)))
        analysis = self._follow(
            tasks.conclude,
            replace(streams, chunks=()),
            evidence,
            draft,
            self._curves,
            report=report,
            needs_network=True,
        )
        return replace(analysis, cut=streams.cut)

    def encode(self, analysis: Analysis, stills: Sequence[tuple[int, bytes]], report: Report) -> Encodings:
        """As `Crew`."""
        return self._follow(tasks.encode, analysis, stills, report=report, needs_network=True)

    def render(
        self,
        analysis: Analysis,
        trailer: Trailer,
        *,
        spoilers: tuple[SpoilerZone, ...],
        person: str,
        report: Report,
    ) -> dict[str, bytes]:
        """Render the trailer of a cut.

        Args:
            analysis: the cut's analysis.
            trailer: its trailer.
            spoilers: what must not be shown.
            person: for whom it is made.
            report: called as the work goes along; may raise `Cancelled`.

        Returns:
            The files, by name.
        """
        return self._follow(tasks.render, analysis, trailer, spoilers, person, report=report)

    def _follow_position(
        self, call: Callable[[str, Streams], Result], streams: Streams, report: Callable[[float], None]
    ) -> Result:
        """Run a task that tells the position in the film, and pass that on."""
        position_s = [0.0]
        task = self._submit(call, _slim(streams), haste=SOON, tell=position_s.append)
        return task.wait(lambda: report(position_s[-1]))

    def _spread(
        self,
        call: Callable[..., Result],
        whole: object,
        parts: Sequence[Part],
        *,
        find_start_s: Callable[[Part], float],
        report: Callable[[float], None],
    ) -> Generator[tuple[Part, Result], None, None]:
        """Have the workers do the parts of a whole: a few more are handed over than they take at a time.

        Yields:
            Each part with what came of it, in the order in which they are done.
        """
        changed = threading.Event()
        waiting, running = deque(parts), dict[Task[Result], Part]()
        done_s: dict[Part, float] = {}
        try:
            while waiting or running:
                while waiting and len(running) < AHEAD * max(1, self._cluster.count_threads()):
                    part = waiting.popleft()
                    tell = _note_position(done_s, part, find_start_s(part))
                    task = self._submit(call, whole, part, haste=READ, changed=changed, tell=tell)
                    running[task] = part
                changed.wait(LOOK_S)
                changed.clear()
                report(sum(list(done_s.values())))  # Dask's thread adds to it.
                for task in [task for task in running if task.has_ended()]:
                    yield running[task], task.take_result()
                    running.pop(task)
                    task.drop()
        finally:
            for task in running:
                task.drop()

    def _follow(
        self, call: Callable[[str, *Values], Result], *args: *Values, report: Report, needs_network: bool = False
    ) -> Result:
        """Run a task that tells all of its progress, and pass that on."""
        told: list[Progress] = []
        task = self._submit(
            call,
            *args,
            haste=SOON,
            needs_network=needs_network,
            tell=lambda stage, done, position_s: told.append(Progress(stage=stage, done=done, position_s=position_s)),
        )

        def watch() -> None:
            self._check()
            if told:
                report(told[-1])

        return task.wait(watch)

    def _run(self, call: Callable[[str, *Values], Result], *args: *Values) -> Result:
        """Run a task that is over before there is anything to tell."""
        return self._submit(call, *args, haste=SOON).wait(self._check)

    def _submit(
        self,
        call: Callable[[str, *Values], Result],
        *args: *Values,
        haste: int = SOON,
        needs_network: bool = False,
        changed: threading.Event | None = None,
        tell: Callable[..., None] | None = None,
    ) -> Task[Result]:
        """Hand a task to the workers at the job's own priority."""
        priority = 2 * self._find_priority() + haste
        return self._cluster.submit(
            call, *args, priority=priority, needs_network=needs_network, changed=changed, tell=tell
        )


def _slim(streams: Streams) -> Streams:
    """Return what a chunk is read with: neither the transcript nor the other chunks."""
    return replace(streams, chunks=(), lines=None)


def _note_position(done_s: dict[Part, float], part: Part, start_s: float) -> Callable[[float], None]:
    """Make the hook that notes how much of a part has been done, seconds."""

    def note(position_s: float) -> None:
        done_s[part] = position_s - start_s

    return note
