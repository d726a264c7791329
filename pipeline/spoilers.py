"""Spoiler zones: what is better not shown, as far as the place in the story and the curves can tell."""

from dataclasses import dataclass

import numpy as np

from pipeline.moments.columns import find_story
from pipeline.types import Curves, Features, SpoilerZone


@dataclass(frozen=True, kw_only=True)
class SpoilerOptions:
    """Where spoilers are expected.

    Attributes:
        last_share: the last share of the story, which is a zone.
        late_share: the highest build-up is looked for from here on, as a share of the story.
        margin_share: the zone of the build-up goes on for this share of the story at either side of its peak.
        build_s: tension builds up over this many seconds.
        shortest_story_s: a shorter cut is taken for a scene, a reel or a trailer, and has no zones.
    """

    last_share: float = 0.15
    late_share: float = 0.6
    margin_share: float = 0.01
    build_s: int = 90
    shortest_story_s: int = 300


def place_spoilers(
    features: Features, curves: Curves, *, duration_s: float, options: SpoilerOptions | None = None
) -> tuple[SpoilerZone, ...]:
    """Place the zones that are taken for granted until a person gives others, a list that replaces them.

    The last 15 % of the story, seconds of asides not counted; and, before that, the highest late build-up: where the
    tension's mean over 30 s has risen most against what it was 90 s earlier, in the story from 60 % on, with 1 % of the
    story at either side. Cuts of under five minutes have none.

    This rests on two assumptions. By Hauge's scheme of six stages the major setback stands at 75 % of a story and the
    climax at 90 to 99 %; and trailers seldom show these two: 34 % of those counted had any shot of them, against 53 and
    55 % for the first two turning points. So a third of real trailers does not keep to it, and a film told in another
    order has its secrets elsewhere: the zones are a beginning for a person to change. Nothing here knows what is told.

    Source: Papalampidi, Keller and Lapata, "Film Trailer Generation via Task Decomposition" (2021), appendix D.

    Args:
        features: the cut's measurements, for its asides.
        curves: its curves.
        duration_s: where the cut ends.
        options: where to expect them.

    Returns:
        The zones, hard, in order.
    """
    options = options or SpoilerOptions()
    story = np.flatnonzero(find_story(features))
    if len(story) < options.shortest_story_s:
        return ()
    last = int(story[min(int(len(story) * (1 - options.last_share)), len(story) - 1)])
    end_s = min(float(story[-1] + 1), duration_s)
    zones = [SpoilerZone(start_s=float(last), end_s=end_s, why=f"the last {options.last_share:.0%} of the story")]
    tension = curves.curve("tension")[story].astype(np.float64)
    smooth = np.convolve(np.pad(tension, 15, mode="edge"), np.ones(30) / 30, mode="valid")[: len(story)]
    rise = smooth - np.r_[np.full(options.build_s, smooth[0]), smooth][: len(smooth)]
    late = slice(int(len(story) * options.late_share), int(len(story) * (1 - options.last_share)))
    if rise[late].max(initial=0) > 0:
        peak = int(story[late.start + int(rise[late].argmax())])
        margin = max(int(options.margin_share * len(story)), 5)
        start = max(peak - margin, 0)
        stop = min(peak + margin, last)
        if start < stop:
            zones.insert(
                0, SpoilerZone(start_s=float(start), end_s=float(stop), why="the highest build-up late in the film")
            )
    return tuple(zones)
