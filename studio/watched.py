"""Films in the places that the administrator allows: offered on the Library page, and read where they are."""

import os
import time
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import FileUnreadable
from studio.media import CONTENT_TYPES

FILM_SUFFIXES = frozenset(CONTENT_TYPES) | {".mxf", ".avi", ".mpg", ".mpeg", ".ts", ".m2ts", ".mts", ".aif", ".aiff"}
"""What the name of a film or sound file ends in; other files of a watched place are not offered."""

LISTED = 200
LOOKED_AT = 20_000
"""So many films are offered, out of so many files of a place: it may turn out to be a whole archive."""

SETTLED_S = 10
"""A file that changed within so many seconds may still be on its way into its place."""


@dataclass(frozen=True, kw_only=True)
class WatchedFilm:
    """A film in a watched place.

    Attributes:
        path: the film, as `pipeline.places` has it.
        place: the watched place.
        name: its path inside the place, for people.
        size: bytes; None where the place does not say.
        changed_s: when it was changed last, seconds since 1970; None where the place does not say.
        is_settled: whether it has stopped growing, as far as can be told.
    """

    path: Path
    place: Path
    name: str
    size: int | None
    changed_s: float | None
    is_settled: bool


@dataclass(frozen=True, kw_only=True)
class Listing:
    """What is known of a watched place.

    Attributes:
        films: those found in it, in no order.
        problem: why it cannot be listed; None where it could.
        is_complete: whether it has been listed at all, or it is known why not.
    """

    films: tuple[WatchedFilm, ...] = ()
    problem: FileUnreadable | None = None
    is_complete: bool = True


def list_folder(root: Path) -> Listing:
    """List the films of a watched folder of this machine.

    Hidden files and folders are left out, and links that lead out of the folder.

    Args:
        root: the folder.

    Returns:
        Its films, or why they cannot be listed.
    """
    try:
        with os.scandir(root):
            inside = root.resolve()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        hint = "Check THROUGHLINE_WATCHED, and that the disk is there."
        return Listing(problem=FileUnreadable(f"The films in {root} cannot be listed: {reason}.", hint))
    films = []
    for path in _walk(root):
        try:
            facts = path.stat()
            is_inside = path.resolve().is_relative_to(inside)
        except OSError:  # It was moved away this moment.
            continue
        if is_inside and facts.st_size:
            name = str(path.relative_to(root)).encode("utf-8", "replace").decode()  # It may be in a legacy encoding.
            films.append(make_film(path, root, name=name, size=facts.st_size, changed_s=facts.st_mtime))
    return Listing(films=tuple(films))


def make_film(path: Path, place: Path, *, name: str, size: int | None, changed_s: float | None) -> WatchedFilm:
    """Make the entry of a film; the arguments are as its attributes."""
    is_settled = changed_s is None or time.time() - changed_s > SETTLED_S
    return WatchedFilm(path=path, place=place, name=name, size=size, changed_s=changed_s, is_settled=is_settled)


def is_film_name(name: str) -> bool:
    """Whether a file is offered, by its name: hidden ones are not."""
    return not name.startswith(".") and Path(name).suffix.lower() in FILM_SUFFIXES


def offer_films(listings: Iterable[Listing], *, known: Set[Path]) -> list[WatchedFilm]:
    """Choose what is offered, the film that was changed last first.

    Args:
        listings: what is known of the watched places, of which one may be in another.
        known: films that are not to be offered, because the library has them or is about to.

    Returns:
        At most `LISTED` films.
    """
    films = {film.path: film for listing in listings for film in listing.films if film.path not in known}
    return sorted(films.values(), key=lambda film: (-(film.changed_s or 0), film.name))[:LISTED]


def _walk(root: Path) -> Iterator[Path]:
    """Walk through the films below a folder, `LOOKED_AT` files at most."""
    left = LOOKED_AT
    for folder, subfolders, names in os.walk(root):
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        for name in names:
            left -= 1
            if left < 0:
                return
            if is_film_name(name):
                yield Path(folder, name)
