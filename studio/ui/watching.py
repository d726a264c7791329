"""The films of the watched places, and the field for the address of one: what needs no upload."""

import hashlib
import html
import os
from collections.abc import Set
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote

import streamlit as st

from pipeline.errors import FileUnreadable
from pipeline.places import is_remote, name_url
from studio.addresses import find_film
from studio.entries import BATCH, UNFINISHED, USUAL
from studio.jobs import current_jobs
from studio.ui.frame import plain, show_failure
from studio.ui.resources import get_library, get_settings, get_stores
from studio.ui.state import form_key, renew_form
from studio.watched import Listing, WatchedFilm, list_folder, offer_films

LOOK_S = 1.0
"""How often it is looked whether a store has answered."""

ADDRESS_LETTERS = 2000


def show_address() -> None:
    """Take the address of one film below a watched URL, where there is one."""
    watched = get_settings().watched
    stores = [place for place in watched if is_remote(place)]
    if not stores:
        return
    with (
        st.form(form_key("address"), border=False),
        st.container(key="address", horizontal=True, vertical_alignment="bottom"),
    ):
        url = st.text_input(
            "Or give a film's address",
            max_chars=ADDRESS_LETTERS,
            placeholder=f"{name_url(stores[0])}/…",
            help="It is read where it lies, below " + " or ".join(f"`{name_url(place)}`" for place in stores) + ".",
        )
        asked = st.form_submit_button("Add")
    if asked and url.strip():
        try:
            film = find_film(url, watched)
        except FileUnreadable as error:
            show_failure(error.message, error.hint)
        else:
            _submit(film)
            renew_form("address")
            st.rerun()


def show_watched() -> None:
    """Offer the films of the watched places that the library does not have yet."""
    watched = get_settings().watched
    if not watched:
        return
    listings = {place: _look(place) for place in watched}
    films = offer_films(listings.values(), known=_list_known())
    with st.container(key="watched"):
        _show_head([film for film in films if film.is_settled])
        for place, listing in listings.items():
            if listing.problem is not None:
                st.caption(f":material/warning: {plain(str(listing.problem))}")
            if not listing.is_complete:
                st.caption(f"Looking into {plain(name_url(place))} …")
        if not films and all(listing.is_complete and listing.problem is None for listing in listings.values()):
            are_all_known = any(listing.films for listing in listings.values())
            words = (
                "Every film there is in the library, or on its way into it." if are_all_known else "No film is there."
            )
            st.caption(words)
        for film in films:
            _offer(film, names_place=len(watched) > 1)
    if not all(listing.is_complete for listing in listings.values()):
        _await_stores(listings.keys())


def _show_head(settled: list[WatchedFilm]) -> None:
    """Show the heading, and offer to add all films that can be, where there are several."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.subheader("In the watched folders", anchor=False)
        if len(settled) > 1 and st.button(f"Add all {len(settled)}", key="add-all"):
            for film in settled:
                _submit(film.path, priority=BATCH)
            st.rerun()


def _offer(film: WatchedFilm, *, names_place: bool) -> None:
    """Offer one film."""
    key = hashlib.sha256(os.fsencode(film.path)).hexdigest()[:16]
    with st.container(
        key=f"watched-{key}", horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        facts = "".join(f"<span>{html.escape(fact)}</span>" for fact in _list_facts(film, names_place=names_place))
        st.html(f'<div>{html.escape(film.name)}</div><div class="cut-facts">{facts}</div>')
        if st.button("Add", key=f"add-{key}", disabled=not film.is_settled):
            _submit(film.path)
            st.rerun()


def _list_facts(film: WatchedFilm, *, names_place: bool) -> list[str]:
    """Return what is known of a film, in words: its size, its date, where it is."""
    facts = []
    if film.size is not None:
        facts.append(f"{film.size / 1e9:.1f} GB" if film.size >= 1e9 else f"{film.size / 1e6:.1f} MB")
    if not film.is_settled:
        facts.append("still being written")
    elif film.changed_s is not None:
        facts.append(datetime.fromtimestamp(film.changed_s).astimezone().strftime("%d %b %Y").lstrip("0"))
    if names_place:
        place = name_url(film.place) if is_remote(film.place) else str(film.place)
        facts.append(place.encode("utf-8", "replace").decode())
    return facts


def _look(place: Path) -> Listing:
    """Return what is known of a watched place, without waiting for a network."""
    return get_stores().look(place) if is_remote(place) else list_folder(place)


def _await_stores(places: Set[Path]) -> None:
    """Draw the page again once a store has answered."""

    @st.fragment(run_every=LOOK_S)
    def watch() -> None:
        if all(get_stores().look(place).is_complete for place in places if is_remote(place)):
            st.rerun()

    watch()


def _list_known() -> set[Path]:
    """Return the films that the library has, or is about to."""
    library = get_library()
    known = {cut.path for cut in library.list_cuts()}
    return known | {job.path for job in library.jobs.list_jobs() if job.state in UNFINISHED}


def _submit(film: Path, *, priority: int = USUAL) -> None:
    """Have a film analysed, under its file's name as people write it."""
    title = unquote(film.stem) if film.parts[0] in ("http:", "https:") else ""
    current_jobs().submit_analysis(film, title=title, priority=priority, person=get_settings().person)
