"""Writes down what is known of the demo films: their shots, their tension a second, and the edit between them."""

import math
from typing import Any

import numpy as np
from demo_drawing import HEIGHT_PX, WIDTH_PX
from demo_score import SCORED_HIDING
from demo_story import FRAME_RATE, MOVED, REMOVED, RETIMED, Film, Placed, transition_frames


def describe_film(film: Film) -> dict[str, Any]:
    """The truth of one film, ready for JSON.

    Args:
        film: the film.

    Returns:
        Its title, size and rate; `shots` with their first and one-past-last frame, the same in seconds, and the
        transition they begin with; `tension`, the authored value of every second [t, t+1), 0..1.
    """
    return {
        "title": film.title,
        "film": f"{film.name}.mp4",
        "subtitles": f"{film.name}.srt",
        "width": WIDTH_PX,
        "height": HEIGHT_PX,
        "frame_rate": f"{FRAME_RATE}/1",
        "frames": film.frames,
        "duration_s": frames_to_seconds(film.frames),
        "shots": [_describe_shot(placed) for placed in film.placed],
        "tension": author_tension(film),
    }


def _describe_shot(placed: Placed) -> dict[str, Any]:
    """One row of `shots`."""
    half = transition_frames(placed.shot) // 2
    return {
        "name": placed.shot.name,
        "start_frame": placed.start,
        "end_frame": placed.end,
        "start_s": frames_to_seconds(placed.start),
        "end_s": frames_to_seconds(placed.end),
        "begins": "film" if placed.start == 0 else placed.shot.begins,
        "transition_start_s": frames_to_seconds(placed.start - half),
        "transition_end_s": frames_to_seconds(placed.start + half),
    }


def frames_to_seconds(frames: int) -> float:
    """Frames to seconds, rounded to a microsecond."""
    return round(frames / FRAME_RATE, 6)


def author_tension(film: Film) -> list[float]:
    """The tension the story asks for: the mean over each second of the straight lines that its shots draw, 0..1."""
    frames = np.concatenate([np.linspace(*placed.tension, placed.frames) for placed in film.placed])
    seconds = math.ceil(film.frames / FRAME_RATE)
    return [round(float(frames[t * FRAME_RATE : (t + 1) * FRAME_RATE].mean()), 3) for t in range(seconds)]


def describe_edits(first: Film, second: Film) -> list[dict[str, Any]]:
    """What was done to the first cut (a) to make the second (b), in the order of the first.

    Args:
        first: the first cut.
        second: the second cut.

    Returns:
        Rows of `kind` (removed, moved, retimed or sound), the `shots` it touches, and its span in both cuts in
        seconds. A removed span has an empty span in b: the place where it is missing.
    """
    before = {placed.shot.name: placed for placed in first.placed}
    after = {placed.shot.name: placed for placed in second.placed}
    names = [placed.shot.name for placed in first.placed]
    rows = []
    for name in REMOVED:
        follower = after[next(later for later in names[names.index(name) + 1 :] if later in after and later != MOVED)]
        rows.append(_edit("removed", [name], before[name].start, before[name].end, follower.start, follower.start))
    for kind, shots in (("moved", [MOVED]), ("sound", list(SCORED_HIDING)), ("retimed", [RETIMED])):
        head, tail = shots[0], shots[-1]
        rows.append(_edit(kind, shots, before[head].start, before[tail].end, after[head].start, after[tail].end))
    return sorted(rows, key=lambda row: float(row["a_start_s"]))


def _edit(kind: str, shots: list[str], a_start: int, a_end: int, b_start: int, b_end: int) -> dict[str, Any]:
    """One row of the edit list, its frames turned into seconds."""
    spans = {"a_start_s": a_start, "a_end_s": a_end, "b_start_s": b_start, "b_end_s": b_end}
    return {"kind": kind, "shots": shots, **{name: frames_to_seconds(frame) for name, frame in spans.items()}}
