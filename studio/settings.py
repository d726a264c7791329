"""This machine's paths and limits, read once from the environment and documented in one table."""

import getpass
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL

from models.shipped import CURVE_WEIGHTS
from pipeline.errors import SettingError
from studio.addresses import split_places, url_to_path


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One documented environment variable.

    Attributes:
        name: the variable.
        default: what holds where it is not set, in words.
        meaning: what it decides, in one sentence.
    """

    name: str
    default: str
    meaning: str


SETTINGS = (
    Setting(
        name="THROUGHLINE_HOME",
        default="`~/.throughline`",
        meaning="The folder where the library, uploaded films and caches live; made when it is missing.",
    ),
    Setting(
        name="THROUGHLINE_DATA",
        default="`data` in the home",
        meaning="The folder of the data sets for training and benchmarks; analysing films never needs it.",
    ),
    Setting(
        name="THROUGHLINE_SCHEDULER",
        default="workers on this machine",
        meaning="The address of a Dask scheduler whose workers do the work, such as `tcp://10.0.0.5:8786`. The workers need the "
        "program and, where it is set here, the same `THROUGHLINE_CURVES` (a worker with other weights refuses the work) and a "
        "`TFHUB_CACHE_DIR` of their own; of the home they need to see `media`, where films are uploaded, and nothing else.",
    ),
    Setting(
        name="THROUGHLINE_WORKERS",
        default="one a core, four at most",
        meaning="How many workers are started on this machine, where no scheduler is named; where it is set, `analyse` "
        "starts them too, instead of reading in threads of its own.",
    ),
    Setting(
        name="THROUGHLINE_WORKER_MEMORY",
        default="an equal share of the machine's",
        meaning="How much memory one of these workers may take, such as `4GB`; one that takes more is stopped, "
        "and its work tried once more.",
    ),
    Setting(
        name="THROUGHLINE_DECODERS",
        default="the cores shared among the workers",
        meaning="How many threads decode the picture for one task of a worker; set it on the worker's own machine.",
    ),
    Setting(
        name="THROUGHLINE_JOBS_PER_PERSON",
        default="2",
        meaning="How many jobs of one person run at a time; the others wait, "
        "so that nobody waits for somebody else's archive.",
    ),
    Setting(
        name="THROUGHLINE_DATABASE",
        default="`library.sqlite` in the home",
        meaning="The library's database as an SQLAlchemy URL, such as `sqlite:////srv/films/library.sqlite` "
        "or `postgresql://user@host/films`.",
    ),
    Setting(
        name="THROUGHLINE_ANALYSES",
        default="`analyses` in the home",
        meaning="Where the curves and measurements are kept: a folder, or an fsspec URL such as `s3://films/analyses`.",
    ),
    Setting(
        name="THROUGHLINE_PERSON",
        default="the name of the operating system's user",
        meaning="Who is at work here, for the record of who did what: of commands, and of a page on which nobody gives a name.",
    ),
    Setting(
        name="THROUGHLINE_PERSON_HEADER",
        default="not set",
        meaning="The header in which a proxy in front of the app says who has signed in, such as `X-Forwarded-User`. Set it only "
        "where the app is reached through that proxy alone: anybody else can send a header, too.",
    ),
    Setting(
        name="THROUGHLINE_WATCHED",
        default="not set",
        meaning="Places whose films the Library page offers: folders, and URLs that fsspec reads, such as `s3://films/rushes`, "
        "separated by `:` (`;` on Windows); films below these URLs, and no others, may be added there by their address, too. "
        "None is copied or deleted.",
    ),
    Setting(
        name="THROUGHLINE_CURVES",
        default="the weights that ship",
        meaning="The weights that draw the curves, once you have fitted some to your own ratings: what `train --ratings` "
        "says, or a file's path. Cuts that others drew count as old then.",
    ),
    Setting(
        name="THROUGHLINE_ENCODERS",
        default="`off`",
        meaning="`hub` has MobileNetV2, YAMNet and the Universal Sentence Encoder, loaded from TensorFlow Hub, encode every "
        "film as well; they then judge how like one another its moments are.",
    ),
    Setting(
        name="TFHUB_CACHE_DIR",
        default="a temporary folder",
        meaning="The folder where TensorFlow Hub keeps these encoders; one that is filled needs no network.",
    ),
)
"""Every environment variable the program reads; the table in docs/settings.md is made of it."""

MODELS = "models"
"""The folder in the home where weights of a studio's own lie."""

MOST_LOCAL_WORKERS = 4
"""So many workers are started unless a person asks for more: each takes memory."""

JOBS_PER_PERSON = 2
"""Two, so that the end of one film does not leave workers idle."""

SCHEDULER_SCHEMES = ("tcp://", "tls://", "ws://", "wss://")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """This machine's paths and limits.

    Attributes:
        home: where the library, uploads and caches live; absolute.
        data: where the data sets are; absolute, need not exist.
        scheduler: the address of a Dask scheduler; None for workers on this machine.
        workers: how many of these there are; None for the default.
        worker_memory: how much memory one of these may take, as Dask writes it; None for an equal share.
        decoders: how many threads decode for one task; None for a share of the cores.
        jobs_per_person: how many jobs of one person run at a time.
        database: the library's database, an SQLAlchemy URL.
        analyses: where the analyses are kept, an absolute folder or an fsspec URL.
        person: who is at work here; on a page, whoever looks at it.
        person_header: the header that says who has signed in; None where none is trusted.
        watched: the places whose films the Library page offers: absolute folders, which need not exist, and URLs, as
            `pipeline.places` has them.
        curves: the weights that draw the curves; an absolute path.
        encoders: whether films are encoded by the optional encoders of TensorFlow Hub.
        hub_cache: where these are kept; None for a temporary folder.
    """

    home: Path
    data: Path
    scheduler: str | None
    workers: int | None
    worker_memory: str | None
    decoders: int | None
    jobs_per_person: int
    database: str
    analyses: str
    person: str
    person_header: str | None
    watched: tuple[Path, ...]
    curves: Path
    encoders: bool
    hub_cache: Path | None

    @property
    def local_workers(self) -> int:
        """How many workers this machine has where no scheduler is named."""
        return self.workers or min(os.cpu_count() or 1, MOST_LOCAL_WORKERS)

    @property
    def media(self) -> Path:
        """The folder of the uploaded films, which the library owns."""
        return self.home / "media"

    @property
    def models(self) -> Path:
        """The folder of the weights that were fitted to a studio's own ratings."""
        return self.home / MODELS


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read this machine's settings from the environment; an empty variable counts as not set.

    Args:
        environ: the environment.

    Returns:
        The settings, with every path absolute.

    Raises:
        SettingError: a variable holds a value that makes no sense.
    """
    home = _read_folder(environ, "THROUGHLINE_HOME") or Path("~/.throughline").expanduser().absolute()
    return Settings(
        home=home,
        data=_read_folder(environ, "THROUGHLINE_DATA") or home / "data",
        scheduler=_read_scheduler(environ),
        workers=_read_count(environ, "THROUGHLINE_WORKERS"),
        worker_memory=_read_size(environ, "THROUGHLINE_WORKER_MEMORY"),
        decoders=_read_count(environ, "THROUGHLINE_DECODERS"),
        jobs_per_person=_read_count(environ, "THROUGHLINE_JOBS_PER_PERSON") or JOBS_PER_PERSON,
        database=_read_database(environ) or _sqlite_url(home / "library.sqlite"),
        analyses=_read_place(environ, "THROUGHLINE_ANALYSES") or str(home / "analyses"),
        person=environ.get("THROUGHLINE_PERSON", "").strip() or _find_user(),
        person_header=_read_header(environ, "THROUGHLINE_PERSON_HEADER"),
        watched=_read_places(environ, "THROUGHLINE_WATCHED"),
        curves=_read_curves(environ, home / MODELS),
        encoders=_read_encoders(environ),
        hub_cache=_read_folder(environ, "TFHUB_CACHE_DIR"),
    )


def settings_table() -> str:
    """Draw the table of every setting as Markdown, ending in a line break."""
    rows = [f"| `{setting.name}` | {setting.default} | {setting.meaning} |" for setting in SETTINGS]
    return "\n".join(["| Variable | Default | Meaning |", "|---|---|---|", *rows]) + "\n"


def _read_folder(environ: Mapping[str, str], name: str) -> Path | None:
    """Read a folder's path, which may be missing but may not be a file."""
    text = environ.get(name, "").strip()
    return _check_folder(text, name) if text else None


def _read_places(environ: Mapping[str, str], name: str) -> tuple[Path, ...]:
    """Read several places, each a folder's path or an fsspec URL, without looking behind the URLs."""
    try:
        texts = split_places(environ.get(name, ""))
        return tuple(url_to_path(text) if "://" in text else _check_folder(text, name) for text in texts)
    except ValueError as error:
        hint = f"Write URLs like s3://films or https://host/films, with {os.pathsep!r} between two places."
        raise SettingError(f"{name} holds a URL that {error}.", hint) from error


def _check_folder(text: str, name: str) -> Path:
    """Make a folder's path absolute, and refuse a file."""
    try:
        folder = Path(text).expanduser().absolute()
        is_file = folder.exists() and not folder.is_dir()
    except (OSError, RuntimeError, ValueError) as error:
        raise SettingError(f"{name} is {text!r}, which is not a path: {error}.", "Set it to a folder.") from error
    if is_file:
        raise SettingError(f"{name} is {text!r}, which is a file.", "Set it to a folder.")
    return folder


def _read_place(environ: Mapping[str, str], name: str) -> str | None:
    """Read a folder's path or an fsspec URL, without looking there."""
    text = environ.get(name, "").strip()
    if "://" in text:
        return text
    folder = _read_folder(environ, name)
    return None if folder is None else str(folder)


def _read_encoders(environ: Mapping[str, str]) -> bool:
    """Read whether the optional encoders are wanted."""
    text = environ.get("THROUGHLINE_ENCODERS", "").strip().casefold()
    if text not in ("", "off", "hub"):
        raise SettingError(f"THROUGHLINE_ENCODERS is {text!r}, which is no choice.", "Set it to hub, or to off.")
    return text == "hub"


def _read_curves(environ: Mapping[str, str], models: Path) -> Path:
    """Read which weights draw the curves: a file, or the name of one in the home's folder of models."""
    text = environ.get("THROUGHLINE_CURVES", "").strip()
    if not text:
        return CURVE_WEIGHTS
    for path in (models / f"{text}{CURVE_WEIGHTS.suffix}", Path(text).expanduser().absolute()):
        if path.is_file():
            return path
    raise SettingError(
        f"THROUGHLINE_CURVES is {text!r}, and there are no such weights.",
        f"Set it to the path of a {CURVE_WEIGHTS.suffix} file or to a name in {models}, or unset it for those that ship.",
    )


def _read_count(environ: Mapping[str, str], name: str) -> int | None:
    """Read a whole number from 1 on."""
    text = environ.get(name, "").strip()
    if text and not (text.isdecimal() and int(text) > 0):
        raise SettingError(f"{name} is {text!r}, which is no count.", "Set it to a whole number from 1 on.")
    return int(text) if text else None


def _read_size(environ: Mapping[str, str], name: str) -> str | None:
    """Read an amount of memory."""
    text = environ.get(name, "").strip()
    if text and not re.fullmatch(r"[1-9]\d*(\.\d+)?\s*[KMGT]i?B", text, re.IGNORECASE):
        raise SettingError(f"{name} is {text!r}, which is no amount of memory.", "Write it like 4GB or 900MB.")
    return text or None


def _read_header(environ: Mapping[str, str], name: str) -> str | None:
    """Read the name of an HTTP header."""
    text = environ.get(name, "").strip()
    if text and not re.fullmatch(r"[A-Za-z0-9-]+", text):
        raise SettingError(f"{name} is {text!r}, which is no header's name.", "Write it like X-Forwarded-User.")
    return text or None


def _find_user() -> str:
    """Return the name of the operating system's user; a container may run under a number that has none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def _read_scheduler(environ: Mapping[str, str]) -> str | None:
    """Read a Dask scheduler's address."""
    text = environ.get("THROUGHLINE_SCHEDULER", "").strip()
    if text and not text.startswith(SCHEDULER_SCHEMES):
        raise SettingError(
            f"THROUGHLINE_SCHEDULER is {text!r}, which is not the address of a Dask scheduler.",
            "Write it like tcp://10.0.0.5:8786, or unset it to use this machine.",
        )
    return text or None


def _sqlite_url(path: Path) -> str:
    """Write a file's path as a database URL, where `?` and `%` would mean something else."""
    return URL.create("sqlite", database=str(path)).render_as_string()


def _read_database(environ: Mapping[str, str]) -> str | None:
    """Read a database URL, without connecting to it."""
    text = environ.get("THROUGHLINE_DATABASE", "").strip()
    dialect, separator, rest = text.partition("://")
    if text and not (separator and dialect and rest):
        raise SettingError(
            f"THROUGHLINE_DATABASE is {text!r}, which is not a database URL.",
            "Write it like sqlite:////srv/films/library.sqlite, or unset it to keep the library in the home.",
        )
    return text or None
