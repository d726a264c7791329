"""What a worker does with a job, and the one function that analyses a film, wherever it is asked for."""

import functools
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from models.shipped import CURVE_WEIGHTS
from pipeline.analyse import analyse_cut
from pipeline.curves import CurveModel
from pipeline.errors import Cancelled, FilmError, LibraryError, TimecodeError
from pipeline.features.shots import ShotModel
from pipeline.features.transcript import TextModel
from pipeline.streams.probe import probe_cut
from pipeline.streams.start_timecode import check_start_timecode
from pipeline.streams.transcript import read_transcript
from pipeline.types import Analysis, Cut, Progress, Report, ignore_progress
from studio.choices import list_spoilers
from studio.encoding import encode_analysed, find_encoders
from studio.entries import JobEntry
from studio.parts import Parts
from studio.provenance import is_old, refuse_models
from studio.settings import Settings
from studio.store import Library, open_library
from studio.trailers import write_trailer

DRAFT_FROM_S = 300
"""From this length on a film has a draft: a shorter one is done before a person has opened it."""

REPORT_INTERVAL_S = 0.25
"""How often a stage's progress goes to the database at most, and how soon a request to cancel is seen."""


def probe_file(
    path: Path, *, title: str | None = None, transcript: Path | None = None, start_timecode: str | None = None
) -> Cut:
    """Probe a film's file under its absolute path, which holds in every process.

    Args:
        path: the media file.
        title: what to call the cut; the file's name without its suffix if None or empty.
        transcript: its subtitle file; if None, as in `probe_cut`.
        start_timecode: the label of its first frame; if None, as in `probe_cut`.

    Returns:
        The cut.

    Raises:
        FilmError: as `probe_cut`.
    """
    return probe_cut(
        path.absolute(),
        title=title or None,
        transcript=transcript and transcript.absolute(),
        start_timecode=start_timecode,
    )


def analyse_once(
    library: Library,
    path: Path,
    *,
    title: str | None = None,
    transcript: Path | None = None,
    start_timecode: str | None = None,
    again: bool = False,
    report: Report = ignore_progress,
    follow: Callable[[Cut], None] | None = None,
) -> Analysis:
    """Analyse a film and save it, unless what the library knows of it still holds.

    It holds while the models and measurements of this version are the ones that made it, and the subtitles, if any are
    given, say the same. A new title and a new start timecode are taken over, and the film's new place if it is no longer
    in its old one. What an interrupted analysis has read is taken up again.

    Args:
        library: where to look and to save.
        path: the media file.
        title: what to call the cut; if None or empty, its title in the library, or else the file's name.
        transcript: its subtitle file; if None, as in `probe_cut`, or else the one in the library.
        start_timecode: the label of its first frame; if None, the one in the library, or else as in `probe_cut`.
        again: whether to analyse it even if what is known still holds.
        report: called as the work goes along; may raise `Cancelled`.
        follow: if given, a long film has drafts while it is read, and this is called with the cut before the first.

    Returns:
        The analysis, saved.

    Raises:
        FilmError: the media or the transcript cannot be read, or the models or encoders cannot be loaded.
        Cancelled: `report` asked for it; nothing was saved, or nothing but the encodings is wanting.
    """
    report(Progress(stage="Opening the film", done=0.0, position_s=0.0))
    if library.settings.encoders:
        find_encoders(library.settings)  # What cannot be had is found out before the work, not after it.
    cut = probe_file(path, title=title, transcript=transcript, start_timecode=start_timecode)
    parts = library.find_parts(cut.cut_id)
    try:
        known = library.load_analysis(cut.cut_id)
    except LibraryError:  # It is new, or was analysed by a version that this one cannot read.
        analysis = None
    else:
        cut = _take_over(cut, known.cut, title=title, start_timecode=start_timecode)
        holds = not again and _still_holds(known, cut, library.settings.curves)
        analysis = replace(known, cut=replace(cut, streams=known.cut.streams)) if holds else None
    if analysis is None:
        if follow is not None:
            parts.discard_draft()  # One that was left behind was made by other models, or with other words.
            follow(cut)
        analysis = _analyse_probed(library, cut, parts, report=report, with_drafts=follow is not None)
        library.find_stills(cut.cut_id).collect(parts)
        library.find_fingerprint(cut.cut_id).collect(parts)
    report(Progress(stage="Saving", done=1.0, position_s=float(cut.duration_s)))
    library.save_analysis(analysis)
    parts.discard()
    encode_analysed(library, analysis, report)
    return analysis


def run_job(job_id: str, settings: Settings) -> None:
    """Run one job from beginning to end; its whole truth is written to the database, and nothing is returned.

    A film of which the library holds the very same analysis ends the job at once. Only a bug is raised.

    Args:
        job_id: the job.
        settings: the settings of the process that gave it.
    """
    library = open_library(settings)
    try:
        job = library.jobs.find_job(job_id)
        try:
            if library.jobs.start_job(job_id):
                make = _analyse_job if job.template is None else _preview_job
                library.jobs.finish_job(job_id, make(library, job))
        except Cancelled:
            # If it had ended before, its film may be on its way again.
            if library.jobs.end_cancelled_job(job_id) and job.template is None:
                library.jobs.discard_job_parts(job_id)
        except FilmError as error:
            library.jobs.fail_job(job_id, error.message, error.hint)
        except Exception:
            library.jobs.fail_job(
                job_id,
                "Something went wrong inside the program.",
                "The log of the program says what; please report it.",
            )
            raise
        finally:
            # Whatever no cut has come to own: a failed or cancelled upload, or a second copy of a known film.
            library.jobs.discard_job_media(job)
    finally:
        library.close()


def _analyse_job(library: Library, job: JobEntry) -> str:
    """Analyse and save a job's film, unless it is known already, and return the cut's id."""

    def follow(cut: Cut) -> None:
        library.jobs.name_job_cut(job.id, cut.cut_id)

    report = _report_to_library(library, job.id)
    analysis = analyse_once(library, job.path, title=job.title, transcript=job.transcript, report=report, follow=follow)
    return analysis.cut.cut_id


def _preview_job(library: Library, job: JobEntry) -> str:
    """Render the trailer that is at work on a job's cut, and return the cut's id."""
    analysis = library.load_analysis(str(job.cut_id))
    cut_id, template = analysis.cut.cut_id, str(job.template)
    work = library.decisions.load_work(cut_id, template)
    if work is None:
        raise LibraryError("There is no such trailer any more.", "Assemble it anew, then render it.")
    previews = library.find_previews(cut_id)
    folder = previews.place(work.trailer, work.person)
    report = _report_to_library(library, job.id)
    write_trailer(
        analysis,
        work.trailer,
        folder,
        film=analysis.cut.path,
        spoilers=list_spoilers(analysis, library.decisions.load_choices(cut_id)),
        person=work.person,
        report=report,
    )
    previews.keep_only(folder)
    return cut_id


def _take_over(cut: Cut, known: Cut, *, title: str | None, start_timecode: str | None) -> Cut:
    """Take over what people said of a film before and do not say again: title, start timecode, subtitles, place."""
    changes: dict[str, Any] = {}
    if start_timecode is None:
        changes["start_timecode"] = _find_start_timecode(cut, known)
    if not title:
        changes["title"] = known.title
    if cut.transcript_path is None and known.transcript_path is not None and known.transcript_path.is_file():
        changes |= {"transcript_path": known.transcript_path, "streams": known.streams}
    if _holds_film(known.path, cut):
        changes["path"] = known.path  # The same bytes: a second copy is not kept.
    return replace(cut, **changes)


def _find_start_timecode(cut: Cut, known: Cut) -> str | None:
    """Return the start timecode that a film has in the library, if its rate is still found to show it; or else its own."""
    if known.start_timecode is None:
        return cut.start_timecode
    try:
        return check_start_timecode(known.start_timecode, cut.timecode_rate)
    except TimecodeError:
        return cut.start_timecode


def _holds_film(path: Path, cut: Cut) -> bool:
    """Whether a file is there and has the bytes of a cut; another version may have been saved over it."""
    try:
        return path == cut.path or probe_cut(path).cut_id == cut.cut_id
    except FilmError:
        return False


def _still_holds(known: Analysis, cut: Cut, curves: Path) -> bool:
    """Whether an analysis of this very film was made by what ships now, on its clock, from its subtitles."""
    if known.cut.duration_s != cut.duration_s:
        return False  # An earlier version had another idea of where the film begins or ends.
    if is_old(known.provenance, curves):
        return False
    return cut.transcript_path is None or (read_transcript(cut) or ()) == known.lines


def _analyse_probed(library: Library, cut: Cut, parts: Parts, *, report: Report, with_drafts: bool) -> Analysis:
    """Analyse a probed cut with the models that the settings choose."""
    report(Progress(stage="Loading the models", done=0.0, position_s=0.0))
    text_model, curve_model, shot_model = load_models(library.settings.curves)
    is_long = cut.duration_s >= DRAFT_FROM_S
    return analyse_cut(
        cut,
        text_model=text_model,
        curve_model=curve_model,
        shot_model=shot_model,
        report=report,
        keep=parts,
        publish=parts.save_draft if with_drafts and is_long else None,
    )


@functools.cache
def load_models(curves: Path = CURVE_WEIGHTS) -> tuple[TextModel, CurveModel, ShotModel]:
    """Load the models, once a process: it takes seconds and hundreds of megabytes.

    Args:
        curves: the weights of the curves; the others are those that ship.
    """
    try:
        with _hush_tensorflow():
            from models.checkpoint import load_curve_model
            from models.shot_net import load_shot_model
            from models.text_net import load_text_model

            return load_text_model(), load_curve_model(curves), load_shot_model()
    except (OSError, ValueError) as error:
        raise refuse_models(error) from error


@contextmanager
def _hush_tensorflow() -> Iterator[None]:
    """Keep TensorFlow's start-up log off standard error, unless its own variable says what is wanted.

    It writes to the file descriptor before it reads its settings, and so would tear the line of progress apart.
    """
    if "TF_CPP_MIN_LOG_LEVEL" in os.environ:
        yield
        return
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
    sys.stderr.flush()
    visible = os.dup(2)
    hidden = os.open(os.devnull, os.O_WRONLY)
    os.dup2(hidden, 2)
    try:
        yield
    finally:
        os.dup2(visible, 2)
        os.close(visible)
        os.close(hidden)


def _report_to_library(library: Library, job_id: str) -> Report:
    """Make the hook that writes a job's progress to the database and stops the work when a person asks for it."""
    last_s, last_stage = 0.0, ""

    def report(progress: Progress) -> None:
        nonlocal last_s, last_stage
        if progress.stage == last_stage and time.monotonic() - last_s < REPORT_INTERVAL_S:
            return
        last_s, last_stage = time.monotonic(), progress.stage
        if library.jobs.is_cancel_asked(job_id) or not library.jobs.report_job(job_id, progress):
            raise Cancelled

    return report
