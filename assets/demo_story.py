"""What happens in the demo film, in which order, and how its second cut differs: the known truth of both films.

The story is told in the manner of Heider and Simmel's film of 1944, in which people see fear, anger and love in the
movements of two triangles and a circle.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import demo_dawn as dawn
import demo_day as day
import demo_night as night
import numpy as np
from demo_drawing import Canvas
from demo_score import CUES, SCORED_HIDING, Cue

FRAME_RATE = 24
DISSOLVE_FRAMES, FADE_FRAMES = 24, 36


@dataclass(frozen=True, kw_only=True)
class Line:
    """A subtitle: when it starts and ends, in shares of its shot, and its text."""

    start: float
    end: float
    text: str


@dataclass(frozen=True, kw_only=True)
class Shot:
    """One shot of the story.

    Attributes:
        name: what it is called.
        frames: how long it is in the first cut.
        tension: the authored tension where it starts and where it ends, 0..1.
        draw: paints it at t seconds.
        begins: `hard`, `dissolve` or `fade`: how the film comes to it from the shot before.
        line: what is said.
    """

    name: str
    frames: int
    tension: tuple[float, float]
    draw: Callable[[float], Canvas]
    begins: str = "hard"
    line: Line | None = None


@dataclass(frozen=True, kw_only=True)
class Placed:
    """A shot where it stands in a cut: its first frame, its length in frames, its sound and its tension."""

    shot: Shot
    start: int
    frames: int
    cue: Cue
    tension: tuple[float, float]

    @property
    def end(self) -> int:
        """The first frame after it."""
        return self.start + self.frames


@dataclass(frozen=True, kw_only=True)
class Film:
    """One cut of the demo film: its file name without a suffix, its title, and its shots in order."""

    name: str
    title: str
    placed: tuple[Placed, ...]

    @property
    def frames(self) -> int:
        """How many frames it has."""
        return self.placed[-1].end


def _line(start: float, end: float, text: str) -> Line:
    """A subtitle, written shortly."""
    return Line(start=start, end=end, text=text)


def _shot(
    draw: Callable[[float], Canvas],
    frames: int,
    low: float,
    high: float,
    line: Line | None = None,
    begins: str = "hard",
) -> Shot:
    """A shot, written shortly; its name is that of the function that draws it."""
    name = draw.__name__.removeprefix("draw_")
    return Shot(name=name, frames=frames, tension=(low, high), draw=draw, begins=begins, line=line)


SHOTS: tuple[Shot, ...] = (
    _shot(
        day.draw_morning_wide,
        108,
        0.08,
        0.06,
        _line(0.2, 0.9, "Every morning the little one comes out, happy to be alive."),
    ),
    _shot(day.draw_little_close, 72, 0.05, 0.06),
    _shot(day.draw_circle_peeks, 72, 0.08, 0.14, _line(0.42, 0.95, "Who is out there? I am shy, and so curious.")),
    _shot(
        day.draw_meeting_wide,
        108,
        0.14,
        0.10,
        _line(0.36, 0.9, "Hello, my friend. I have waited for you all my life."),
        "dissolve",
    ),
    _shot(day.draw_dance_above, 108, 0.10, 0.12, _line(0.15, 0.85, "We dance and we laugh. What joy!")),
    _shot(day.draw_play_close, 72, 0.08, 0.08, _line(0.15, 0.85, "Stay with me. I love you.")),
    _shot(day.draw_shadow_falls, 60, 0.26, 0.42, _line(0.35, 0.95, "Something is wrong. It is suddenly cold.")),
    _shot(day.draw_big_rises, 75, 0.45, 0.56, _line(0.4, 0.95, "This is my meadow. Get out!")),
    _shot(day.draw_two_freeze, 45, 0.56, 0.60, _line(0.12, 0.92, "I am so afraid.")),
    _shot(day.draw_stalk_above, 60, 0.60, 0.66),
    _shot(day.draw_shove, 45, 0.70, 0.78),
    _shot(day.draw_stand_up, 45, 0.70, 0.70, _line(0.2, 0.95, "Don't you dare touch her!")),
    _shot(day.draw_chase_wide, 64, 0.74, 0.78, _line(0.1, 0.8, "Run! He is going to kill us!")),
    _shot(day.draw_chase_little, 32, 0.80, 0.82),
    _shot(day.draw_chase_big, 32, 0.83, 0.85),
    _shot(day.draw_chase_above, 64, 0.82, 0.82),
    _shot(day.draw_door_slams, 48, 0.82, 0.62),
    _shot(night.draw_room_dark, 92, 0.48, 0.42),
    _shot(night.draw_shape_at_window, 72, 0.48, 0.54),
    _shot(night.draw_hiding_close, 72, 0.48, 0.46, _line(0.2, 0.9, "Hush. Don't breathe. I am so frightened.")),
    _shot(night.draw_prowl_above, 72, 0.50, 0.64),
    _shot(night.draw_door_bursts, 48, 0.88, 0.93, _line(0.4, 0.98, "There you are!")),
    _shot(night.draw_big_looms, 40, 0.94, 0.95),
    _shot(night.draw_room_chase, 64, 0.95, 0.95),
    _shot(night.draw_trapped, 32, 0.97, 1.0),
    _shot(night.draw_strike, 48, 1.0, 0.98, _line(0.05, 0.75, "Leave her alone!")),
    _shot(night.draw_escape, 56, 0.86, 0.80),
    _shot(night.draw_rage, 64, 0.78, 0.70, _line(0.1, 0.65, "I hate you! I will tear it all down!")),
    _shot(dawn.draw_far_run, 78, 0.36, 0.20, _line(0.25, 0.78, "We got away. It is over.")),
    _shot(dawn.draw_embrace_wide, 78, 0.12, 0.08, None, "fade"),
    _shot(dawn.draw_embrace_close, 78, 0.06, 0.06, _line(0.15, 0.9, "You are safe. I love you with all my heart.")),
    _shot(
        dawn.draw_big_alone, 78, 0.16, 0.14, _line(0.2, 0.9, "And I am alone, and so sorry, and nobody hears me cry.")
    ),
    _shot(dawn.draw_last_evening, 78, 0.06, 0.03, _line(0.2, 0.85, "Good night. Tomorrow will be beautiful.")),
)
"""The first cut's shots in order; a line's times are shares of its shot, so that it stays with it."""

REMOVED = ("play_close", "chase_little")
MOVED, MOVED_BEFORE = "shadow_falls", "dance_above"
RETIMED, RETIMED_FRAMES = "strike", 72
"""What the second cut does: two shots go, a menace is planted early, and the blow falls in slow motion."""


def _place(shots: Sequence[Shot], frames: Mapping[str, int], cues: Mapping[str, Cue]) -> tuple[Placed, ...]:
    """Lay shots end to end; `frames` and `cues` hold what differs from the first cut."""
    placed, start = [], 0
    for shot in shots:
        length = frames.get(shot.name, shot.frames)
        # The music that the second cut adds where they hide makes the wait a little more tense.
        extra = 0.08 if shot.name in cues else 0.0
        tension = (shot.tension[0] + extra, shot.tension[1] + extra)
        cue = cues.get(shot.name, CUES[shot.name])
        placed.append(Placed(shot=shot, start=start, frames=length, cue=cue, tension=tension))
        start += length
    return tuple(placed)


def _reorder(shots: Sequence[Shot]) -> list[Shot]:
    """The second cut's shots in order."""
    kept = [shot for shot in shots if shot.name not in (*REMOVED, MOVED)]
    moved = next(shot for shot in shots if shot.name == MOVED)
    kept.insert(next(place for place, shot in enumerate(kept) if shot.name == MOVED_BEFORE), moved)
    return kept


FIRST_CUT = Film(name="demo", title="Two Small Shapes", placed=_place(SHOTS, {}, {}))
SECOND_CUT = Film(
    name="demo_alternate",
    title="Two Small Shapes, second cut",
    placed=_place(_reorder(SHOTS), {RETIMED: RETIMED_FRAMES}, SCORED_HIDING),
)


def draw_frame(film: Film, index: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Paint one frame of a film: (H, W, 3) uint8 RGB; index counts from 0."""
    place = next(i for i, placed in enumerate(film.placed) if placed.start <= index < placed.end)
    for later in (place, place + 1):
        if 0 < later < len(film.placed) and _is_within_transition(film.placed[later], index):
            return _draw_transition(film.placed[later - 1], film.placed[later], index)
    return _draw_placed(film.placed[place], index).finish()


def transition_frames(shot: Shot) -> int:
    """How many frames the transition into a shot takes; half of them lie before its first frame."""
    return {"hard": 0, "dissolve": DISSOLVE_FRAMES, "fade": FADE_FRAMES}[shot.begins]


def _is_within_transition(placed: Placed, index: int) -> bool:
    """Whether a frame lies within the transition into a shot."""
    half = transition_frames(placed.shot) // 2
    return placed.start - half <= index < placed.start + half


def _draw_placed(placed: Placed, index: int) -> Canvas:
    """Paint a shot at a frame of its film, at the speed that its length in this film asks for."""
    speed = placed.shot.frames / placed.frames
    return placed.shot.draw((index - placed.start) * speed / FRAME_RATE)


def _draw_transition(before: Placed, after: Placed, index: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Paint a frame of a dissolve (both shots mixed) or of a fade (through black)."""
    half = transition_frames(after.shot) // 2
    if after.shot.begins == "dissolve":
        canvas, later = _draw_placed(before, index), _draw_placed(after, index)
        share = np.float32((index - after.start + half + 0.5) / (2 * half))
        canvas.pixels += (later.pixels - canvas.pixels) * share
        return canvas.finish()
    canvas = _draw_placed(after if index >= after.start else before, index)
    canvas.pixels *= np.float32(abs(index - after.start + 0.5) / half)
    return canvas.finish()


def list_sounds(film: Film) -> list[tuple[Cue, float, float]]:
    """The cue, start and length (seconds) of every shot, for the mix."""
    return [(placed.cue, placed.start / FRAME_RATE, placed.frames / FRAME_RATE) for placed in film.placed]


def list_lines(film: Film) -> list[tuple[float, float, str]]:
    """The subtitles of a film: start and end in seconds, and the text."""
    lines = []
    for placed in film.placed:
        if placed.shot.line is not None:
            line = placed.shot.line
            times = [(placed.start + share * placed.frames) / FRAME_RATE for share in (line.start, line.end)]
            lines.append((round(times[0], 3), round(times[1], 3), line.text))
    return lines
