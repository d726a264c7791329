"""Watched places behind URLs: listed in the background, so that no page waits for a network."""

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from pipeline.errors import FileUnreadable
from pipeline.places import name_url
from studio.addresses import find_film
from studio.watched import LOOKED_AT, Listing, WatchedFilm, is_film_name, make_film

FRESH_S = 60.0
"""A store is listed anew when somebody looks and its last listing is older: a listing costs requests."""

PATIENCE_S = 20.0
"""After so long a person is told that a store does not answer; it may do so still."""

LISTING_S = 60.0
"""So long one listing goes on into further folders."""

REASON_LETTERS = 80
"""What a store says at greater length is for the log."""

DATES = ("mtime", "LastModified", "last_modified", "updated", "modificationTime", "created")
"""Where stores say when a file was changed; the first one that is there counts."""

MILLISECONDS_FROM = 1e11
"""Seconds since 1970 do not come to as much for three thousand years."""

logger = logging.getLogger(__name__)


def list_store(place: Path) -> Listing:
    """List the films behind a watched URL, which takes as long as the store takes.

    Hidden files and folders are left out, links, and films whose name a URL cannot hold.

    Args:
        place: the place, as `pipeline.places` has it.

    Returns:
        Its films, or why they cannot be listed.
    """
    url = name_url(place)
    try:
        return Listing(films=tuple(_find_films(place)))
    except (FileNotFoundError, NotADirectoryError):
        message, hint = f"There is no folder {url}.", "Check THROUGHLINE_WATCHED, and this machine's keys to the store."
    except Exception as error:  # Each store raises what its own library does.
        logger.warning("The films in %s could not be listed: %r", url, error)
        reason = str(error).rstrip(".")
        if not 0 < len(reason) <= REASON_LETTERS:
            reason = "its store does not answer as it should"
        message = f"The films in {url} cannot be listed: {reason}."
        if isinstance(error, ImportError | ValueError):
            hint = "Check THROUGHLINE_WATCHED, and install the store's own package here and on the workers."
        else:
            hint = "Check this machine's keys to the store and the network; the log says more."
    return Listing(problem=FileUnreadable(message, hint))


class Stores:
    """The watched stores of this process, each listed in a thread of its own.

    Args:
        list_store: what lists one.
    """

    def __init__(self, list_store: Callable[[Path], Listing] = list_store) -> None:
        self._list_store = list_store
        self._lock = threading.Lock()
        self._asked_s: dict[Path, float] = {}
        self._listed: dict[Path, tuple[float, Listing]] = {}

    def look(self, place: Path) -> Listing:
        """Return at once what is known of a store, and have it listed where that is nothing, or old."""
        now_s = time.monotonic()
        with self._lock:
            listed_s, listing = self._listed.get(place, (now_s, None))
            if place not in self._asked_s and (listing is None or now_s - listed_s > FRESH_S):
                self._asked_s[place] = now_s
                threading.Thread(target=self._list, args=(place,), name=f"list {place}", daemon=True).start()
            waited_s = now_s - self._asked_s.get(place, now_s)
        if listing is not None:
            return listing
        if waited_s <= PATIENCE_S:
            return Listing(is_complete=False)
        message = f"{name_url(place)} has not answered for {PATIENCE_S:.0f} seconds."
        return Listing(problem=FileUnreadable(message, "Check the network, then reload this page."))

    def _list(self, place: Path) -> None:
        """List a store, and keep what was found."""
        listing = self._list_store(place)
        with self._lock:
            self._listed[place] = (time.monotonic(), listing)
            del self._asked_s[place]


def _find_films(place: Path) -> Iterator[WatchedFilm]:
    """Walk through the films below a store's folder, `LOOKED_AT` files and `LISTING_S` seconds at most."""
    import fsspec

    deadline_s, left, errors = time.monotonic() + LISTING_S, LOOKED_AT, list[OSError]()
    system, root = fsspec.core.url_to_fs(name_url(place))
    system.invalidate_cache()
    for folder, subfolders, files in system.walk(root, on_error=errors.append, detail=True):
        if files.keys() == {""} and files[""].get("size"):  # The place itself is a file.
            raise NotADirectoryError(name_url(place))
        for name in [name for name in subfolders if name.startswith(".")]:
            del subfolders[name]
        inside = folder.removeprefix(root.rstrip("/")).strip("/")
        for name, facts in files.items():
            if facts["type"] == "file" and facts.get("size") != 0 and is_film_name(name):
                film = _read_film(place, f"{inside}/{name}".lstrip("/"), facts)
                if film is not None:
                    yield film
        left -= len(files)
        if left < 0 or time.monotonic() > deadline_s:
            return
    if errors:  # Of the place itself: those of its folders are passed over.
        raise errors[0]


def _read_film(place: Path, name: str, facts: Mapping[str, Any]) -> WatchedFilm | None:
    """Make the entry of a film, of which a store says these facts; None where no URL leads to it alone."""
    try:
        path = find_film(f"{name_url(place)}/{name}", [place])
    except FileUnreadable:
        return None
    if path.parts[len(place.parts) :] != tuple(name.split("/")):
        return None
    is_encoded = place.parts[0] in ("http:", "https:")
    return make_film(
        path,
        place,
        name=unquote(name) if is_encoded else name,
        size=facts.get("size"),
        changed_s=_read_date(facts),
    )


def _read_date(facts: Mapping[str, Any]) -> float | None:
    """Return when a file was changed, seconds since 1970; None where its store does not say."""
    for said in (facts.get(key) for key in DATES):
        if isinstance(said, datetime):
            return said.timestamp()
        if isinstance(said, int | float):
            return said / 1000 if said > MILLISECONDS_FROM else float(said)
        if isinstance(said, str):
            with contextlib.suppress(ValueError):
                return datetime.fromisoformat(said).timestamp()
    return None
