"""Which cuts are laid over each other: the choice, what cannot be compared, and several alternates at a glance."""

import html
from collections.abc import Sequence

import streamlit as st

from pipeline.comparison import CHANGES
from pipeline.errors import FilmError
from pipeline.types import STREAM_WORDS, STREAMS, Analysis
from studio.entries import CutEntry, name_among
from studio.media import still_url
from studio.ui.frame import plain, show_failure
from studio.ui.playing import choose_player_url, tell_of_proxy
from studio.ui.resources import get_library, get_settings, load_comparison, load_files
from studio.ui.side_by_side import Pair
from studio.ui.state import compared_cuts, keep_compared, keep_opened

FILES = {
    "comparison.html": (
        "Report with pictures",
        "One page that needs nothing else. It prints well, to PDF too.",
        "text/html",
    ),
    "changes.csv": ("Changes as CSV", "A row a change: where it lies in both cuts, and what it did.", "text/csv"),
    "aligned.csv": (
        "Aligned curves as CSV",
        "A row a second of the story's clock, both cuts beside each other.",
        "text/csv",
    ),
    "changes.edl": (
        "Change list as EDL",
        "CMX 3600: B rebuilt out of A, so that work on A can follow.",
        "application/octet-stream",
    ),
    "changes.otio": (
        "Change list as OTIO",
        "OpenTimelineIO: B rebuilt out of A, with a marker at every change.",
        "application/octet-stream",
    ),
}
"""What can be taken away, by its file: what it is called, what it is for, and its type."""

LITTLE = 0.2
"""Cuts that share less of the first than this are hardly versions of one film."""

SUMMED = {"flat": "flat stretches", "peak": "peaks"}


def choose_cuts(reference: Analysis) -> list[Analysis]:
    """Let a person say which cut is the reference, and which ones are laid over it.

    Args:
        reference: the cut that is open.

    Returns:
        The cuts to lay over it, in the order they were chosen; without any the page ends.
    """
    cuts = {cut.id: cut for cut in get_library().list_cuts() if cut.analysed}
    others = [cut_id for cut_id in cuts if cut_id != reference.cut.cut_id]
    known = [cut_id for cut_id in others if get_library().find_fingerprint(cut_id).exists()]
    is_reference_known = get_library().find_fingerprint(reference.cut.cut_id).exists()
    left, right = st.columns([3, 7], gap="large")
    chosen_reference = left.selectbox(
        "A, the reference",
        list(cuts),
        index=list(cuts).index(reference.cut.cut_id),
        format_func=lambda cut_id: name_among(cuts[cut_id], cuts.values()),
        key=f"reference-{reference.cut.cut_id}",
    )
    if chosen_reference != reference.cut.cut_id:
        keep_opened(chosen_reference)
        st.rerun()
    kept = [cut_id for cut_id in compared_cuts() if cut_id in known]
    chosen = right.multiselect(
        "B, laid over it",
        known,
        default=(kept or known[:1] if len(known) == 1 else kept) if is_reference_known else [],
        format_func=lambda cut_id: name_among(cuts[cut_id], cuts.values()),
        placeholder="Choose one cut, or several alternates",
        disabled=not (known and is_reference_known),
        key=f"over-{reference.cut.cut_id}",
    )
    keep_compared(chosen)
    _tell_unknown([cuts[cut_id] for cut_id in others if cut_id not in known])
    if not is_reference_known:
        show_failure(
            f"{reference.cut.title} cannot be compared: an older version analysed it, and kept nothing to know it by.",
            "Remove it from the library, and analyse its film again.",
        )
    elif not others:
        st.markdown("There is no other cut to lay over this one yet. Add another version of the film in the library.")
        st.page_link("studio/ui/pages/library.py", label="Add a cut in the library", icon=":material/arrow_forward:")
    elif known and not chosen:
        st.markdown("Choose what to lay over it: another version of the same film.")
    if not (chosen and is_reference_known):
        st.stop()
    return [get_library().load_analysis(cut_id) for cut_id in chosen]


def compare_all(reference: Analysis, others: Sequence[Analysis]) -> list[Pair]:
    """Compare every cut with the reference; one that cannot be compared is told of, and left out."""
    pairs, settings = [], get_settings()
    for other in others:
        try:
            with st.spinner(f"Laying {plain(other.cut.title)} over {plain(reference.cut.title)} ..."):
                consequence = load_comparison(reference, other)
        except FilmError as error:
            show_failure(error.message, error.hint)
            continue
        tell_of_proxy(other.cut)
        cuts = (reference.cut, other.cut)
        pair = Pair(
            a=reference,
            b=other,
            consequence=consequence,
            film_urls=(choose_player_url(cuts[0]), choose_player_url(cuts[1])),
            still_urls=(still_url(settings, cuts[0].cut_id), still_url(settings, cuts[1].cut_id)),
        )
        pairs.append(pair)
    if not pairs:
        st.stop()
    return pairs


def choose_pair(pairs: Sequence[Pair]) -> Pair:
    """Return the pair to look at; of several alternates show a table, and let a person pick one."""
    if len(pairs) == 1:
        return pairs[0]
    places = range(len(pairs))
    picked = st.segmented_control(
        "Look at",
        places,
        default=0,
        format_func=lambda i: plain(pairs[i].b.cut.title),
        key=f"alternate-{'-'.join(pair.b.cut.cut_id for pair in pairs)}",
        label_visibility="collapsed",
        required=True,
    )
    st.html(write_summary(pairs, picked=picked or 0))
    return pairs[picked or 0]


def write_summary(pairs: Sequence[Pair], *, picked: int) -> str:
    """Write several alternates of one reference as a table, a row each."""
    heads = ["", "length", *CHANGES, "beyond the band", *SUMMED.values(), "build-ups shortened", "mean tension"]
    rows = []
    for i, pair in enumerate(pairs):
        cells = "".join(f"<td>{html.escape(cell)}</td>" for cell in summarise_pair(pair))
        marks = ' class="picked"' if i == picked else ""
        rows.append(f"<tr{marks}><th>{html.escape(pair.b.cut.title)}</th>{cells}</tr>")
    head = "".join(f"<th>{name}</th>" for name in heads)
    return f'<table class="alternates"><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table>'


def summarise_pair(pair: Pair) -> list[str]:
    """Return the figures of one alternate: length, changes of each kind, and what became of the curve."""
    consequence = pair.consequence
    kinds = [change.kind for change in pair.changes]
    passages = []
    for kind in SUMMED:
        gone, new = (sum(passage.kind == kind for passage in some) for some in (consequence.gone, consequence.new))
        told = [f"{count} {word}" for count, word in ((gone, "gone"), (new, "new")) if count]
        passages.append(", ".join(told) or "same")
    means = [float(analysis.curves.curve("tension").mean()) for analysis in (pair.a, pair.b)]
    return [
        _write_signed(float(pair.b.cut.duration_s - pair.a.cut.duration_s), ".1f") + " s",
        *(str(kinds.count(kind)) if kind in kinds else "·" for kind in CHANGES),
        str(sum(not effect.is_within_band("tension") for effect in consequence.effects)),
        *passages,
        str(len(consequence.shortened)),
        _write_signed(means[1] - means[0], ".2f"),
    ]


def list_cautions(pair: Pair) -> list[str]:
    """List what a person should know before trusting a comparison: streams that only one cut has, little in common."""
    gaps, cautions = [], []
    for stream in STREAMS:
        has = [stream in analysis.cut.streams for analysis in (pair.a, pair.b)]
        if has[0] != has[1]:
            gaps.append(f"{'AB'[has.index(False)]} has no {STREAM_WORDS[stream]}")
    if gaps:
        cautions.append(f"{', '.join(gaps)}: part of what the curves differ by is that, and not the edit.")
    if not all("frames" in analysis.cut.streams for analysis in (pair.a, pair.b)):
        cautions.append("What both have is found by sound alone, and not all of it.")
    common_s = sum(match.a_end_s - match.a_start_s for match in pair.consequence.comparison.matches)
    share = common_s / float(pair.a.cut.duration_s)
    if share < LITTLE:
        cautions.append(f"Only {share:.0%} of A is in B. Are they versions of one film?")
    return cautions


def offer_files(pair: Pair) -> None:
    """Offer what can be taken away from a comparison."""
    texts, refusals = load_files(pair.a, pair.b)
    title = f"{pair.a.cut.title} and {pair.b.cut.title}"
    with st.popover("Download", icon=":material/download:"):
        for name, (words, purpose, mime) in FILES.items():
            if name in texts:
                st.download_button(
                    words,
                    texts[name],
                    file_name=f"{title}-{name}",
                    mime=mime,
                    help=purpose,
                    on_click="ignore",
                    width="stretch",
                    key=f"compared-{name}",
                )
            elif name in refusals:
                st.caption(f"{words}: {plain(refusals[name].message)} {plain(refusals[name].hint)}")


def _tell_unknown(cuts: Sequence[CutEntry]) -> None:
    """Say which cuts cannot be chosen, and why."""
    if cuts:
        titles = ", ".join(plain(cut.title) for cut in cuts)
        verb, it, film = ("was", "it", "its film") if len(cuts) == 1 else ("were", "them", "their films")
        st.caption(
            f"{titles} {verb} analysed by an older version, which kept nothing to know {it} by. "
            f"To compare {it}, remove {it} from the library and analyse {film} again."
        )


def _write_signed(value: float, form: str) -> str:
    """Write a number with its sign; one that is rounded to nothing has none."""
    told = format(value, f"+{form}").replace("-", "−")
    return told[1:] if float(format(value, form)) == 0 else told
