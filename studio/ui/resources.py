"""What pages share: this machine's settings, the open library, the watched stores, and what is drawn of a cut again and again."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import streamlit as st

from pipeline.assembly.material import Material, find_material
from pipeline.bins import fill_bins
from pipeline.comparison import Consequence
from pipeline.encodings import Encodings
from pipeline.errors import ExportError
from pipeline.moments.candidates import Candidates
from pipeline.segments import find_candidates
from pipeline.types import Analysis, Segment, SpoilerZone
from studio.comparing import compare_analyses, render_files
from studio.settings import Settings, read_settings
from studio.store import Library, open_library
from studio.ui.person import find_person
from studio.watched_stores import Stores

SPARK_POINTS = 120
"""A thumbnail of a curve is drawn with this many points at most."""


def get_settings() -> Settings:
    """Return this machine's settings, their person being whoever looks at the page."""
    settings = read_settings()
    return replace(settings, person=find_person(settings))


def get_library() -> Library:
    """Return the library of this machine, opened once a process, as whoever looks at the page works with it.

    Raises:
        LibraryError: it cannot be opened.
    """
    settings = get_settings()
    return _open_library(settings.home, settings.database).for_person(settings.person)


@st.cache_resource(show_spinner=False)
def _open_library(home: Path, database: str) -> Library:
    """Open the library of a home; another home, as in tests, is another library."""
    return open_library(read_settings())


@st.cache_resource(show_spinner=False)
def get_stores() -> Stores:
    """Return what is known of the watched stores, by all sessions together."""
    return Stores()


@st.cache_data(show_spinner=False, max_entries=500, ttl="1m")  # a cut may be analysed again
def load_spark(home: Path, cut_id: str, curve: str = "tension") -> list[float]:
    """Return one curve of a cut thinned to a thumbnail.

    Args:
        home: the library's home.
        cut_id: the cut.
        curve: which curve.

    Returns:
        At most `SPARK_POINTS` values in the curve's range, each the mean of an equal part of the film.
    """
    values = get_library().load_analysis(cut_id).curves.curve(curve)
    parts = np.array_split(values, min(SPARK_POINTS, len(values)))
    return [round(float(part.mean()), 3) for part in parts]


def _analysis_key(analysis: Analysis) -> tuple[object, ...]:
    """What tells an analysis from every other one: the cut as it is called, what made it, its dialogue and its curves."""
    cut, provenance = analysis.cut, tuple(sorted(analysis.provenance.items()))
    words = cut.title, cut.start_timecode
    return cut.cut_id, words, provenance, analysis.lines, analysis.curves.values.tobytes()


def _encodings_key(encodings: Encodings) -> tuple[object, ...]:
    """What tells encodings of one cut from others: what made them, and where there was anything to encode."""
    return tuple(sorted(encodings.encoders.items())), encodings.present.tobytes(), encodings.frames[::60].tobytes()


@st.cache_resource(show_spinner=False, max_entries=8, hash_funcs={Analysis: _analysis_key, Encodings: _encodings_key})
def load_candidates(analysis: Analysis, encodings: Encodings | None = None) -> Candidates:
    """Return every moment of a cut that could be chosen, found once: ranking them anew is quick.

    Args:
        analysis: the cut's.
        encodings: what encoders made of the cut, for its candidates' likeness.
    """
    return find_candidates(analysis.features, analysis.curves, analysis.lines, cut=analysis.cut, encodings=encodings)


@st.cache_resource(show_spinner=False, max_entries=8, hash_funcs={Analysis: _analysis_key})
def load_material(analysis: Analysis) -> Material:
    """Return what a trailer could show of a cut, found once: choosing of it is quick."""
    return find_material(analysis.features, analysis.curves, analysis.lines, cut=analysis.cut)


@st.cache_resource(show_spinner=False, max_entries=8, hash_funcs={Analysis: _analysis_key})
def load_bins(analysis: Analysis, spoilers: tuple[SpoilerZone, ...]) -> Mapping[str, tuple[Segment, ...]]:
    """Return the breakdown bins of a cut, nothing of a hard spoiler zone in them."""
    return fill_bins(analysis.features, analysis.curves, analysis.lines, cut=analysis.cut, spoilers=spoilers)


@st.cache_resource(show_spinner=False, max_entries=8, hash_funcs={Analysis: _analysis_key})
def load_comparison(a: Analysis, b: Analysis) -> Consequence:
    """Return what changed from one cut to another and what that did, compared once.

    Raises:
        LibraryError: the library has no fingerprint of one of them.
    """
    return compare_analyses(get_library(), a, b)


@st.cache_resource(show_spinner=False, max_entries=8, hash_funcs={Analysis: _analysis_key})
def load_files(a: Analysis, b: Analysis) -> tuple[dict[str, str], dict[str, ExportError]]:
    """Return the files of a comparison, rendered once; for each that cannot hold it, why."""
    return render_files(get_library(), load_comparison(a, b), a, b)
