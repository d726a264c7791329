"""What the raters of a cut make of it: how far they agree, beside the model, and their ratings in and out as tables."""

import html
from collections.abc import Sequence

import numpy as np
import streamlit as st

from pipeline.errors import FilmError
from pipeline.export.rating_table import TableOptions, render_rating_table
from pipeline.ratings import SHARED_S, Agreement, Ratings, RatingSeries, correlate, measure_agreement
from pipeline.types import CURVES, Analysis, Floats
from studio.rating_import import decode_table, parse_table, read_scale
from studio.ui.frame import plain, show_failure
from studio.ui.rating_chart import draw_ratings
from studio.ui.resources import get_library
from studio.ui.tidy import seconds_to_clock

BOX_PX = 340
TABLE_MB = 16
"""The largest table: ten raters of three hours are a third of it."""


def show_raters(analysis: Analysis, ratings: Ratings, *, dark: bool) -> None:
    """Show the chart, the agreement and the table of one curve's raters.

    Args:
        analysis: what is known of the cut.
        ratings: of one curve; perhaps of nobody.
        dark: in the colours of the dark face.
    """
    if not ratings.raters:
        st.markdown(f"Nobody has rated the {ratings.curve} of this cut yet. Rate it here, or import a table.")
        return
    with st.container(key="rating-chart"):
        st.altair_chart(draw_ratings(analysis, ratings, dark=dark), theme=None, width="stretch")
    agreement = measure_agreement(ratings)
    model = analysis.curves.curve(ratings.curve)
    st.html(write_figures(agreement, correlate(ratings.mean, model)) + write_table(ratings, model))
    with st.container(key="words"):
        st.caption(describe_agreement(len(ratings.raters), agreement))


def write_figures(agreement: Agreement, model_r: float | None) -> str:
    """Write the figures of the agreement as HTML."""
    figures = [
        ("Raters with each other", f"mean r of {agreement.pairs} pair{'s' * (agreement.pairs != 1)}", agreement.mean_r),
        (
            "As a panel",
            f"Cronbach's alpha of {agreement.raters} over {seconds_to_clock(agreement.shared_s)}",
            agreement.alpha,
        ),
        ("Their mean with the model", "r", model_r),
    ]
    cells = "".join(
        f"<div><dt>{name}</dt><dd>{_write_r(value)}</dd><dd class='of'>{what}</dd></div>"
        for name, what, value in figures
    )
    return f"<dl class='agreement'>{cells}</dl>"


def write_table(ratings: Ratings, model: Floats) -> str:
    """Write a row for each rater as HTML: how much is rated, and how it goes with the others and with the model."""
    rows = ""
    for column, rater in enumerate(ratings.raters):
        own, others = ratings.values[:, column], ratings.without(rater)
        rated = int(np.isfinite(own).sum())
        cells = [
            f"{seconds_to_clock(rated)} ({rated / len(own):.0%})",
            _write_r(correlate(own, others.mean) if others.raters else None),
            _write_r(correlate(own, model)),
        ]
        rows += f"<tr><th>{html.escape(rater)}</th>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"
    head = "".join(f"<th>{name}</th>" for name in ("rater", "rated", "r with the others' mean", "r with the model"))
    return f"<table class='raters'><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def describe_agreement(raters: int, agreement: Agreement) -> str:
    """Say in sentences what the figures mean, and what they need."""
    words = (
        "r is Pearson's correlation over the seconds that both rated: 1 where two curves rise and fall together, 0 where they "
        "have nothing to do with each other. It does not see a delay, and people answer a film some seconds late. "
        f"A figure needs {SHARED_S} seconds in common."
    )
    if raters == 1:
        return f"One person's ratings are one person's taste: have another one rate the same cut. {words}"
    if agreement.alpha is not None and agreement.alpha < 0.7:
        return f"An alpha under 0.7 means that the mean of these raters says little; more of them would help. {words}"
    return words


def take_tables(analysis: Analysis, curve: str) -> None:
    """Let a person import a table of ratings.

    Args:
        analysis: what is known of the cut that a table without a column `cut` is about.
        curve: the curve of a table without a column `curve`.
    """
    with st.popover("Import", icon=":material/upload:"), st.container(width=BOX_PX):
        with st.form(f"import-{analysis.cut.cut_id}", border=False, clear_on_submit=True):
            file = st.file_uploader("Table of ratings (CSV)", type=["csv", "tsv", "txt"], max_upload_size=TABLE_MB)
            scale = st.text_input("Scale, where it is another one", placeholder="such as 0,100")
            asked = st.form_submit_button("Import")
        st.caption(
            f"Either the columns second, rater, curve, value, or second and a column for each rater, then of {curve}. "
            "Of seconds that were rated before, the table counts."
        )
        if asked and file is None:
            show_failure("There is no table yet.", "Choose a file, and press the button once its name stands here.")
        if asked and file is not None:
            try:
                options = TableOptions(
                    cut=analysis.cut.cut_id, curve=curve, scale=read_scale(scale) if scale.strip() else None
                )
                series = parse_table(get_library(), decode_table(file.getvalue(), file.name), file.name, options)
                get_library().ratings.import_ratings(series)
            except FilmError as error:
                show_failure(error.message, error.hint)
            else:
                count = sum(len(each.values) for each in series)
                st.toast(f"Imported {count} ratings of {len({each.rater for each in series})} raters.")
                st.rerun()


def offer_tables(analysis: Analysis, series: Sequence[RatingSeries]) -> None:
    """Offer all ratings of a cut as a table, and let a person delete somebody's."""
    cut = analysis.cut
    st.download_button(
        "Ratings as CSV",
        render_rating_table(cut, series),
        file_name=f"{cut.title}-ratings.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        disabled=not series,
    )
    if not series:
        return
    with st.popover("Delete", icon=":material/delete:"), st.container(width=BOX_PX):
        kept = sorted({(CURVES.index(each.curve), each.rater) for each in series})
        picked = st.selectbox(
            "Whose ratings",
            kept,
            format_func=lambda which: f"{which[1]}: {CURVES[which[0]]}",
            key=f"delete-{cut.cut_id}",
        )
        if picked and st.button(f"Delete {plain(picked[1])}'s {CURVES[picked[0]]}"):
            get_library().ratings.remove_ratings(cut.cut_id, picked[1], CURVES[picked[0]])
            st.rerun()


def _write_r(value: float | None) -> str:
    """Write a figure, or that there is none."""
    return "–" if value is None else f"{value:.2f}".replace("-", "−")
