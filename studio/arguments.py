"""The words of the command line: every command, its arguments and its help."""

from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from pipeline.bins import BINS
from pipeline.export.formats import FORMATS
from pipeline.templates import TEMPLATES
from pipeline.types import CURVES


def build_parser() -> ArgumentParser:
    """Build the parser; `command` names the command, `json` is always there."""
    parser = ArgumentParser(
        prog="python -m studio", description="Draws the through-line of a cut: tension and emotion, second by second."
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    _add_analyse(commands)
    _add_rank(commands)
    _add_trailer(commands)
    _add_compare(commands)
    _add_explain(commands)
    _add_export(commands)
    _add_library(commands)
    _add_ratings(commands)
    _add_jobs(commands)
    _add_train(commands)
    _add_evaluate(commands)
    _add_serve(commands)
    return parser


def _add_analyse(commands: Any) -> None:
    """Add `analyse`."""
    command = _add_command(commands, "analyse", "analyse a film and write its curves, shots and segments")
    command.add_argument("cut", metavar="CUT", type=Path, nargs="?", help="the film's file")
    command.add_argument("--again", metavar="ID", nargs="+", default=[], help="cuts of the library to analyse again")
    command.add_argument("--old", action="store_true", help="analyse again every cut that an older version analysed")
    command.add_argument(
        "--live",
        action="store_true",
        help="follow a film that is still being written, by weights of its own, then analyse the whole of it",
    )
    command.add_argument(
        "--patience",
        metavar="SECONDS",
        type=_read_count,
        default=30,
        help="with --live, how long a film stands still before it counts as finished (default: 30)",
    )
    command.add_argument("--transcript", metavar="FILE", type=Path, help="its subtitles: .srt, .vtt or .ass")
    command.add_argument(
        "--start-timecode",
        metavar="TC",
        help="the timecode of its first frame, 01:00:00:00, or 01:00:00;00 for drop-frame (default: the file's own)",
    )
    command.add_argument("--title", metavar="T", help="what to call it (default: the file's name)")
    command.add_argument("--out", metavar="DIR", type=Path, help="where to write (default: ./NAME-throughline)")


def _add_rank(commands: Any) -> None:
    """Add `rank`."""
    command = _add_command(commands, "rank", "list the best moments of a cut with their reasons")
    command.add_argument("cut", metavar="CUT|ID", help="the film's file, or an id from `library list`")
    command.add_argument("--top", metavar="N", type=_read_count, default=10, help="how many (default: 10)")
    command.add_argument(
        "--template", choices=tuple(TEMPLATES), help="moments of the lengths that this kind of trailer wants"
    )


def _add_trailer(commands: Any) -> None:
    """Add `trailer`."""
    command = _add_command(commands, "trailer", "put a trailer together, and write its preview")
    command.add_argument("cut", metavar="CUT|ID", help="the film's file, or an id from `library list`")
    command.add_argument("--template", required=True, choices=tuple(TEMPLATES), help="the kind of trailer")
    command.add_argument("--anew", action="store_true", help="put it together anew, though one is at work in the app")
    command.add_argument("--music", metavar="FILE", type=Path, help="a temp track on whose beats it is cut")
    command.add_argument("--person", metavar="NAME", default="", help="for whom the preview is made; burned into it")
    command.add_argument("--out", metavar="DIR", type=Path, help="where to write (default: ./TITLE-TEMPLATE)")


def _add_compare(commands: Any) -> None:
    """Add `compare`."""
    command = _add_command(commands, "compare", "lay one cut over another: what changed, and what it did")
    command.add_argument("a", metavar="A", help="the first cut: a film's file, or an id from `library list`")
    command.add_argument("b", metavar="B", help="the second cut")
    command.add_argument("--out", metavar="DIR", type=Path, help="where to write (default: ./NAME-compared)")


def _add_explain(commands: Any) -> None:
    """Add `explain`."""
    command = _add_command(commands, "explain", "say why a curve stands where it stands")
    command.add_argument("cut", metavar="CUT|ID", help="the film's file, or an id from `library list`")
    command.add_argument("--at", metavar="TC", required=True, help="the timecode, 00:01:23 or with frames 00:01:23:00")
    command.add_argument("--until", metavar="TC", help="the timecode at which a span ends (default: one second)")
    command.add_argument("--curve", choices=CURVES, default="tension", help="which curve (default: tension)")


def _add_export(commands: Any) -> None:
    """Add `export`."""
    command = _add_command(commands, "export", "write one cut in one format")
    command.add_argument("cut", metavar="CUT|ID", help="the film's file, or an id from `library list`")
    command.add_argument(
        "--format",
        required=True,
        choices=tuple(FORMATS),
        help="csv: the curves; srt: all lines; "
        "markers: moments, peaks and notes on the cut; otherwise a timeline of the best moments",
    )
    command.add_argument("--out", metavar="FILE", type=Path, help="the file to write (default: standard output)")
    command.add_argument("--top", metavar="N", type=_read_count, default=10, help="how many moments (default: 10)")
    choice = command.add_mutually_exclusive_group()
    choice.add_argument(
        "--template", choices=tuple(TEMPLATES), help="moments of the lengths that this kind of trailer wants"
    )
    choice.add_argument("--bin", choices=tuple(BINS), help="the moments of a bin instead of the best")
    command.add_argument("--in-order", action="store_true", help="in the order of the film (default: best first)")
    command.add_argument(
        "--handles", metavar="FRAMES", type=_read_frames, default=0, help="more frames on both sides of every clip"
    )
    command.add_argument("--reel", metavar="NAME", help="the film's reel (default: made of its file's name)")
    command.add_argument(
        "--record-start",
        metavar="TC",
        help="the timecode of the timeline's first frame (default: 01:00:00:00; for markers, the film's own)",
    )


def _add_jobs(commands: Any) -> None:
    """Add what begins with `jobs`."""
    text = "see what the app has at work, stop it, put it first, try it again"
    actions = commands.add_parser("jobs", help=text, description=f"{text.capitalize()}.").add_subparsers(
        metavar="ACTION", required=True
    )
    listing = _add_command(actions, "list", "list the jobs at work and those that wait", "jobs list")
    listing.add_argument("--all", action="store_true", help="also those that have ended")
    for name, what in (
        ("cancel", "stop jobs"),
        ("raise", "put jobs before all others"),
        ("retry", "try jobs again that failed or were cancelled"),
    ):
        command = _add_command(actions, name, what, f"jobs {name}")
        command.add_argument("ids", metavar="ID", nargs="+", help="an id from `jobs list`")


def _add_library(commands: Any) -> None:
    """Add what begins with `library`."""
    text = "see what is kept, look after it, and get rid of it"
    actions = commands.add_parser("library", help=text, description=f"{text.capitalize()}.").add_subparsers(
        metavar="ACTION", required=True
    )
    listing = _add_command(actions, "list", "list every cut", "library list")
    listing.add_argument("--old", action="store_true", help="only those that an older version analysed")
    listing.add_argument("--tag", metavar="TAG", help="only those with this tag")
    show = _add_command(actions, "show", "show what is known of one cut", "library show")
    version = _add_command(actions, "version", "say which version of which title a cut is", "library version")
    note = _add_command(actions, "note", "note something at an instant of a cut", "library note")
    tag = _add_command(actions, "tag", "tag a cut", "library tag")
    for command in (show, version, note, tag):
        command.add_argument("id", metavar="ID", help="its id, or the beginning of it")
    version.add_argument("name", metavar="NAME", nargs="?", help="what the version is called, such as director's")
    version.add_argument("--of", metavar="TITLE", help="the title whose version it is")
    version.add_argument("--position", metavar="N", type=_read_count, help="its place among the versions, from 1 on")
    note.add_argument("text", metavar="TEXT", help="what is to be noted; with --remove, the id of a note")
    what = note.add_mutually_exclusive_group(required=True)
    what.add_argument("--at", metavar="TC", help="the timecode of the film that it is about")
    what.add_argument("--remove", action="store_true", help="take the note away")
    tag.add_argument("tags", metavar="TAG", nargs="+", help="a tag")
    tag.add_argument("--remove", action="store_true", help="take the tags off")
    remove = _add_command(actions, "remove", "forget cuts, and delete uploaded films", "library remove")
    remove.add_argument("ids", metavar="ID", nargs="+", help="an id, or the beginning of one")
    purge = _add_command(actions, "purge", "delete everything the library holds, uploads included", "library purge")
    purge.add_argument("--yes", action="store_true", help="do it; without this nothing is deleted")
    check = _add_command(actions, "check", "find what was left behind or lost, and mend it", "library check")
    check.add_argument("--dry-run", action="store_true", help="only say what would be found")
    backup = _add_command(actions, "backup", "write everything into one archive", "library backup")
    films = backup.add_mutually_exclusive_group()
    text = "films and subtitles that lie elsewhere as well (default: those that were uploaded)"
    films.add_argument("--all-films", dest="films", action="store_const", const="all", default="own", help=text)
    text = "no films and subtitles, not even those that were uploaded"
    films.add_argument("--without-films", dest="films", action="store_const", const="none", help=text)
    restore = _add_command(actions, "restore", "put an archive back into an empty library", "library restore")
    for command in (backup, restore):
        command.add_argument("file", metavar="FILE", type=Path, help="the archive")


def _add_ratings(commands: Any) -> None:
    """Add what begins with `ratings`."""
    text = "see what people rated, and take ratings in and out as tables"
    actions = commands.add_parser("ratings", help=text, description=f"{text.capitalize()}.").add_subparsers(
        metavar="ACTION", required=True
    )
    _add_command(actions, "list", "list who rated what, and how far they agree", "ratings list")
    taking = _add_command(actions, "import", "keep the ratings of tables", "ratings import")
    taking.add_argument("files", metavar="CSV", type=Path, nargs="+", help="a table, one row a second")
    taking.add_argument("--cut", metavar="ID", help="the cut of a table that has no column `cut`")
    taking.add_argument("--curve", choices=CURVES, help="the curve of a table that has no column `curve`")
    taking.add_argument(
        "--scale", metavar="LOW,HIGH", help="the scale that was rated on, such as 0,100 (default: the curve's own)"
    )
    giving = _add_command(actions, "export", "write the ratings of a cut as a table", "ratings export")
    giving.add_argument("--out", metavar="FILE", type=Path, help="the file to write (default: standard output)")
    removing = _add_command(actions, "remove", "delete what a person rated of a cut", "ratings remove")
    removing.add_argument("--curve", choices=CURVES, help="only of this curve")
    for command in (giving, removing):
        command.add_argument("id", metavar="ID", help="the cut's id, or the beginning of it")
        command.add_argument("--rater", metavar="NAME", required=command is removing, help="only this person's")


def _add_train(commands: Any) -> None:
    """Add `train`."""
    command = _add_command(commands, "train", "train a shipped model anew, or a copy of the curves on your own ratings")
    what = command.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "toml", metavar="TOML", type=Path, nargs="?", help="the training run, such as models/curve_net.toml"
    )
    what.add_argument(
        "--ratings", metavar="DIR", type=Path, help="a folder of tables of ratings, of cuts that are in the library"
    )


def _add_evaluate(commands: Any) -> None:
    """Add `evaluate`."""
    command = _add_command(commands, "evaluate", "measure a model")
    command.add_argument("kind", choices=("curves", "shots", "text"), help="which model")
    command.add_argument("--shipped", action="store_true", help="score the shipped weights as they are")
    command.add_argument("--ratings", metavar="CSV", type=Path, help="with --shipped: a ratings file to score against")
    command.add_argument(
        "--segments", metavar="N,N", type=_read_numbers, default=(), help="with --shipped: which of the film's segments"
    )
    command.add_argument(
        "--shots", metavar="CSV", type=Path, help="with shots --shipped: a list of shots to score against"
    )
    command.add_argument("--lines", metavar="TSV", type=Path, help="with text --shipped: a file of labelled lines")


def _add_serve(commands: Any) -> None:
    """Add `serve`."""
    command = _add_command(commands, "serve", "run the web app")
    command.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: this machine only)")
    command.add_argument("--port", type=int, default=8501, help="the port to listen on (default: 8501)")
    command.add_argument("--demo", action="store_true", help="put the demo film into a library that is empty")


def _add_command(commands: Any, word: str, text: str, command: str | None = None) -> ArgumentParser:
    """Add one command with its help and the flag that every command has."""
    parser: ArgumentParser = commands.add_parser(word, help=text, description=f"{text.capitalize()}.")
    parser.set_defaults(command=command or word)
    parser.add_argument("--json", action="store_true", help="write for a program, errors included")
    return parser


def _read_count(text: str) -> int:
    """Read how many are wanted, at least one."""
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is not a number from 1 on")
    return int(text)


def _read_frames(text: str) -> int:
    """Read a number of frames, 0 or more."""
    if not text.isdecimal():
        raise ArgumentTypeError(f"{text!r} is not a number of frames")
    return int(text)


def _read_numbers(text: str) -> tuple[int, ...]:
    """Read `2,5` as numbers."""
    try:
        return tuple(int(word) for word in text.split(","))
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is not a list of numbers like 2,5") from error
