"""The score of the demo film: for every shot its music and its noises.

Each shot carries its own phrase, so that a shot that is removed, moved or retimed takes its sound with it, as it does
in a cutting room. A phrase is written in beats and fills its shot, whatever the shot's length.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Cue:
    """What is heard during one shot.

    Attributes:
        beats: how many beats fill the shot.
        tracks: (instrument, gain, notes): notes are `PITCH[+PITCH...]:BEATS` one after the other, `-` is a rest.
        noises: (noise, gain, beat, beats): which noise, how loud, when it starts and how long it lasts.
    """

    beats: float
    tracks: tuple[tuple[str, float, str], ...] = ()
    noises: tuple[tuple[str, float, float, float], ...] = ()


def steps(
    first: float, every: float, count: int, noise: str = "step", gain: float = 0.12
) -> tuple[tuple[str, float, float, float], ...]:
    """Footfalls at a steady pace: `count` of them, `every` so many beats."""
    return tuple((noise, gain, first + every * number, 0.5) for number in range(count))


def beat_drum(gain: float, beats: float, every: float = 1.0) -> tuple[str, float, str]:
    """A drum on every `every` beats."""
    return ("drum", gain, " ".join([f"D2:{every}"] * int(beats / every)))


_RUN = "D3:.5 D3:.5 F3:.5 D3:.5 Ab3:.5 G3:.5 F3:.5 Eb3:.5"
_RUN_HIGH = "D4:.5 F4:.5 Ab4:.5 A4:.5 Ab4:.5 F4:.5 Eb4:.5 D4:.5"

CUES: Mapping[str, Cue] = {
    "morning_wide": Cue(
        beats=9,
        tracks=(
            ("pad", 0.10, "D3+A3+F#4:3 G3+B3+D4:3 D3+A3+F#4:3"),
            ("box", 0.13, "D5:1 F#5:.5 A5:.5 F#5:1 G5:1 B5:.5 A5:.5 G5:1 F#5:2 A4:1"),
        ),
        noises=(("birds", 0.05, 0.5, 8), *steps(1.5, 1.5, 5, gain=0.07)),
    ),
    "little_close": Cue(
        beats=6,
        tracks=(("pad", 0.10, "B2+F#3+D4:3 A2+E3+C#4:3"), ("box", 0.13, "F#5:1 D5:1 B4:1 E5:1 C#5:1 A4:1")),
        noises=(("birds", 0.04, 0, 6), *steps(1.5, 1.5, 2, gain=0.12)),
    ),
    "circle_peeks": Cue(
        beats=6,
        tracks=(("pad", 0.09, "G2+D3+B3:3 A2+E3+C#4:3"), ("flute", 0.12, "-:1 B4:1 D5:1 E5:.5 D5:.5 C#5:1 E5:1")),
        noises=(("creak", 0.05, 0.6, 1.6),),
    ),
    "meeting_wide": Cue(
        beats=9,
        tracks=(
            ("pad", 0.10, "D3+A3+F#4:3 B2+F#3+D4:3 G2+D3+B3:3"),
            ("box", 0.11, "D5:1 F#5:.5 A5:.5 F#5:1 -:3 B5:1 A5:1 G5:1"),
            ("flute", 0.12, "-:3 D5:1 F#5:.5 A5:.5 F#5:1 G5:3"),
        ),
        noises=steps(1.5, 1.5, 3, gain=0.08),
    ),
    "dance_above": Cue(
        beats=9,
        tracks=(
            ("bass", 0.16, "D3:3 G2:3 A2:3"),
            ("pad", 0.06, "-:1 F#4+A4:2 -:1 G4+B4:2 -:1 G4+C#5:2"),
            ("box", 0.14, "A5:.5 F#5:.5 D5:.5 F#5:.5 A5:1 B5:.5 G5:.5 D5:.5 G5:.5 B5:1 C#6:.5 A5:.5 E5:.5 A5:.5 C#6:1"),
            ("flute", 0.10, "F#5:2 A5:1 G5:2 B5:1 A5:3"),
        ),
    ),
    "play_close": Cue(
        beats=6,
        tracks=(("pad", 0.10, "G2+D3+B3:3 D3+A3+F#4:3"), ("box", 0.10, "D6:1 B5:1 G5:1 A5:1 F#5:1 D5:1")),
        noises=steps(1.5, 3, 2, gain=0.07),
    ),
    "shadow_falls": Cue(
        beats=4,
        tracks=(("pad", 0.16, "D2+A2:4"), ("tremolo", 0.07, "-:1 Eb4+Ab4:3"), ("box", 0.08, "F#5:1 Eb5:3")),
        noises=(("wind", 0.13, 0, 4),),
    ),
    "big_rises": Cue(
        beats=5,
        tracks=(
            ("brass", 0.24, "D2+A2:1 Eb2+Bb2:1 F2+C3:1 Ab2+D3:2"),
            ("tremolo", 0.08, "D4+Ab4:5"),
            ("drum", 0.3, "D2:1 D2:1 D2:1 D2:1 D2:1"),
        ),
        noises=(("wind", 0.12, 0, 5),),
    ),
    "two_freeze": Cue(
        beats=3,
        tracks=(("tremolo", 0.16, "G4+Ab4+D5:3"), ("pad", 0.13, "D2+Eb3:3")),
        noises=(("heartbeat", 0.3, 0, 1), ("heartbeat", 0.34, 1, 1), ("heartbeat", 0.4, 2, 1)),
    ),
    "stalk_above": Cue(
        beats=4,
        tracks=(("brass", 0.24, "D2:1 Eb2:1 D2:1 F2+Ab2:1"), ("tremolo", 0.12, "A3+Eb4:2 Bb3+E4:2")),
        noises=steps(0, 1, 4, "stomp", 0.5),
    ),
    "shove": Cue(
        beats=3,
        tracks=(("brass", 0.28, "Ab2+D3:1 Eb2+A2+Eb3:2"), ("strings", 0.2, "D4:.25 Eb4:.25 F4:.25 Ab4:.25 A4:.5")),
        noises=(("whoosh", 0.2, 0.6, 0.9), ("impact", 0.85, 1.15, 1), ("step", 0.3, 2.1, 1)),
    ),
    "stand_up": Cue(
        beats=3,
        tracks=(
            ("brass", 0.2, "D2+D3:3"),
            ("strings", 0.3, "D4:.5 F4:.5 A4:.5 D5:.5 Eb5:1"),
            ("tremolo", 0.14, "F4+A4:3"),
        ),
        noises=steps(0, 1, 3, "stomp", 0.4),
    ),
    "chase_wide": Cue(
        beats=8,
        tracks=(
            ("strings", 0.34, f"{_RUN} {_RUN}"),
            ("brass", 0.24, "D2+A2:2 Eb2+Bb2:2 D2+Ab2:2 F2+B2:2"),
            beat_drum(0.5, 8),
        ),
        noises=steps(0.25, 1, 8, gain=0.12),
    ),
    "chase_little": Cue(
        beats=4,
        tracks=(("strings", 0.34, _RUN_HIGH), ("tremolo", 0.16, "D5+Ab5:4"), beat_drum(0.5, 4, 0.5)),
        noises=steps(0, 1, 4, gain=0.25),
    ),
    "chase_big": Cue(
        beats=4,
        tracks=(("brass", 0.42, "D2+Ab2+D3:2 Eb2+A2+Eb3:2"), ("strings", 0.3, _RUN), beat_drum(0.55, 4)),
        noises=steps(0, 1.33, 3, "stomp", 0.6),
    ),
    "chase_above": Cue(
        beats=8,
        tracks=(
            ("strings", 0.34, f"{_RUN} {_RUN_HIGH}"),
            ("brass", 0.3, "D2+A2:1 -:1 Eb2+Bb2:1 -:1 F2+C3:1 -:1 Ab2+D3:2"),
            ("tremolo", 0.14, "A4+Eb5:4 Bb4+E5:4"),
            beat_drum(0.55, 8),
        ),
    ),
    "door_slams": Cue(
        beats=6,
        tracks=(("strings", 0.36, "D4:.5 Eb4:.5 F4:.5 Gb4:.5 Ab4:.5 A4:.5 Bb4:.36"), beat_drum(0.5, 3)),
        noises=(("creak", 0.1, 2.2, 1.1), ("slam", 1.0, 3.36, 1), ("stomp", 0.3, 5.2, 1)),
    ),
    "room_dark": Cue(
        beats=4,
        tracks=(("pad", 0.012, "D5+Eb5:4"),),
        noises=(("heartbeat", 0.12, 0.5, 1), ("heartbeat", 0.11, 1.5, 1), ("heartbeat", 0.1, 2.5, 1)),
    ),
    "shape_at_window": Cue(
        beats=3,
        tracks=(("pad", 0.03, "D2:3"),),
        noises=(("stomp", 0.14, 0.3, 1), ("stomp", 0.16, 1.2, 1), ("stomp", 0.1, 2.4, 1)),
    ),
    "hiding_close": Cue(
        beats=3,
        tracks=(("tremolo", 0.012, "Ab5:3"),),
        noises=(("heartbeat", 0.13, 0, 1), ("heartbeat", 0.14, 1, 1), ("heartbeat", 0.16, 2, 1)),
    ),
    "prowl_above": Cue(
        beats=3,
        tracks=(("tremolo", 0.03, "D3+Eb3:3"),),
        noises=(("stomp", 0.1, 0.2, 1), ("stomp", 0.13, 1.1, 1), ("slam", 0.12, 2.3, 1), ("slam", 0.16, 2.65, 1)),
    ),
    "door_bursts": Cue(
        beats=6,
        tracks=(("brass", 0.46, "-:1 D2+Ab2+D3+Eb3:5"), ("tremolo", 0.24, "-:1 D4+Ab4+Eb5:5")),
        noises=(("impact", 1.0, 0.9, 1), ("slam", 0.9, 1.5, 1)),
    ),
    "big_looms": Cue(
        beats=5,
        tracks=(("brass", 0.48, "Ab2+D3+Eb3:2.5 A2+Eb3+E3:2.5"), ("tremolo", 0.22, "D5+Eb5:5"), beat_drum(0.5, 5)),
        noises=steps(0, 2, 3, "stomp", 0.6),
    ),
    "room_chase": Cue(
        beats=8,
        tracks=(
            ("strings", 0.4, f"{_RUN_HIGH} {_RUN_HIGH}"),
            ("brass", 0.4, "D2+Ab2:1 D2+A2:1 Eb2+A2:1 Eb2+Bb2:1 F2+B2:1 F2+C3:1 Ab2+D3:1 A2+Eb3:1"),
            beat_drum(0.6, 8, 0.5),
        ),
    ),
    "trapped": Cue(
        beats=4,
        tracks=(("tremolo", 0.4, "Ab4+D5+Eb5:4"), ("brass", 0.36, "D2+Eb2:4"), beat_drum(0.5, 4)),
        noises=(("heartbeat", 0.5, 0, 1), ("heartbeat", 0.5, 2, 1)),
    ),
    "strike": Cue(
        beats=6,
        tracks=(
            ("strings", 0.44, "D4:.5 F4:.5 A4:.5 Bb4:.5 D5:.4"),
            ("brass", 0.5, "D2+A2:2.8 D2+Ab2+Eb3+A3:3.2"),
            beat_drum(0.6, 3, 0.5),
        ),
        noises=(("whoosh", 0.4, 1, 1.9), ("impact", 1.2, 2.85, 1), ("crash", 0.5, 2.9, 1)),
    ),
    "escape": Cue(
        beats=7,
        tracks=(
            ("strings", 0.36, f"{_RUN_HIGH} D5:.5 C5:.5 A4:.5"),
            ("brass", 0.28, "D2+A2:2 F2+C3:2 G2+D3:2"),
            beat_drum(0.5, 5),
        ),
        noises=(*steps(0.6, 1, 6, gain=0.2), ("slam", 0.9, 4.5, 1)),
    ),
    "rage": Cue(
        beats=8,
        tracks=(
            ("brass", 0.4, "D2+Eb2:2 D2+Ab2:2 Eb2+A2+D3:4"),
            beat_drum(0.55, 4, 0.5),
            ("tremolo", 0.2, "A3+Eb4:4.3"),
        ),
        noises=(("impact", 0.6, 0.6, 1), ("impact", 0.7, 2.3, 1), ("crash", 1.2, 4.35, 1)),
    ),
    "far_run": Cue(
        beats=7,
        tracks=(("pad", 0.12, "D2+A2+F3:3.5 Bb2+F3+D4:3.5"), ("flute", 0.09, "-:2 A4:1 D5:1 F5:1 E5:2")),
        noises=(("wind", 0.09, 0, 7), *steps(0.4, 0.9, 5, gain=0.05), ("crickets", 0.012, 2, 5)),
    ),
    "embrace_wide": Cue(
        beats=6,
        tracks=(
            ("pad", 0.11, "G2+D3+B3:3 D3+A3+F#4:3"),
            ("box", 0.10, "-:1 D5:1 G5:1 F#5:1 A5:1 D6:1"),
            ("flute", 0.09, "B4:3 A4:3"),
        ),
    ),
    "embrace_close": Cue(
        beats=6,
        tracks=(
            ("pad", 0.13, "B2+F#3+D4:2 G2+D3+B3:2 A2+E3+C#4:2"),
            ("box", 0.11, "D5:1 F#5:.5 A5:.5 B5:1 A5:1 G5:1 E5:1"),
            ("flute", 0.10, "F#5:2 G5:2 E5:2"),
        ),
    ),
    "big_alone": Cue(
        beats=6,
        tracks=(("pad", 0.10, "D2+A2+F3:3 Bb2+F3+D4:3"), ("flute", 0.08, "-:1 A4:1 F4:1 D4:3")),
        noises=(("rain", 0.03, 0, 6),),
    ),
    "last_evening": Cue(
        beats=6,
        tracks=(("pad", 0.10, "G2+D3+B3:2 D3+A3+F#4:4"), ("box", 0.10, "D5:1 F#5:.5 A5:.5 F#5:1 D5:3")),
        noises=(("crickets", 0.012, 0, 6),),
    ),
}
"""What the first cut sounds like, shot by shot."""

_PULSE = "D2:.5 D2:.5 Eb2:.5 D2:.5 F2:.5 Eb2:.5"

SCORED_HIDING: Mapping[str, Cue] = {
    "room_dark": Cue(
        beats=4, tracks=(("bass", 0.4, f"{_PULSE} D2:.5 D2:.5"), ("tremolo", 0.2, "D4+Ab4:4"), ("pad", 0.16, "D2+A2:4"))
    ),
    "shape_at_window": Cue(
        beats=3, tracks=(("bass", 0.4, _PULSE), ("tremolo", 0.22, "Eb4+A4:3"), ("brass", 0.2, "D2:3"))
    ),
    "hiding_close": Cue(
        beats=3, tracks=(("bass", 0.4, _PULSE), ("tremolo", 0.24, "E4+Bb4:3"), ("pad", 0.16, "D2+A2:3"))
    ),
    "prowl_above": Cue(
        beats=3, tracks=(("bass", 0.42, _PULSE), ("tremolo", 0.26, "F4+B4:3"), ("brass", 0.24, "Eb2:3"))
    ),
}
"""What the second cut sounds like while they hide: music instead of near silence."""
