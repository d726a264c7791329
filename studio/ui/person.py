"""Who is at work in this browser: what they do stands under their name. A name says who somebody is and proves nothing.

A sign-in that the administrator has set up says it, and nobody else then: Streamlit's own, or a proxy in front of the app
that names its user in a header. Without one a person gives their name on the page, and their browser keeps it in a cookie;
not in the address, as with what they look at, or whoever was sent a link would go under the sender's name.
"""

from pathlib import Path
from urllib.parse import unquote

import streamlit as st

from studio.settings import Settings, read_settings
from studio.ui.frame import plain
from studio.ui.state import NAME_FIELD, recall_name, take_name

COOKIE = "throughline-name"
NAME_LETTERS = 60
BOX_PX = 300

CLAIMS = ("email", "preferred_username", "name", "sub")
"""What a sign-in says of its user, what tells two people apart best first."""

mount_memory = st.components.v2.component(
    "throughline_person", js=(Path(__file__).parent / "person.js").read_text(encoding="utf-8")
)


def find_person(settings: Settings) -> str:
    """Return who looks at this page.

    Args:
        settings: this machine's settings, whose person it is where nobody says more.
    """
    name = find_signed_in(settings) if has_sign_in(settings) else find_given_name()
    return name or settings.person


def has_sign_in(settings: Settings) -> bool:
    """Say whether a sign-in has been set up, which alone says who somebody is then."""
    return settings.person_header is not None or "is_logged_in" in st.user


def find_signed_in(settings: Settings) -> str:
    """Return whom a sign-in has let in; empty for nobody."""
    if st.user.get("is_logged_in"):
        return tidy_name(next((str(st.user[claim]) for claim in CLAIMS if st.user.get(claim)), ""))
    if settings.person_header is None:
        return ""
    sent = st.context.headers.get_all(settings.person_header)
    return tidy_name(decode_header(sent[0])) if len(sent) == 1 else ""


def find_given_name() -> str:
    """Return the name that a person gave, in this session or before in this browser; empty where they gave none."""
    name = recall_name()
    return tidy_name(unquote(st.context.cookies.get(COOKIE, "")) if name is None else name)


def decode_header(header: str) -> str:
    """Read a header, which proxies send as UTF-8, and the server hands on as Latin-1."""
    try:
        return header.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return header


def tidy_name(text: str) -> str:
    """Return a name as it is kept: single spaces, only what can be seen, at most `NAME_LETTERS` letters."""
    return " ".join("".join(filter(str.isprintable, " ".join(text.split()))).split())[:NAME_LETTERS].strip()


def ask_person() -> None:
    """Show in a corner of every page under whose name things are done here, and let a person give theirs."""
    settings = read_settings()
    name = find_person(settings)
    with st.container(key="you"):
        box = st.popover(plain(name), icon=":material/person:", type="tertiary")
        with box.container(width=BOX_PX):
            if has_sign_in(settings):
                _show_sign_in(settings)
            else:
                _take_name(settings)


def _show_sign_in(settings: Settings) -> None:
    """Say that a sign-in tells who somebody is, and let them in or out where it is Streamlit's own."""
    known = find_signed_in(settings)
    st.caption(
        "You are signed in: your jobs, notes and changes stand under this name."
        if known
        else "You are not signed in: what you do stands under the name of this machine."
    )
    if "is_logged_in" in st.user:
        st.button("Sign out" if known else "Sign in", on_click=st.logout if known else st.login, key="sign-in")


def _take_name(settings: Settings) -> None:
    """Ask for a name, and have the browser remember it."""
    st.text_input(
        "Your name",
        find_given_name(),
        max_chars=NAME_LETTERS,
        placeholder=settings.person,
        key=NAME_FIELD,
        on_change=take_name,
    )
    st.caption(
        "Your jobs, notes and changes stand under it, and this browser remembers it. Anybody can write any name: "
        "it says who did what, and protects nothing."
    )
    if recall_name() is not None:
        mount_memory(key="name-memory", data={"cookie": COOKIE, "name": find_given_name()})
