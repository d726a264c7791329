"""Working on a trailer: which one, every edit with what is fitted around it, and what is handed on."""

import html
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from functools import partial

import streamlit as st

from pipeline.assembly.material import Material
from pipeline.assembly.problem import AssemblyWeights
from pipeline.beats import find_beats
from pipeline.editing import (
    ban_span,
    lift_ban,
    lock_clip,
    move_clip,
    redo,
    refresh_trailer,
    swap_clip,
    trim_clip,
    undo,
    unlock_clip,
)
from pipeline.errors import FilmError
from pipeline.sequence import Trailer
from pipeline.templates import TEMPLATES
from pipeline.trailer import list_alternatives
from pipeline.types import Analysis, SpoilerZone
from studio.media import store_upload
from studio.trailer_work import Arrangement, TrailerWork, begin_work, edit_work
from studio.ui.frame import plain, show_errors, show_failure
from studio.ui.resources import get_library, get_settings
from studio.ui.state import pick_clip

OFFERED = 6
HEAVIEST = 4.0

TOLD = 0.005
"""A reason that adds or takes away less is not told."""

WEIGHTS = {
    "arc": "Tension on the arc",
    "pace": "Clip lengths on the pace",
    "wants": "What each part wants",
    "flaws": "Avoid flaws",
    "likeness": "Variety",
    "place": "The story's order",
    "drift": "Cuts where they were planned",
}


@dataclass(frozen=True)
class Desk:
    """A trailer at work with all that its edits need.

    Attributes:
        analysis: what is known of the cut.
        material: what may be shown of it.
        spoilers: what gives the story away.
        work: the trailer at work.
    """

    analysis: Analysis
    material: Material
    spoilers: tuple[SpoilerZone, ...]
    work: TrailerWork

    @property
    def trailer(self) -> Trailer:
        """The trailer as it is now."""
        return self.work.trailer

    def keep(self, work: TrailerWork) -> None:
        """Keep what was done, and draw the page again."""
        get_library().decisions.save_work(self.analysis.cut.cut_id, work)
        st.rerun()

    def edit(self, change: Callable[[Trailer], Trailer], *, is_solved: bool = True, goes_to: int | None = None) -> None:
        """Change the trailer, fit the rest around that, and keep it; a change that cannot be says why.

        Args:
            change: makes another trailer of the one there is.
            is_solved: whether what is not locked is chosen anew around it.
            goes_to: where the clip that a person works on lies afterwards; None where it stays or is no more.
        """
        try:
            edited = replace(self.work.present, trailer=change(self.trailer))
        except FilmError as error:
            show_failure(error.message, error.hint)
            return
        self.arrange(edited, is_solved=is_solved, goes_to=goes_to)

    def arrange(self, edited: Arrangement, *, is_solved: bool = True, goes_to: int | None = None) -> None:
        """Go on to another arrangement, and keep it; as in `edit`."""
        try:
            with st.spinner("Fitting the rest around it ..."):
                work = edit_work(self.work, edited, self.material, spoilers=self.spoilers, is_solved=is_solved)
        except FilmError as error:
            show_failure(error.message, error.hint)
            return
        if goes_to is not None:
            pick_clip(goes_to)
        self.keep(work)


def open_desk(analysis: Analysis, material: Material, spoilers: tuple[SpoilerZone, ...], template: str) -> Desk:
    """Open the trailer that is at work on a cut, or assemble the first one.

    Raises:
        TrailerError: nothing of the cut may be shown.
    """
    decisions, cut_id = get_library().decisions, analysis.cut.cut_id
    work = decisions.load_work(cut_id, template)
    if work is None:
        with st.spinner("Putting the trailer together ..."):
            work = begin_work(material, template=template, spoilers=spoilers)
        decisions.save_work(cut_id, work)
    measured = replace(refresh_trailer(work.trailer, material, spoilers=spoilers), notes=work.trailer.notes)
    history = replace(work.history, present=replace(work.present, trailer=measured))
    return Desk(analysis, material, spoilers, replace(work, history=history))


def show_steps(desk: Desk) -> None:
    """Undo, redo, and solve anew."""
    history = desk.work.history
    with st.container(horizontal=True, key="steps"):
        if st.button("Undo", icon=":material/undo:", disabled=not history.past):
            desk.keep(replace(desk.work, history=undo(history)))
        if st.button("Redo", icon=":material/redo:", disabled=not history.future):
            desk.keep(replace(desk.work, history=redo(history)))
        if st.button("Choose anew", icon=":material/refresh:", help="All clips that are not locked are chosen again."):
            desk.arrange(desk.work.present)
    broken = [
        number
        for number, clip in enumerate(desk.trailer.clips, start=1)
        if any(zone.is_hard and clip.start_s < zone.end_s and clip.end_s > zone.start_s for zone in desk.spoilers)
    ]
    if broken:
        clips = ", ".join(map(str, broken))
        lies = f"Clips {clips} now lie" if len(broken) > 1 else f"Clip {clips} now lies"
        st.warning(f"{lies} in what must not be shown. Unlock what is locked, and choose anew.")


def show_clip(desk: Desk, index: int) -> None:
    """Show one clip, its place counted from 0, with what can be done to it."""
    cut, clip = desk.analysis.cut, desk.trailer.clips[index]
    st.subheader(f"{index + 1}. {plain(clip.role)}", anchor=False)
    span = f"{cut.timecode(clip.start_s)} – {cut.timecode(clip.end_s)}"
    with st.container(key="clip-span"):
        st.markdown(f"{span} · {float(clip.end_s - clip.start_s):.2f} s")
    told = [
        f"{plain(reason.name)} {reason.weight:+.2f}".replace("-", "−")
        for reason in sorted(clip.reasons, key=lambda reason: -reason.weight)
        if abs(reason.weight) >= TOLD
    ]
    if told:
        st.caption(" · ".join(told))
    last = len(desk.trailer.clips) - 1
    with st.container(horizontal=True, key="clip-actions"):
        if clip.is_locked:
            if st.button("Unlock", icon=":material/lock_open:"):
                desk.edit(partial(unlock_clip, index=index), is_solved=False)
        elif st.button("Lock", icon=":material/lock:"):
            desk.edit(partial(lock_clip, index=index), is_solved=False)
        if st.button("Earlier", icon=":material/arrow_back:", disabled=index == 0):
            desk.edit(partial(move_clip, index=index, to=index - 1), goes_to=index - 1)
        if st.button("Later", icon=":material/arrow_forward:", disabled=index == last):
            desk.edit(partial(move_clip, index=index, to=index + 1), goes_to=index + 1)
        if st.button("Never show this", icon=":material/block:", disabled=clip.is_locked):
            desk.edit(partial(ban_span, start_s=clip.start_s, end_s=clip.end_s))
    _trim(desk, index)


def _trim(desk: Desk, index: int) -> None:
    """Take frames away from a clip's ends, or add some."""
    with (
        st.form(f"trim-{index}", border=False, clear_on_submit=True),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        head = st.number_input("Frames off its beginning", value=0, step=1, key=f"trim-{index}-head")
        tail = st.number_input("Frames off its end", value=0, step=1, key=f"trim-{index}-tail")
        asked = st.form_submit_button("Trim")
    if asked and (head or tail):
        desk.edit(
            lambda trailer: trim_clip(
                trailer,
                index=index,
                material=desk.material,
                head_frames=int(head),
                tail_frames=int(tail),
                spoilers=desk.spoilers,
            )
        )


def offer_others(desk: Desk, index: int, *, still_url: str) -> None:
    """Show what could stand in a clip's place, the best first.

    Args:
        desk: the trailer at work.
        index: the clip's place, counted from 0.
        still_url: where the browser finds the picture of a second, with `SECOND` for the second.
    """
    trailer, cut = desk.trailer, desk.analysis.cut
    with st.expander(f"Swap clip {index + 1} for ...", icon=":material/swap_horiz:", key=f"swap-{index}"):
        offered = list_alternatives(
            desk.material,
            trailer,
            index=index,
            template=TEMPLATES[trailer.template],
            options=desk.work.present.options(desk.spoilers),
            most=OFFERED,
        )
        if not offered:
            st.markdown("Nothing else of this length may be shown here.")
            return
        for place, (column, clip) in enumerate(zip(st.columns(OFFERED), offered, strict=False)):
            second = min(int((clip.start_s + clip.end_s) / 2), desk.analysis.features.seconds - 1)
            if "frames" in cut.streams:
                column.html(f'<img class="offer" alt="" src="{html.escape(still_url.replace("SECOND", str(second)))}">')
            column.caption(cut.timecode(clip.start_s))
            if column.button("Take it", key=f"take-{index}-{place}"):
                desk.edit(partial(swap_clip, index=index, clip=clip))


def choose_assembly(desk: Desk) -> None:
    """Let a person say what counts when a trailer is put together."""
    kept = desk.work.present.weights
    # Sliders keep what was moved under their key: weights that were kept, or undone, are other sliders.
    prefix = f"assembly-{desk.analysis.cut.cut_id}-{desk.trailer.template}-{hash(kept)}"
    with st.expander("What counts", icon=":material/tune:", key=f"{prefix}-box"), st.form(prefix, border=False):
        values = {
            field.name: st.slider(
                WEIGHTS[field.name], 0.0, HEAVIEST, getattr(kept, field.name), step=0.1, key=f"{prefix}-{field.name}"
            )
            for field in fields(AssemblyWeights)
        }
        if st.form_submit_button("Choose anew with these"):
            desk.arrange(replace(desk.work.present, weights=AssemblyWeights(**values)))


def list_bans(desk: Desk) -> None:
    """Show what is never to be shown, each stretch with a way back."""
    cut, bans = desk.analysis.cut, desk.trailer.bans
    if not bans:
        return
    with st.expander(f"Never shown: {len(bans)}", icon=":material/block:", key="bans"):
        for index, (start_s, end_s) in enumerate(bans):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"{cut.timecode(start_s)} – {cut.timecode(end_s)}")
                if st.button("Allow it again", key=f"lift-{index}"):
                    desk.edit(partial(lift_ban, index=index))


def choose_music(desk: Desk) -> None:
    """Let a person give a temp track, onto whose beats the cuts are pulled."""
    key = f"music-{desk.analysis.cut.cut_id}-{desk.trailer.template}"
    title = f"Temp track: {plain(desk.work.present.music)}" if desk.work.present.music else "Temp track"
    with st.expander(title, icon=":material/music_note:", key=f"{key}-box"):
        if desk.work.present.music:
            st.caption(
                f"{len(desk.work.present.beats_s)} beats were found; cuts lie on them wherever shots and lines allow."
            )
            if st.button("Without it", key=f"{key}-remove"):
                desk.arrange(replace(desk.work.present, music="", beats_s=()))
        with st.form(key, border=False, clear_on_submit=True):
            track = st.file_uploader("A piece of music", help="It stays on this machine, and only its beats are kept.")
            asked = st.form_submit_button("Cut to it")
        if asked and track is None:
            show_failure("There is no music yet.", "Choose a file, and press the button once its name stands here.")
        if asked and track is not None:
            with show_errors(), st.spinner("Listening for beats ..."):
                path = store_upload(get_settings(), track.name, track)
                try:
                    beats_s = find_beats(path)
                finally:
                    get_library().jobs.discard_media(path)
                desk.arrange(replace(desk.work.present, music=track.name, beats_s=beats_s))
