"""What a person does to a trailer."""

from collections.abc import Callable
from dataclasses import FrozenInstanceError, replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.editing import (
    History,
    ban_span,
    lift_ban,
    lock_clip,
    move_clip,
    record,
    redo,
    refresh_trailer,
    remove_clip,
    swap_clip,
    trim_clip,
    undo,
    unlock_clip,
)
from pipeline.errors import TrailerError
from pipeline.sequence import Trailer
from pipeline.templates import TEMPLATES
from pipeline.trailer import AssemblyOptions, assemble_trailer, list_alternatives
from pipeline.types import SpoilerZone
from tests.trailers import find, list_breaches, make_lively_film

FILM = make_lively_film(400, seed=5)
MATERIAL = find(FILM)
TEMPLATE = TEMPLATES["spot30"]
FIRST = assemble_trailer(MATERIAL, template=TEMPLATE)
FRAME = 1 / FILM.cut.timecode_rate


def solve(trailer: Trailer) -> Trailer:
    return assemble_trailer(MATERIAL, template=TEMPLATE, around=trailer)


def test_locking_marks_a_clip_and_unlocking_frees_it() -> None:
    locked = lock_clip(FIRST, index=2)
    assert [clip.is_locked for clip in locked.clips] == [i == 2 for i in range(len(FIRST.clips))]
    assert unlock_clip(locked, index=2).clips == FIRST.clips
    assert not FIRST.clips[2].is_locked
    with pytest.raises(FrozenInstanceError):
        locked.clips = ()  # type: ignore[misc]


def test_a_swap_keeps_the_length_and_outlives_solving_again() -> None:
    other = list_alternatives(MATERIAL, FIRST, index=4, template=TEMPLATE)[0]
    swapped = swap_clip(FIRST, index=4, clip=other)
    assert swapped.duration_s == FIRST.duration_s
    assert (swapped.clips[4].start_s, swapped.clips[4].is_locked) == (other.start_s, True)
    assert swapped.clips[4].role == FIRST.clips[4].role
    assert swapped.clips[4] in solve(swapped).clips
    with pytest.raises(TrailerError, match="already"):
        swap_clip(FIRST, index=4, clip=FIRST.clips[5])
    with pytest.raises(TrailerError, match="banned"):
        swap_clip(ban_span(FIRST, start_s=other.start_s, end_s=other.end_s), index=4, clip=other)


def test_a_clip_that_is_moved_stays_there_while_the_rest_is_solved() -> None:
    moved = move_clip(FIRST, index=10, to=1)
    assert moved.clips[1] == replace(FIRST.clips[10], is_locked=True)
    assert set(moved.clips) - {moved.clips[1]} == set(FIRST.clips) - {FIRST.clips[10]}
    again = solve(moved)
    at = again.clips.index(moved.clips[1])
    assert sum(c.end_s - c.start_s for c in again.clips[:at]) == FIRST.clips[0].end_s - FIRST.clips[0].start_s
    assert abs(again.duration_s - 30) < FRAME


def test_what_is_banned_is_gone_and_never_comes_again() -> None:
    clip = FIRST.clips[3]
    banned = ban_span(FIRST, start_s=clip.start_s, end_s=clip.end_s)
    assert clip not in banned.clips
    assert len(banned.clips) == len(FIRST.clips) - 1
    again = solve(banned)
    assert list_breaches(again, FILM, bans=[(float(clip.start_s), float(clip.end_s))]) == []
    assert again.bans == ((clip.start_s, clip.end_s),)
    assert lift_ban(again, index=0).bans == ()
    with pytest.raises(TrailerError, match="locked"):
        ban_span(lock_clip(FIRST, index=3), start_s=clip.start_s, end_s=clip.end_s)


def test_a_clip_that_is_removed_leaves_a_shorter_trailer_until_it_is_solved_again() -> None:
    shorter = remove_clip(FIRST, index=0)
    assert shorter.duration_s == FIRST.duration_s - (FIRST.clips[0].end_s - FIRST.clips[0].start_s)
    assert abs(solve(shorter).duration_s - 30) < FRAME


@settings(max_examples=60, deadline=None)
@given(
    index=st.integers(0, len(FIRST.clips) - 1),
    head=st.integers(-40, 40),
    tail=st.integers(-40, 40),
    zone=st.booleans(),
)
def test_a_trim_is_exact_or_refused_and_what_is_allowed_breaks_no_rule(
    index: int, head: int, tail: int, *, zone: bool
) -> None:
    end_s = float(FIRST.clips[index].end_s)
    spoilers = (SpoilerZone(start_s=end_s + 0.25, end_s=end_s + 9, why="next"),) if zone else ()
    try:
        trimmed = trim_clip(
            FIRST, index=index, material=MATERIAL, head_frames=head, tail_frames=tail, spoilers=spoilers
        )
    except TrailerError:
        return
    before, after = FIRST.clips[index], trimmed.clips[index]
    assert after.start_s == before.start_s + head * FRAME
    assert after.end_s == before.end_s - tail * FRAME
    others = replace(trimmed, clips=(after,))
    assert list_breaches(trimmed, FILM) == []
    assert list_breaches(others, FILM, spoilers=spoilers) == []


def test_a_trim_inside_a_shot_is_allowed() -> None:
    done = 0
    for index in range(len(FIRST.clips)):
        try:
            trim_clip(FIRST, index=index, material=MATERIAL, tail_frames=1)
            done += 1
        except TrailerError:
            pass
    assert done > len(FIRST.clips) // 3


def test_every_edit_can_be_undone_and_done_again() -> None:
    edits: tuple[Callable[[Trailer], Trailer], ...] = (
        lambda t: lock_clip(t, index=1),
        lambda t: move_clip(t, index=5, to=2),
        lambda t: remove_clip(t, index=0),
        solve,
    )
    history, seen = History(present=FIRST), [FIRST]
    for edit in edits:
        seen.append(edit(history.present))
        history = record(history, seen[-1])
    for trailer in reversed(seen[:-1]):
        history = undo(history)
        assert history.present is trailer
    assert undo(history) is history
    for trailer in seen[1:]:
        history = redo(history)
        assert history.present is trailer
    assert redo(history) is history
    other = record(undo(history), FIRST)
    assert other.future == ()
    assert undo(other).present is seen[-2]


def test_a_refreshed_trailer_has_the_fit_of_its_clips_as_they_stand() -> None:
    assert refresh_trailer(FIRST, MATERIAL).fit == FIRST.fit
    reversed_clips = replace(FIRST, clips=FIRST.clips[::-1])
    again = refresh_trailer(reversed_clips, MATERIAL)
    assert again.clips == reversed_clips.clips
    assert again.fit < FIRST.fit


@pytest.mark.parametrize("index", [-1, 1000])
def test_a_clip_that_is_not_there_is_refused(index: int) -> None:
    for edit in (lock_clip, unlock_clip, remove_clip):
        with pytest.raises(TrailerError) as caught:
            edit(FIRST, index=index)
        assert str(len(FIRST.clips)) in caught.value.hint
    with pytest.raises(TrailerError):
        ban_span(FIRST, start_s=Fraction(3), end_s=Fraction(3))


def test_zones_of_options_reach_the_solver_around_locks() -> None:
    zone = SpoilerZone(start_s=100, end_s=200, why="the turn")
    again = assemble_trailer(
        MATERIAL, template=TEMPLATE, options=AssemblyOptions(spoilers=(zone,)), around=lock_clip(FIRST, index=0)
    )
    free = replace(again, clips=tuple(clip for clip in again.clips if not clip.is_locked))
    assert list_breaches(free, FILM, spoilers=(zone,)) == []
