"""What a worker does with a job, and the one function that analyses a file, wherever it is asked for."""

import functools
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.analyse import analyse_cut
from pipeline.curves import CurveModel
from pipeline.errors import Cancelled, FilmError, ModelError
from pipeline.features.transcript import TextModel
from pipeline.streams.probe import probe_cut
from pipeline.types import Analysis, Cut, Progress, Report, ignore_progress
from studio.entries import JobEntry
from studio.settings import Settings
from studio.store import Library, open_library

REPORT_INTERVAL_S = 0.25
"""How often a stage's progress goes to the database at most, and how soon a request to cancel is seen."""


def analyse_file(
    path: Path,
    *,
    title: str | None = None,
    transcript: Path | None = None,
    report: Report = ignore_progress,
) -> Analysis:
    """Analyse a film's file with the shipped models.

    Args:
        path: the media file.
        title: what to call the cut; the file's name without its suffix if None or empty.
        transcript: its subtitle file; if None, as in `probe_cut`.
        report: called as the work goes along; may raise `Cancelled`.

    Returns:
        The analysis, not yet saved.

    Raises:
        FilmError: the media or the transcript cannot be read, or the models cannot be loaded.
        Cancelled: `report` asked for it.
    """
    return _analyse_probed(probe_file(path, title=title, transcript=transcript), report=report)


def probe_file(path: Path, *, title: str | None = None, transcript: Path | None = None) -> Cut:
    """Probe a film's file under its absolute path, which holds in every process.

    Args:
        path: the media file.
        title: what to call the cut; the file's name without its suffix if None or empty.
        transcript: its subtitle file; if None, as in `probe_cut`.

    Returns:
        The cut.

    Raises:
        FilmError: as `probe_cut`.
    """
    return probe_cut(path.absolute(), title=title or None, transcript=transcript and transcript.absolute())


def run_job(job_id: str, settings: Settings) -> None:
    """Run one job from beginning to end; its whole truth is written to the database, and nothing is returned.

    A film that is in the library already, under the same transcript, ends the job at once. Only a bug is raised.

    Args:
        job_id: the job.
        settings: the settings of the process that gave it.
    """
    library = open_library(settings)
    try:
        job = library.find_job(job_id)
        try:
            if library.start_job(job_id):
                library.finish_job(job_id, _analyse_job(library, job))
        except Cancelled:
            library.end_cancelled_job(job_id)
        except FilmError as error:
            library.fail_job(job_id, error.message, error.hint)
        except Exception:
            library.fail_job(
                job_id,
                "Something went wrong inside the program.",
                "The log of the program says what; please report it.",
            )
            raise
        finally:
            # Whatever no cut has come to own: a failed or cancelled upload, or a second copy of a known film.
            library.discard_job_media(job)
    finally:
        library.close()


def _analyse_job(library: Library, job: JobEntry) -> str:
    """Analyse and save a job's film, unless it is known already, and return the cut's id."""
    report = _report_to_library(library, job.id)
    report(Progress(stage="Opening the film", done=0.0, position_s=0.0))
    cut = probe_file(job.path, title=job.title, transcript=job.transcript)
    if not _is_known(library, cut):
        analysis = _analyse_probed(cut, report=report)
        if library.is_cancel_asked(job.id):
            raise Cancelled
        library.save_analysis(analysis)
    return cut.cut_id


def _is_known(library: Library, cut: Cut) -> bool:
    """Whether the library holds this very film with this transcript, and can still play it."""
    entry = next((entry for entry in library.list_cuts() if entry.id == cut.cut_id), None)
    if entry is None or not entry.analysed or not entry.path.is_file():
        return False
    known = library.load_analysis(entry.id).cut.transcript_path
    if cut.transcript_path is None or cut.transcript_path == known:
        return True
    return known is not None and known.is_file() and known.read_bytes() == cut.transcript_path.read_bytes()


def _analyse_probed(cut: Cut, *, report: Report) -> Analysis:
    """Analyse a probed cut with the shipped models."""
    report(Progress(stage="Loading the models", done=0.0, position_s=0.0))
    text_model, curve_model = _load_models()
    # A share of 0 once more: the time left is told from here on, from the pace at which the film is read.
    report(Progress(stage="Reading picture and sound", done=0.0, position_s=0.0))
    return analyse_cut(cut, text_model=text_model, curve_model=curve_model, report=report)


@functools.cache
def _load_models() -> tuple[TextModel, CurveModel]:
    """Load the shipped models, once a process: it takes seconds and hundreds of megabytes."""
    try:
        with _hush_tensorflow():
            from models.checkpoint import load_curve_model
            from models.text_net import load_text_model

            return load_text_model(), load_curve_model()
    except (OSError, ValueError) as error:
        reason = str(error).partition("\n")[0].rstrip(".")  # Keras may add whole configurations.
        raise ModelError(
            f"The models cannot be loaded: {reason}.", "Install the program again, or train them with `train`."
        ) from error


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
        if library.is_cancel_asked(job_id) or not library.report_job(job_id, progress):
            raise Cancelled

    return report
