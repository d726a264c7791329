"""What a person's browser session remembers: ids, and nothing else. Only this module touches `st.session_state`."""

from collections.abc import Sequence, Set

import streamlit as st

CUT_KEY = "cut"
"""The open cut's id, in the session and in the page's address, so that a reload or a sent link opens the same cut."""

SEQUENCE_KEY = "sequence"
"""The player of a trailer, which tells what was clicked on its timeline."""

CLIP_KEY = "clip"
"""The place of the clip that a person works on in the trailer, counted from 0."""

JOBS_KEY = "jobs"
"""The ids of the jobs that were on their way when this session last looked."""

COMPARED_KEY = "over"
"""The ids of the cuts that are laid over the open one, kept in the same way."""

RATER_KEY = "rater"
"""The name of the person who rates here, kept in the same way."""

NAME_KEY = "name"
"""The name that a person gave in this session; their browser keeps it longer, in a cookie."""

NAME_FIELD = "your-name"
"""The field in which it is given."""

FORM_KEY = "form "
"""With a form's name behind it: how often that form has been taken."""

RATED_KEY = "rated"
"""The curve that is rated, kept in the same way."""


def open_cut(cut_id: str) -> None:
    """Remember which cut a person has opened."""
    st.session_state[CUT_KEY] = cut_id


def opened_cut() -> str | None:
    """Return the open cut's id, the address before the session; None before anything was opened."""
    return recall_choice(CUT_KEY)


def keep_opened(cut_id: str) -> None:
    """Write the open cut into the session and into the page's address."""
    keep_choice(CUT_KEY, cut_id)


def forget_cut(cut_id: str) -> None:
    """Close a cut that is about to be removed."""
    if st.session_state.get(CUT_KEY) == cut_id:
        del st.session_state[CUT_KEY]


def compared_cuts() -> list[str]:
    """Return the ids of the cuts that are laid over the open one, the address before the session."""
    return st.query_params.get_all(COMPARED_KEY) or list(st.session_state.get(COMPARED_KEY, []))


def keep_compared(cut_ids: Sequence[str]) -> None:
    """Write which cuts are laid over the open one into the session and into the page's address."""
    st.session_state[COMPARED_KEY] = list(cut_ids)
    if st.query_params.get_all(COMPARED_KEY) != list(cut_ids):
        st.query_params[COMPARED_KEY] = list(cut_ids)


def recall_choice(key: str) -> str | None:
    """Return what was chosen, the address before the session; None before anything was."""
    choice = st.query_params.get(key) or st.session_state.get(key)
    return str(choice) if choice else None


def keep_choice(key: str, choice: str) -> None:
    """Write what was chosen into the session and into the page's address."""
    st.session_state[key] = choice
    if st.query_params.get(key) != choice:
        st.query_params[key] = choice


def recall_name() -> str | None:
    """Return the name that a person gave in this session; empty where they took it back, None before they gave any."""
    name: str | None = st.session_state.get(NAME_KEY)
    return name


def take_name() -> None:
    """Remember the name that a person has just given."""
    st.session_state[NAME_KEY] = st.session_state[NAME_FIELD]


def follow_jobs(unfinished: Set[str]) -> Set[str]:
    """Remember which jobs are on their way, and return those that were when this session last looked."""
    before: Set[str] = st.session_state.get(JOBS_KEY, frozenset())
    st.session_state[JOBS_KEY] = unfinished
    return before


def forget_widgets(prefix: str) -> None:
    """Let widgets whose keys begin alike start again from what is kept, when the page is drawn next."""
    for key in [str(key) for key in st.session_state if str(key).startswith(prefix)]:
        del st.session_state[key]


def form_key(name: str) -> str:
    """Return the key of a form, whose fields keep what was typed until `renew_form`."""
    return f"{name}-{st.session_state.get(FORM_KEY + name, 0)}"


def renew_form(name: str) -> None:
    """Let a form's fields start again from what is kept: what was typed has been taken."""
    st.session_state[FORM_KEY + name] = st.session_state.get(FORM_KEY + name, 0) + 1


def pick_clip(index: int | None) -> None:
    """Remember which clip of the trailer a person works on; None for none."""
    st.session_state[CLIP_KEY] = index


def take_picked_clip() -> None:
    """Remember the clip that was just clicked on the timeline."""
    picked = st.session_state[SEQUENCE_KEY].picked
    if picked is not None:
        pick_clip(int(picked))


def picked_clip() -> int | None:
    """Return the place of the clip that a person works on."""
    index = st.session_state.get(CLIP_KEY)
    return None if index is None else int(index)
