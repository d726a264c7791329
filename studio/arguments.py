"""The words of the command line: every command, its arguments and its help."""

from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from pipeline.segments import TEMPLATE_LENGTHS
from studio.folder import EXPORTS


def build_parser() -> ArgumentParser:
    """Build the parser; `command` names the command, `json` is always there."""
    parser = ArgumentParser(
        prog="python -m studio", description="Draws the through-line of a cut: tension and emotion, second by second."
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    _add_analyse(commands)
    _add_rank(commands)
    _add_compare(commands)
    _add_export(commands)
    _add_library(commands)
    _add_train(commands)
    _add_evaluate(commands)
    _add_serve(commands)
    return parser


def _add_analyse(commands: Any) -> None:
    """Add `analyse`."""
    command = _add_command(commands, "analyse", "analyse a film and write its curves, shots and segments")
    command.add_argument("cut", metavar="CUT", type=Path, help="the film's file")
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
        "--template", choices=tuple(TEMPLATE_LENGTHS), help="moments of the lengths that this kind of trailer wants"
    )


def _add_compare(commands: Any) -> None:
    """Add `compare`."""
    command = _add_command(commands, "compare", "lay one cut over another: what changed, and what it did")
    command.add_argument("a", metavar="A", help="the first cut: a film's file, or an id from `library list`")
    command.add_argument("b", metavar="B", help="the second cut")
    command.add_argument("--out", metavar="DIR", type=Path, help="where to write (default: ./NAME-compared)")


def _add_export(commands: Any) -> None:
    """Add `export`."""
    command = _add_command(commands, "export", "write one cut in one format")
    command.add_argument("cut", metavar="CUT|ID", help="the film's file, or an id from `library list`")
    command.add_argument("--format", required=True, choices=tuple(EXPORTS), help="the format")
    command.add_argument("--out", metavar="FILE", type=Path, help="the file to write (default: standard output)")


def _add_library(commands: Any) -> None:
    """Add `library list`, `library show` and `library remove`."""
    text = "see what is kept, and get rid of it"
    actions = commands.add_parser("library", help=text, description=f"{text.capitalize()}.").add_subparsers(
        metavar="ACTION", required=True
    )
    _add_command(actions, "list", "list every cut", "library list")
    show = _add_command(actions, "show", "show what is known of one cut", "library show")
    show.add_argument("id", metavar="ID", help="its id, or the beginning of it")
    remove = _add_command(actions, "remove", "forget cuts, and delete uploaded films", "library remove")
    remove.add_argument("ids", metavar="ID", nargs="+", help="an id, or the beginning of one")


def _add_train(commands: Any) -> None:
    """Add `train`."""
    command = _add_command(commands, "train", "train a shipped model anew")
    command.add_argument("toml", metavar="TOML", type=Path, help="the training run, such as models/curve_net.toml")


def _add_evaluate(commands: Any) -> None:
    """Add `evaluate`."""
    command = _add_command(commands, "evaluate", "measure a model")
    command.add_argument("kind", choices=("curves", "text"), help="which model")
    command.add_argument("--shipped", action="store_true", help="score the shipped weights as they are")
    command.add_argument("--ratings", metavar="CSV", type=Path, help="with --shipped: a ratings file to score against")
    command.add_argument(
        "--segments", metavar="N,N", type=_read_numbers, default=(), help="with --shipped: which of the film's segments"
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


def _read_numbers(text: str) -> tuple[int, ...]:
    """Read `2,5` as numbers."""
    try:
        return tuple(int(word) for word in text.split(","))
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is not a list of numbers like 2,5") from error
