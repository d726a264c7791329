"""The player that a person rates with: a film, a slider, and what has been rated so far.

Everything on the clock happens in the browser (`rate.js`), which sends what was rated to `studio.rating_routes` every two
seconds, whenever the film stands still, and when the tab is closed. Nothing of that runs the page again.
"""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from pipeline.ratings import RATER_LETTERS, RatingSeries, check_rater, series_to_ratings
from pipeline.types import CURVE_RANGE, CURVES, Cut
from studio.ui.frame import show_failure
from studio.ui.palette import DARK, LIGHT
from studio.ui.person import find_given_name
from studio.ui.state import RATED_KEY, RATER_KEY, keep_choice, recall_choice

FOLDER = Path(__file__).parent

NOT_RATED = 255
"""The byte of a second that a person has not rated; ratings are 0 to 100."""

ENDS: Mapping[str, tuple[str, str]] = {
    "tension": ("at ease", "on edge"),
    "arousal": ("calm", "stirred up"),
    "valence": ("unpleasant", "pleasant"),
}
"""What the lowest and the highest mark of a curve mean; of the emotions, `EMOTION_ENDS`."""

EMOTION_ENDS = ("none", "very much")

VIEWS = ("Rate", "Raters")
NAME_PX = 220

mount_rating = st.components.v2.component(
    "throughline_rating",
    html=(FOLDER / "rate.html").read_text(encoding="utf-8"),
    css="".join((FOLDER / name).read_text(encoding="utf-8") for name in ("screen.css", "rate.css")),
    js="".join((FOLDER / name).read_text(encoding="utf-8") for name in ("film.js", "rate.js")),
)


def show_rating(
    cut: Cut, series: Sequence[RatingSeries], *, curve: str, rater: str, urls: tuple[str, str], dark: bool
) -> None:
    """Let a person rate a curve of a film while it plays.

    Args:
        cut: the cut.
        series: what was rated of it so far; only this person's own is shown.
        curve: what is rated.
        rater: the person's name.
        urls: where the browser reads the film, and where it sends ratings.
        dark: in the colours of the dark face.
    """
    mount_rating(key="rating", data=rating_data(cut, series, curve=curve, rater=rater, urls=urls, dark=dark))


def rating_data(
    cut: Cut, series: Sequence[RatingSeries], *, curve: str, rater: str, urls: tuple[str, str], dark: bool
) -> dict[str, Any]:
    """Put together what the browser needs to know: plain values.

    Args:
        cut: the cut.
        series: what was rated of it so far, by anybody.
        curve: what is rated.
        rater: the person's name.
        urls: where the browser reads the film, and where it sends ratings.
        dark: in the colours of the dark face.

    Returns:
        Among others `rated`, one byte a second in base64: 0 at the bottom of the curve's range, 100 at the top, or
        `NOT_RATED`.
    """
    palette = DARK if dark else LIGHT
    low, high = CURVE_RANGE[curve]
    own = series_to_ratings([each for each in series if each.rater == rater], curve, cut.seconds).mean
    percent = np.where(np.isnan(own), NOT_RATED, np.rint((own - low) / (high - low) * 100))
    return {
        "cut": cut.cut_id,
        "curve": curve,
        "rater": rater,
        "url": urls[0],
        "save_url": urls[1],
        "low": low,
        "high": high,
        "ends": list(ENDS.get(curve, EMOTION_ENDS)),
        "color": palette.curves[curve],
        "ink": palette.ink,
        "line": palette.line,
        "has_picture": "frames" in cut.streams,
        "duration_s": float(cut.duration_s),
        "rated": b64encode(percent.astype(np.uint8).tobytes()).decode("ascii"),
    }


def ask_view() -> str:
    """Ask whether a person wants to rate, or to see what the raters make of the cut: one must not colour the other."""
    view = st.segmented_control("View", VIEWS, default=VIEWS[0], key="rating-view", label_visibility="collapsed")
    return view or VIEWS[0]


def ask_curve() -> str:
    """Ask which curve is rated; a reload asks for the same one."""
    kept = recall_choice(RATED_KEY)
    default = kept if kept in CURVES else CURVES[0]
    curve = st.pills("Curve", CURVES, default=default, key="rated-curve", label_visibility="collapsed") or default
    keep_choice(RATED_KEY, curve)
    return curve


def ask_rater() -> str | None:
    """Ask for the name that ratings are kept under; None until there is one."""
    text = st.text_input(
        "Your name",
        value=recall_choice(RATER_KEY) or find_given_name(),
        max_chars=RATER_LETTERS,
        key="rater-name",
        placeholder="Your name, to begin",
        label_visibility="collapsed",
        width=NAME_PX,
    )
    if not text.strip():
        return None
    try:
        rater = check_rater(text)
    except ValueError as error:
        show_failure(str(error), "Write another name.")
        return None
    keep_choice(RATER_KEY, rater)
    return rater


def welcome_rater() -> None:
    """Say why a name is wanted."""
    with st.container(key="rating-who"):
        st.header("Who is rating?", anchor=False)
        st.markdown(
            "Write your name above, and the film appears with a slider beside it. Ratings are kept under that name, so that "
            "several people can rate the same cut, each without seeing the others."
        )


def explain_rating() -> None:
    """Say how rating goes, and what is hidden meanwhile."""
    with st.container(key="words"):
        st.caption(
            "Keep the slider, while the film plays, where the film has you at that moment: with the mouse, with ↑ and ↓, or "
            "with 1 to 9, where 5 is the middle. Space plays and pauses, ← goes back. Every second that you watch is rated "
            "and kept at once; while the film stands still nothing is. Go back to undo: seconds that you watch again are "
            "rated anew. Close the page whenever you like: it goes on where you stopped."
        )
        st.caption("The model's curve, and what others rated, are hidden here: they would lead you.")
