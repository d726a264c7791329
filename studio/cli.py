"""The command line: one function a command, each a few steps in words; exit 0 done, 1 bug, 2 a `FilmError`."""

import logging
import os
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipeline.errors import FilmError, LibraryError, WorkLost
from pipeline.places import is_there
from pipeline.types import Analysis
from studio import job_commands, library_commands, rating_commands
from studio.arguments import build_parser
from studio.choices import MomentChoices, list_spoilers
from studio.entries import CutEntry
from studio.files import FULL, is_full
from studio.library_commands import print_json
from studio.progress import ProgressLine
from studio.provenance import list_old
from studio.security import read_secret
from studio.settings import Settings, read_settings
from studio.store import Library, open_library

# Whatever only some commands need is imported inside them: TensorFlow and Streamlit cost seconds.

DONE, BUG, REFUSED, INTERRUPTED = 0, 1, 2, 130

APP = Path(__file__).resolve().parents[1] / "app.py"
DEMO, DEMO_TITLE = APP.parent / "assets" / "demo.mp4", "Two Small Shapes"

logger = logging.getLogger(__name__)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: the words after the program's name; those of this process if None.

    Returns:
        The exit code: 0 done, 1 a bug, 2 a `FilmError`, 130 interrupted.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # A file name in a legacy encoding must not end the program.
    options = build_parser().parse_args(arguments)
    try:
        COMMANDS[options.command](options, read_settings())
        sys.stdout.flush()
    except FilmError as error:
        _print_error(error, as_json=options.json)
        return REFUSED
    except KeyboardInterrupt:
        print("Interrupted; an analysis goes on from here when it is asked for again.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever was reading, `head` say, has had enough. Python would complain once more when it closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except Exception as error:
        explained = _explain(error)
        if explained is None:
            logger.exception("This is a bug; please report it with these lines.")
            return BUG
        _print_error(explained, as_json=options.json)
        return REFUSED
    return DONE


def analyse(options: Namespace, settings: Settings) -> None:
    """Analyse a film, save it in the library and write its files; or analyse again what the library has."""
    if options.cut is None or options.old or options.again:
        _analyse_again(options, settings)
        return
    from studio.folder import draft_folder, write_analysis

    folder = options.out or Path(f"{options.cut.stem}-throughline")
    library = open_library(settings)
    with draft_folder(folder):
        pass  # A folder that cannot be written is found out before the work, not after it.
    live = _follow(options, folder) if options.live else []
    analysis = _analyse_into(
        library,
        options.cut,
        title=options.title,
        transcript=options.transcript,
        start_timecode=options.start_timecode,
    )
    files = [*live, *write_analysis(analysis, folder)]
    if options.json:
        notes = list(analysis.notes)
        entry = library_commands.describe_cut(library.find_cut(analysis.cut.cut_id), settings.curves)
        print_json({**entry, "notes": notes, "files": [str(file) for file in files]})
        return
    print(f"{analysis.cut.title}: {len(analysis.curves.values)} seconds, library id {analysis.cut.cut_id}")
    for line in (*analysis.notes, *map(str, files)):
        print(f"  {line}")


def _follow(options: Namespace, folder: Path) -> list[Path]:
    """Follow a growing film until it stands still or is interrupted; to people, tell each second as it becomes known.

    Returns:
        The table of the seconds; nothing of a film that can only be read once it is finished, which it is by then.
    """
    from pipeline.errors import MediaDamaged, NotMedia
    from pipeline.live import LiveOptions, LiveSpan
    from studio.following import catch_interrupt, describe_span, follow_film

    def tell(span: LiveSpan) -> None:
        if not options.json:
            print(describe_span(span), flush=True)

    print("Following the film; Ctrl-C ends that, and analyses what there is of it.", file=sys.stderr)
    try:
        with catch_interrupt() as interrupted:
            table = follow_film(
                options.cut,
                folder,
                transcript=options.transcript,
                options=LiveOptions(patience_s=options.patience),
                tell=tell,
                keep_on=lambda: not interrupted.is_set(),
            )
    except (MediaDamaged, NotMedia) as error:
        print(f"{error.message} {error.hint}", file=sys.stderr)
        return []
    return [table]


def _analyse_again(options: Namespace, settings: Settings) -> None:
    """Analyse cuts of the library again, all that can be; what could not be is told in the end."""
    library = open_library(settings)
    if options.cut is not None or options.live or not (options.again or options.old):
        raise LibraryError(
            "One thing can be analysed at a time.", "Give a film, or --again with ids from `library list`, or --old."
        )
    entries = [library.find_cut(cut_id) for cut_id in options.again]
    if options.old:
        entries += [cut for cut in list_old(library.list_cuts(), settings.curves) if cut not in entries]
    if failed := _analyse_entries(library, entries, again=bool(options.again)) if entries else []:
        raise LibraryError(f"{len(failed)} of {len(entries)} were not analysed. {' '.join(failed)}", "Run it again.")
    done = [library.find_cut(entry.id) for entry in entries]
    if options.json:
        print_json([library_commands.describe_cut(entry, settings.curves) for entry in done])
        return
    print(
        "\n".join(f"Analysed {entry.title} again ({entry.id})." for entry in done) or "No cut is of an older version."
    )


def _analyse_entries(library: Library, entries: Sequence[CutEntry], *, again: bool) -> list[str]:
    """Analyse cuts of the library one after another, and return what was in the way of those that could not be."""
    failed = []
    with _open_analyser(library) as analyse_film:
        for entry in entries:
            has_words = entry.transcript is not None and entry.transcript.is_file()
            transcript = entry.transcript if has_words else None
            try:
                analyse_film(entry.path, title=entry.title, transcript=transcript, again=again)
            except FilmError as error:
                failed.append(f"{entry.title}: {error.message}")
    return failed


def rank(options: Namespace, settings: Settings) -> None:
    """Rank the moments of one cut, and say why each stands where it stands."""
    from studio.ranking import describe_encoders, describe_ranking, rank_moments, write_ranking

    library = open_library(settings)
    analysis = _find_analysis(library, options.cut)
    encodings = library.find_encodings(analysis.cut.cut_id).read()
    segments = rank_moments(analysis, _find_choices(library, analysis, options), encodings=encodings)
    if options.json:
        print_json(describe_ranking(analysis, segments))
        return
    print(write_ranking(analysis, segments))
    if encodings is not None:
        print(describe_encoders(encodings))


def trailer(options: Namespace, settings: Settings) -> None:
    """Put a trailer of one cut together, and write its preview and what it is made of."""
    from studio import trailers

    library = open_library(settings)
    analysis = _find_analysis(library, options.cut)
    choices = library.decisions.load_choices(analysis.cut.cut_id)
    work = library.decisions.load_work(analysis.cut.cut_id, options.template)
    if work is not None and not options.anew and options.music is None:
        made = trailers.measure_trailer(analysis, work.trailer, choices)
    else:
        beats_s: tuple[float, ...] = ()
        if options.music is not None:
            from pipeline.beats import find_beats

            beats_s = find_beats(options.music)
        made = trailers.make_trailer(analysis, template=options.template, choices=choices, beats_s=beats_s)
    path = Path(options.cut)
    film = path if is_there(path) else library.find_film(analysis.cut.cut_id)
    folder = options.out or Path(f"{analysis.cut.title.replace('/', '-')}-{options.template}")
    with ProgressLine(sys.stderr) as line:
        delivery = trailers.write_trailer(
            analysis,
            made,
            folder,
            film=film,
            spoilers=list_spoilers(analysis, choices),
            person=options.person,
            report=line.report,
        )
    if options.json:
        values = trailers.describe_trailer(analysis, delivery.trailer, delivery.findings)
        print_json({**values, "files": [str(file) for file in delivery.files]})
        return
    print(trailers.write_summary(analysis, delivery))


def compare(options: Namespace, settings: Settings) -> None:
    """Compare two cuts, write what changed and what it did, and say the most of it."""
    from studio.comparing import compare_analyses, describe_comparison, write_comparison
    from studio.folder import draft_folder

    library = open_library(settings)
    folder = options.out or Path(f"{Path(options.a).stem}-compared")
    with draft_folder(folder):
        pass  # As in `analyse`: a folder that cannot be written is found out before the work.
    a, b = (_find_analysis(library, cut) for cut in (options.a, options.b))
    consequence = compare_analyses(library, a, b)
    files = write_comparison(library, consequence, a, b, folder)
    if options.json:
        print_json({**describe_comparison(consequence, a, b), "files": [str(file) for file in files]})
        return
    print("\n".join((*consequence.sentences, *(f"  {effect.sentence}" for effect in consequence.effects))))
    print("\n".join(f"  {file}" for file in files))


def explain(options: Namespace, settings: Settings) -> None:
    """Say why a curve of one cut stands where it stands."""
    from studio.explaining import describe_explanation, explain_span, write_explanation

    analysis = _find_analysis(open_library(settings), options.cut)
    reasons = explain_span(analysis, curve=options.curve, at=options.at, until=options.until)
    if options.json:
        print_json(describe_explanation(analysis, reasons))
        return
    print(write_explanation(analysis, reasons))


def export(options: Namespace, settings: Settings) -> None:
    """Write one cut in one format, to a file or to standard output."""
    from pipeline.export.layout import TimelineOptions
    from studio.folder import write_file
    from studio.handoff import HandoffOptions, export_cut

    library = open_library(settings)
    analysis = _find_analysis(library, options.cut)
    wanted = HandoffOptions(
        choices=_find_choices(library, analysis, options),
        bin_name=options.bin,
        in_order=options.in_order,
        timeline=TimelineOptions(handles=options.handles, reel=options.reel, record_start=options.record_start),
        notes=library.remarks.list_notes(analysis.cut.cut_id),
    )
    text = export_cut(analysis, format_name=options.format, options=wanted)
    if options.out is None:
        sys.stdout.write(text)
        return
    write_file(text, options.out)
    if options.json:
        print_json({"files": [str(options.out)]})


def train(options: Namespace, settings: Settings) -> None:
    """Train a shipped model anew from its TOML file, or fit a copy of the curves to a studio's own ratings."""
    if options.ratings is not None:
        from studio.rating_training import describe_tuned, train_on_ratings, write_summary

        with ProgressLine(sys.stderr) as line:
            tuned = train_on_ratings(open_library(settings), options.ratings, line.report)
        if options.json:
            print_json(describe_tuned(tuned))
            return
        print(write_summary(tuned))
        return
    from studio.training import train_from_toml

    with ProgressLine(sys.stderr) as line:
        weights = train_from_toml(options.toml, settings, line.report)
    if options.json:
        print_json({"weights": str(weights)})
        return
    print(f"Wrote {weights}")


def evaluate(options: Namespace, settings: Settings) -> None:
    """Measure a model and print the figures."""
    from studio import training

    asked = training.EvaluateOptions(
        shipped=options.shipped,
        ratings=options.ratings,
        segments=options.segments,
        lines=options.lines,
        shots=options.shots,
    )
    with ProgressLine(sys.stderr) as line:
        evaluation = training.evaluate(options.kind, settings, asked, line.report)
    if options.json:
        print_json(evaluation.values)
        return
    print(evaluation.text)


def serve(options: Namespace, settings: Settings) -> None:
    """Turn into the web app, once all that it needs has been found to be there: it could only show a traceback."""
    library = open_library(settings)
    read_secret(settings.home)
    if settings.scheduler is not None:
        from studio.workers import connect_scheduler

        connect_scheduler(settings.scheduler).close()
    if options.demo and not library.list_cuts():
        _analyse_into(library, DEMO, title=DEMO_TITLE)
    library.close()
    flags = {
        "server.address": options.host,
        "server.port": options.port,
        "server.headless": "true",
        "browser.gatherUsageStats": "false",
    }
    words = [word for name, value in flags.items() for word in (f"--{name}", str(value))]
    os.execv(sys.executable, [sys.executable, "-m", "streamlit", "run", str(APP), *words])  # noqa: S606


COMMANDS: Mapping[str, Callable[[Namespace, Settings], None]] = {
    "analyse": analyse,
    "rank": rank,
    "trailer": trailer,
    "compare": compare,
    "explain": explain,
    "export": export,
    **library_commands.COMMANDS,
    **rating_commands.COMMANDS,
    **job_commands.COMMANDS,
    "train": train,
    "evaluate": evaluate,
    "serve": serve,
}


def _analyse_into(library: Library, path: Path, **options: Any) -> Analysis:
    """Analyse a film with progress on stderr, and save it; one that is known already is not read again.

    The options are those of `studio.analysing.analyse_once`.
    """
    with _open_analyser(library) as analyse_film:
        return analyse_film(path, **options)


@contextmanager
def _open_analyser(library: Library) -> Iterator[Callable[..., Analysis]]:
    """Yield what does the work of `_analyse_into`, for one film after another."""
    from studio.analysing import analyse_once
    from studio.crews import open_crew

    with open_crew(library.settings) as crew:

        def analyse_film(path: Path, **options: Any) -> Analysis:
            with ProgressLine(sys.stderr) as line:
                return analyse_once(library, path, crew=crew, report=line.report, **options)

        yield analyse_film


def _find_choices(library: Library, analysis: Analysis, options: Namespace) -> MomentChoices:
    """What a person has decided about a cut, with the number and the lengths that this command asks for."""
    kept = library.decisions.load_choices(analysis.cut.cut_id)
    return replace(kept, most=options.top, template=options.template or kept.template)


def _find_analysis(library: Library, cut: str) -> Analysis:
    """Find the analysis of a library id, or of a film's file, which is analysed if it was not yet, or not like that."""
    path = Path(cut)
    if not is_there(path):
        try:
            return library.load_analysis(cut)
        except LibraryError as error:
            raise LibraryError(error.message, "Give an id from `library list`, or the path of a film.") from error
    return _analyse_into(library, path)


def _explain(error: Exception) -> FilmError | None:
    """Say what a person can do about an error that is no bug; None if it is one."""
    if is_full(error):
        return LibraryError(*FULL)
    if isinstance(error, MemoryError):
        return WorkLost("This machine has not enough memory for that.", "Close other programs, then try again.")
    return None


def _print_error(error: FilmError, *, as_json: bool) -> None:
    """Tell a person, or a script, what happened and what to do about it."""
    if as_json:
        kind = type(error).__name__
        print_json({"error": {"kind": kind, "message": error.message, "hint": error.hint}})
        return
    print(f"{error.message}\n{error.hint}", file=sys.stderr)
