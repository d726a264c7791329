"""The one way in which a film is analysed and saved, wherever that is asked for and whoever does the work."""

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from pipeline.analyse import analyse_streams
from pipeline.chunks import Readers
from pipeline.encodings import Encodings
from pipeline.errors import LibraryError, MediaError, TimecodeError
from pipeline.features.evidence import Evidence
from pipeline.footage import Playback, Streams
from pipeline.places import absolute_film
from pipeline.streams.probe import probe_cut
from pipeline.streams.start_timecode import check_start_timecode
from pipeline.streams.transcript import read_transcript
from pipeline.types import Analysis, Bools, Cut, Progress, Report, ignore_progress
from studio.parts import Parts
from studio.provenance import is_old
from studio.store import Library

Claim = Callable[[str, Callable[[], None]], AbstractContextManager[None]]
"""Makes what is entered while a cut, named by its id, is worked on; while it waits it calls the second again and again."""

logger = logging.getLogger(__name__)

OPENING = "Opening the film"
LOADING = "Loading the models"
SAME_FILM = "Waiting for the same film"

DRAFT_FROM_S = 300
"""From this length on a film has a draft: a shorter one is done before a person has opened it."""


class Crew(Readers, Protocol):
    """Who does the work of an analysis: this process, or the workers of a cluster. The analysis is the same."""

    def prepare(self, report: Report) -> None:
        """Get ready, once it is known that a film is to be analysed."""
        ...

    def probe(
        self,
        path: Path,
        *,
        title: str | None = None,
        transcript: Path | None = None,
        start_timecode: str | None = None,
        report: Report,
    ) -> Cut:
        """Probe a film's file, as `probe_file`."""
        ...

    def judge_playback(self, path: Path) -> Playback:
        """Judge how a film plays in a browser, as the function of the same name."""
        ...

    def open_streams(self, cut: Cut) -> Streams:
        """Find out how to read a cut, as the function of the same name."""
        ...

    def conclude(self, streams: Streams, evidence: Evidence, *, draft: Bools | None, report: Report) -> Analysis:
        """Make an analysis of measurements, as `Conclude`."""
        ...

    def name_encoders(self) -> dict[str, str]:
        """Load the optional encoders, and say which they are, as `Encodings.encoders` does."""
        ...

    def encode(self, analysis: Analysis, stills: Sequence[tuple[int, bytes]], report: Report) -> Encodings:
        """Encode a cut that was analysed, of which there are these stills: seconds, and JPEG."""
        ...


def probe_file(
    path: Path,
    *,
    title: str | None = None,
    transcript: Path | None = None,
    start_timecode: str | None = None,
    report: Report = ignore_progress,
) -> Cut:
    """Probe a film's file under its absolute path, which holds in every process.

    Args:
        path: the media file.
        title: what to call the cut; the file's name without its suffix if None or empty.
        transcript: its subtitle file; if None, as in `probe_cut`.
        start_timecode: the label of its first frame; if None, as in `probe_cut`.
        report: called as a large file is read; may raise `Cancelled`.

    Returns:
        The cut.

    Raises:
        FilmError: as `probe_cut`.
    """
    return probe_cut(
        absolute_film(path),
        title=title or None,
        transcript=transcript and transcript.absolute(),
        start_timecode=start_timecode,
        tell_read=lambda read_bytes: report(describe_opening(read_bytes)),
    )


def describe_opening(read_bytes: float) -> Progress:
    """Say how far a film is opened: all of its file is read once, which takes minutes where it is large."""
    gigabytes = int(read_bytes / 1e9)
    stage = f"{OPENING}, {gigabytes} GB read" if gigabytes else OPENING
    return Progress(stage=stage, done=0.0, position_s=0.0)


def analyse_once(
    library: Library,
    path: Path,
    *,
    crew: Crew,
    title: str | None = None,
    transcript: Path | None = None,
    start_timecode: str | None = None,
    again: bool = False,
    report: Report = ignore_progress,
    follow: Callable[[Cut], None] | None = None,
    claim: Claim = lambda cut_id, wait: nullcontext(),
) -> Analysis:
    """Analyse a film and save it, unless what the library knows of it still holds.

    It holds while the models and measurements of this version are the ones that made it, and the subtitles, if any are
    given, say the same. A new title and a new start timecode are taken over, and the film's new place if it is no longer
    in its old one. What an interrupted analysis has read is taken up again.

    Args:
        library: where to look and to save.
        path: the media file.
        crew: who does the work.
        title: what to call the cut; if None or empty, its title in the library, or else the file's name.
        transcript: its subtitle file; if None, as in `probe_cut`, or else the one in the library.
        start_timecode: the label of its first frame; if None, the one in the library, or else as in `probe_cut`.
        again: whether to analyse it even if what is known still holds.
        report: called as the work goes along; may raise `Cancelled`.
        follow: if given, a long film has drafts while it is read, and this is called with the cut before the first.
        claim: entered with the cut's id before the library is asked about it, and left when it is saved; whoever enters
            it meanwhile for the same film waits, and then finds it known.

    Returns:
        The analysis, saved.

    Raises:
        FilmError: the media or the transcript cannot be read, or the models or encoders cannot be loaded.
        Cancelled: `report` asked for it; nothing was saved, or nothing but the encodings is wanting.
    """
    report(describe_opening(0))
    # Encoders that cannot be had are found out before the work, not after it.
    encoders = crew.name_encoders() if library.settings.encoders else {}
    cut = crew.probe(path, title=title, transcript=transcript, start_timecode=start_timecode, report=report)
    library.find_proxy(cut.cut_id).note_playback(crew.judge_playback(cut.path))

    def wait() -> None:
        report(Progress(stage=SAME_FILM, done=0.0, position_s=0.0))

    parts = library.find_parts(cut.cut_id)
    with claim(cut.cut_id, wait), parts.hold(wait):
        analysis = _find_known(library, cut, crew, title=title, start_timecode=start_timecode, again=again)
        if not isinstance(analysis, Analysis):
            cut = analysis
            if follow is not None:
                parts.discard_draft()  # One that was left behind was made by other models, or with other words.
                follow(cut)
            analysis = _analyse_probed(cut, parts, crew, report=report, with_drafts=follow is not None)
            library.find_stills(cut.cut_id).collect(parts)
            library.find_fingerprint(cut.cut_id).collect(parts)
        report(Progress(stage="Saving", done=1.0, position_s=float(cut.duration_s)))
        library.save_analysis(analysis)
        parts.discard()
        if encoders:
            encode_analysed(library, analysis, crew, encoders, report=report)
    return analysis


def encode_analysed(
    library: Library, analysis: Analysis, crew: Crew, encoders: Mapping[str, str], *, report: Report
) -> None:
    """Encode a cut that was analysed, and keep that; what these encoders made before is left.

    Args:
        library: where the stills are, and where the vectors go.
        analysis: the cut's.
        crew: who does the work.
        encoders: which they are.
        report: called as the work goes along; may raise `Cancelled`.
    """
    cut, stored = analysis.cut, library.find_encodings(analysis.cut.cut_id)
    kept = stored.read()
    if kept is not None and dict(kept.encoders) == dict(encoders) and len(kept.present) == cut.seconds:
        return
    stills = library.find_stills(cut.cut_id)
    found = [(second, jpeg) for second in range(cut.seconds) if (jpeg := stills.read(second)) is not None]
    encodings = crew.encode(analysis, found, report)
    try:
        stored.write(encodings)
    except OSError as error:
        logger.warning("The encodings of %s could not be kept: %s", cut.title, error)


def _find_known(
    library: Library, cut: Cut, crew: Crew, *, title: str | None, start_timecode: str | None, again: bool
) -> Analysis | Cut:
    """Return what the library knows of a film if that still holds; or else the cut that is to be analysed."""
    try:
        known = library.load_analysis(cut.cut_id)
    except LibraryError:  # It is new, or was analysed by a version that this one cannot read.
        return cut
    cut = _take_over(cut, known.cut, crew, title=title, start_timecode=start_timecode)
    if again or not _still_holds(known, cut, library.settings.curves):
        return cut
    return replace(known, cut=replace(cut, streams=known.cut.streams))


def _take_over(cut: Cut, known: Cut, crew: Crew, *, title: str | None, start_timecode: str | None) -> Cut:
    """Take over what people said of a film before and do not say again: title, start timecode, subtitles, place."""
    changes: dict[str, Any] = {}
    if start_timecode is None:
        changes["start_timecode"] = _find_start_timecode(cut, known)
    if not title:
        changes["title"] = known.title
    if cut.transcript_path is None and known.transcript_path is not None and known.transcript_path.is_file():
        changes |= {"transcript_path": known.transcript_path, "streams": known.streams}
    if _holds_film(known.path, cut, crew):
        changes["path"] = known.path  # The same bytes: a second copy is not kept.
    return replace(cut, **changes)


def _find_start_timecode(cut: Cut, known: Cut) -> str | None:
    """Return the start timecode that a film has in the library, if its rate is still found to show it; or else its own."""
    if known.start_timecode is None:
        return cut.start_timecode
    try:
        return check_start_timecode(known.start_timecode, cut.label_rate)
    except TimecodeError:
        return cut.start_timecode


def _holds_film(path: Path, cut: Cut, crew: Crew) -> bool:
    """Whether a file is there and has the bytes of a cut; another version may have been saved over it."""
    try:
        same = path == cut.path or crew.probe(path, report=ignore_progress).cut_id == cut.cut_id
    except MediaError:
        return False
    return same


def _still_holds(known: Analysis, cut: Cut, curves: Path) -> bool:
    """Whether an analysis of this very film was made by what ships now, on its clock, from its subtitles."""
    if known.cut.duration_s != cut.duration_s:
        return False  # An earlier version had another idea of where the film begins or ends.
    if is_old(known.provenance, curves):
        return False
    return cut.transcript_path is None or (read_transcript(cut) or ()) == known.lines


def _analyse_probed(cut: Cut, parts: Parts, crew: Crew, *, report: Report, with_drafts: bool) -> Analysis:
    """Analyse a probed cut with the models that the settings choose."""
    crew.prepare(report)
    is_long = cut.duration_s >= DRAFT_FROM_S
    return analyse_streams(
        crew.open_streams(cut),
        conclude=crew.conclude,
        readers=crew,
        report=report,
        keep=parts,
        publish=parts.save_draft if with_drafts and is_long else None,
    )
