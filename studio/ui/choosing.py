"""What a person decides about moments: what counts, how much, how long, and what must not be shown."""

from dataclasses import fields, replace

import pandas as pd
import streamlit as st

from pipeline.clock import timecode_to_seconds
from pipeline.errors import TimecodeError
from pipeline.moments.candidates import COSTS, PARTS, Explanation, SegmentWeights
from pipeline.templates import TEMPLATES
from pipeline.types import Analysis, Cut, SpoilerZone
from studio.choices import MomentChoices, list_spoilers
from studio.ui.frame import plain, show_failure
from studio.ui.resources import get_library
from studio.ui.state import forget_widgets

HEAVIEST = 2.0
"""The most that a part may count on the page; the command line and the library know no such bound."""

LENGTHS = {"Any length": None, **{template.title: name for name, template in TEMPLATES.items()}}
COUNTS = (10, 20, 40, 80)


def choose_moments(analysis: Analysis, choices: MomentChoices) -> MomentChoices:
    """Let a person say what makes a moment, and keep what changes.

    Args:
        analysis: what is known of the cut.
        choices: what is kept.

    Returns:
        The choices as they are now.
    """
    cut_id = analysis.cut.cut_id
    length, count = st.columns([3, 2])
    asked = length.selectbox(
        "For",
        LENGTHS,
        index=list(LENGTHS.values()).index(choices.template),
        key=f"length-{cut_id}",
        help="A moment's best length depends on the kind of trailer.",
    )
    counts = sorted({*COUNTS, choices.most})
    most = count.selectbox("How many", counts, index=counts.index(choices.most), key=f"most-{cut_id}")
    weights = _choose_weights(cut_id, choices.weights)
    chosen = replace(choices, template=LENGTHS[asked], most=most, weights=weights)
    if chosen != choices:
        get_library().decisions.save_choices(cut_id, chosen)
    return chosen


def _choose_weights(cut_id: str, weights: SegmentWeights) -> SegmentWeights:
    """A slider for every part of a score."""
    changed = {}
    with st.expander("What counts", icon=":material/tune:", key=f"weights-{cut_id}"):
        for title, parts in (("Adds to the score", PARTS), ("Takes away", COSTS)):
            st.caption(title)
            for name, words in parts.items():
                kept = min(getattr(weights, name), HEAVIEST)
                moved = st.slider(
                    words[0].upper() + words[1:], 0.0, HEAVIEST, kept, step=0.1, key=f"weight-{cut_id}-{name}"
                )
                if moved != kept:
                    changed[name] = moved
        standard = SegmentWeights()
        moved = any(getattr(weights, field.name) != getattr(standard, field.name) for field in fields(weights))
        if moved or changed:
            st.button("Back to the standard", key=f"standard-{cut_id}", on_click=_forget_weights, args=(cut_id,))
    return replace(weights, **changed)


def _forget_weights(cut_id: str) -> None:
    """Go back to the standard weights."""
    library = get_library()
    library.decisions.save_choices(cut_id, replace(library.decisions.load_choices(cut_id), weights=SegmentWeights()))
    forget_widgets(f"weight-{cut_id}-")


def edit_spoilers(analysis: Analysis, choices: MomentChoices) -> None:
    """Show the spoiler zones in a table that a person may change, and keep them when asked to.

    Args:
        analysis: what is known of the cut.
        choices: what is kept.
    """
    cut, zones = analysis.cut, list_spoilers(analysis, choices)
    with st.expander("What must not be shown", icon=":material/visibility_off:", key=f"spoilers-{cut.cut_id}"):
        if choices.spoilers is None:
            st.caption(
                "Placed by where trailers rarely look: the last turns of the story. Nothing here knows the story."
            )
        with st.form(f"zones-{cut.cut_id}", border=False):
            # A table keeps what was typed under its key: zones that were saved are another table.
            edited = st.data_editor(
                _zones_to_table(cut, zones),
                key=f"zones-{cut.cut_id}-{hash(zones)}",
                num_rows="dynamic",
                hide_index=True,
                column_config={
                    "from": st.column_config.TextColumn("From", required=True, width="small"),
                    "to": st.column_config.TextColumn("To", required=True, width="small"),
                    "never": st.column_config.CheckboxColumn(
                        "Never", help="Otherwise it only costs.", default=True, width="small"
                    ),
                    "why": st.column_config.TextColumn("Why"),
                },
            )
            asked = st.form_submit_button("Keep these zones")
        if asked:
            _keep_zones(cut, choices, edited)
        if choices.spoilers is not None and st.button("Back to the placed ones", key=f"placed-{cut.cut_id}"):
            get_library().decisions.save_choices(cut.cut_id, replace(choices, spoilers=None))
            st.rerun()


def _zones_to_table(cut: Cut, zones: tuple[SpoilerZone, ...]) -> pd.DataFrame:
    """Lay zones out with the timecodes of their edges."""
    rows = [(*(cut.timecode(s) for s in (zone.start_s, zone.end_s)), zone.is_hard, zone.why) for zone in zones]
    types = {"from": "object", "to": "object", "never": "bool", "why": "object"}
    return pd.DataFrame(rows, columns=list(types)).astype(types)


def _keep_zones(cut: Cut, choices: MomentChoices, table: pd.DataFrame) -> None:
    """Keep the zones of a table; one that cannot be read changes nothing and says so."""
    try:
        zones = tuple(
            _read_zone(cut, str(row["from"]), str(row["to"]), str(row["why"] or ""), never=bool(row["never"]))
            for row in table.to_dict("records")
        )
    except TimecodeError as error:
        show_failure(error.message, error.hint)
        return
    get_library().decisions.save_choices(cut.cut_id, replace(choices, spoilers=zones))
    st.rerun()


def _read_zone(cut: Cut, start: str, end: str, why: str, *, never: bool) -> SpoilerZone:
    """Read one row of the table; TimecodeError where it makes no zone of this cut."""
    start_s, end_s = (
        float(timecode_to_seconds(label, cut.label_rate, start_timecode=cut.start_timecode)) for label in (start, end)
    )
    if not 0 <= start_s < end_s:
        raise TimecodeError(f"A zone cannot go from {start} to {end}.", "Let it end after it begins, inside the film.")
    return SpoilerZone(start_s=start_s, end_s=min(end_s, float(cut.duration_s)), why=why, is_hard=never)


def show_explanation(cut: Cut, explanation: Explanation) -> None:
    """Say why a second is in a moment, or why it is not, with every part of it that has a say.

    Args:
        cut: the cut, for its timecode.
        explanation: from `explain_second`.
    """
    at = cut.timecode(explanation.instant_s)
    with st.container(key="explanation"):
        if explanation.rank is not None:
            st.markdown(f"**{plain(at)}** is part of moment **{explanation.rank}**.")
        else:
            reasons = " ".join(refusal.text for refusal in explanation.refusals)
            st.markdown(f"**{plain(at)}** is in no moment. {plain(reasons)}")
        told = [part for part in explanation.parts if max(part.value, part.better_value or 0) >= 0.005]
        if told:
            rows = {"": [part.name for part in told], "measured": [part.value for part in told]}
            rows |= {"counts": [part.weight for part in told], "adds": [part.adds + 0.0 for part in told]}
            if explanation.better is not None:
                rows["the better one's"] = [(part.better_adds or 0.0) + 0.0 for part in told]
            number = st.column_config.NumberColumn(format="%.2f")
            config = {name: number for name in rows if name}
            st.dataframe(pd.DataFrame(rows), hide_index=True, column_config=config, width="content")
