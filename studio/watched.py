"""Films in the folders that the administrator allows: offered on the Library page, and read where they are."""

import os
import time
from collections.abc import Iterator, Set
from dataclasses import dataclass
from pathlib import Path

from studio.media import CONTENT_TYPES
from studio.settings import Settings

FILM_SUFFIXES = frozenset(CONTENT_TYPES) | {".mxf", ".avi", ".mpg", ".mpeg", ".ts", ".m2ts", ".mts", ".aif", ".aiff"}
"""What the name of a film or sound file ends in; other files of a watched folder are not offered."""

LISTED = 200
LOOKED_AT = 20_000
"""So many films are offered, out of so many files: a folder may turn out to be a whole archive."""

SETTLED_S = 10
"""A file that changed within so many seconds may still be on its way into the folder."""


@dataclass(frozen=True, kw_only=True)
class WatchedFilm:
    """A film in a watched folder.

    Attributes:
        path: the file.
        name: its path inside the watched folder, for people.
        size: bytes.
        is_settled: whether it has stopped growing, as far as can be told.
    """

    path: Path
    name: str
    size: int
    is_settled: bool


def list_watched(settings: Settings, *, known: Set[Path]) -> list[WatchedFilm]:
    """List the films of the watched folders, the one that was changed last first.

    Hidden files and folders are left out, and links that lead out of the folder.

    Args:
        settings: this machine's settings.
        known: films that are not to be offered, because the library has them or is about to.

    Returns:
        At most `LISTED` films.
    """
    now_s, found = time.time(), []
    for root in settings.watched:
        for path in _walk(root):
            if path in known:
                continue
            try:
                facts = path.stat()
                inside = path.resolve().is_relative_to(root.resolve())
            except OSError:  # It was moved away this moment.
                continue
            if inside and facts.st_size:
                film = WatchedFilm(
                    path=path,
                    name=str(path.relative_to(root))
                    .encode("utf-8", "replace")
                    .decode(),  # It may be in a legacy encoding.
                    size=facts.st_size,
                    is_settled=now_s - facts.st_mtime > SETTLED_S,
                )
                found.append((facts.st_mtime, film))
    return [film for _, film in sorted(found, key=lambda pair: (-pair[0], pair[1].name))][:LISTED]


def _walk(root: Path) -> Iterator[Path]:
    """Walk through the films below a folder, `LOOKED_AT` files at most."""
    left = LOOKED_AT
    for folder, subfolders, names in os.walk(root):
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        for name in names:
            left -= 1
            if left < 0:
                return
            path = Path(folder, name)
            if not name.startswith(".") and path.suffix.lower() in FILM_SUFFIXES:
                yield path
