"""Addresses of films: how watched places are written, and which films a person may name in the browser.

What is read is put together of the administrator's place and what a person wrote behind it: host and folder are never the
person's, and what is behind them holds nothing that leads out of them.
"""

import os
import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote

from pipeline.errors import FileUnreadable
from pipeline.places import SCHEMES_OF_THIS_MACHINE, is_remote, name_url

_URL = re.compile(r"([a-z][a-z0-9+]+)://(.*)", re.IGNORECASE | re.DOTALL)
_CHAIN = re.compile(r"::\s*[a-z][a-z0-9+]+://", re.IGNORECASE)

_FORBIDDEN_CATEGORIES = ("Cc", "Cs")
"""Control characters, which some readers of URLs drop, and halves of characters, which none can send."""


def split_places(text: str, *, separator: str = os.pathsep) -> list[str]:
    """Split folders and URLs, of which the system's separator stands between two.

    The `:` behind a scheme separates nothing, nor does the one before the port of a URL's host. No other may be in a place.

    Args:
        text: such as `/srv/films:s3://films:https://host:8080/films`.
        separator: what stands between two places.

    Returns:
        The places, without those that are empty.

    Raises:
        ValueError: a chained URL, which would be taken for two places; in words that go on from "It".
    """
    if _CHAIN.search(text):
        raise ValueError("chains URLs with '::'")
    end = re.escape(separator)
    host = rf"(?:[^/{end}]*:[^/{end}]*@)?[^/{end}]*(?::\d+(?=\s*(?:[/{end}]|$)))?"
    place = rf"\s*[a-z][a-z0-9+]+://{host}[^{end}]*|[^{end}]+"
    return [found.strip() for found in re.findall(place, text, re.IGNORECASE) if found.strip()]


def url_to_path(url: str) -> Path:
    """Write a URL as the path that stands for what is there, as `pipeline.places` has it.

    Args:
        url: whatever a person wrote.

    Raises:
        ValueError: it is none, or holds what could lead elsewhere than it seems to; in words that go on from "It".
    """
    match = _URL.fullmatch(url.strip())
    if "::" in url:
        raise ValueError("chains URLs with '::'")
    if match is None:
        raise ValueError("does not begin like s3:// or https://")
    if "?" in url:
        raise ValueError("holds a question mark")
    path = Path(f"{match[1].lower()}://{match[2]}")
    parts = [_decode(part) for part in path.parts[1:]]
    if not parts:
        raise ValueError("names no folder")
    if "@" in parts[0]:
        raise ValueError("names a user")
    for part in parts:
        if any(letter in "/\\\ufffd" or unicodedata.category(letter) in _FORBIDDEN_CATEGORIES for letter in part):
            raise ValueError("holds a letter that does not belong into a name")
        if part.split(";")[0].strip() in (".", ".."):
            raise ValueError("leads out of its folder by '..'")
    return path


def find_film(url: str, places: Iterable[Path]) -> Path:
    """Find the film behind a URL, if it lies below one of the watched URLs.

    Args:
        url: whatever a person wrote.
        places: watched places; folders of this machine count for nothing here.

    Returns:
        Its path, as `pipeline.places` has it.

    Raises:
        FileUnreadable: it does not, or may lead elsewhere.
    """
    stores = [place for place in places if is_remote(place)]
    reason = "lies in no place that is allowed here"
    try:
        asked = url_to_path(url)
    except ValueError as error:
        reason = str(error)
    else:
        for place in stores:
            begun, rest = asked.parts[: len(place.parts)], asked.parts[len(place.parts) :]
            film = place.joinpath(*rest)
            if rest and _fold_host(begun) == _fold_host(place.parts) and not _leads_out(film, place):
                return film
    raise FileUnreadable(
        f"The address {url.strip()!r} {reason}.",
        f"Give that of a film below {' or '.join(map(name_url, stores))}; the administrator allows other places by "
        "THROUGHLINE_WATCHED.",
    )


def _decode(part: str) -> str:
    """Decode what is percent-encoded, however often."""
    while (decoded := unquote(part)) != part:
        part = decoded
    return part


def _fold_host(parts: tuple[str, ...]) -> tuple[str, ...]:
    """Write the host, of which case says nothing, in small letters; the scheme is."""
    return tuple(part.lower() for part in parts[:2]) + parts[2:]


def _leads_out(film: Path, place: Path) -> bool:
    """Whether links lead from a place of this machine to a film outside of it."""
    if film.parts[0] not in SCHEMES_OF_THIS_MACHINE:
        return False
    here, root = (Path("/", *path.parts[1:]).resolve() for path in (film, place))
    return not here.is_relative_to(root)
