"""A trailer's own tension beside the arc that its template wants."""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from pipeline.assembly.material import Frames, Material, clip_to_frames
from pipeline.assembly.measures import scale_tension
from pipeline.clock import frame_to_seconds, frames_to_seconds
from pipeline.sequence import Clip, Trailer
from pipeline.templates import Template, draw_arc
from pipeline.types import Floats


def describe_trailer(
    material: Material,
    clips: Sequence[Clip],
    *,
    template: Template,
    barred: Frames,
    bans: Sequence[tuple[Fraction, Fraction]] = (),
    notes: Sequence[str] = (),
) -> Trailer:
    """Make a trailer of clips: its arc, its tension, and how well the two agree.

    Args:
        material: the film.
        clips: in playing order.
        template: the kind of trailer.
        barred: (S, 2) frames that may not be shown; what is left of the film sets the scale of the tension.
        bans: what a person will not have shown.
        notes: what a person should know.
    """
    length_s = float(sum((clip.end_s - clip.start_s for clip in clips), Fraction(0)))
    tension = play_tension(clips, material.rate, scale_tension(material, barred))
    # A trailer may end by less than a frame behind a second in which no frame begins.
    arc = draw_arc(template, length_s)[: len(tension)] if clips else np.zeros(0, np.float32)
    return Trailer(
        cut_id=material.cut.cut_id,
        template=template.name,
        target_s=Fraction(template.length_s),
        clips=tuple(clips),
        arc=arc,
        fit=measure_fit(tension, arc),
        tension=tension,
        bans=tuple(bans),
        notes=tuple(notes),
    )


def play_tension(clips: Sequence[Clip], rate: Fraction, scaled: npt.NDArray[np.float64]) -> Floats:
    """Play a film's tension in a trailer's order.

    Args:
        clips: in playing order.
        rate: frames a second.
        scaled: (T,) the film's tension, 0 to 1.

    Returns:
        (N,) float32, the mean over the frames of each second of the trailer.
    """
    frames = [np.arange(*clip_to_frames(clip, rate)) for clip in clips]
    if not frames:
        return np.zeros(0, np.float32)
    instants = frames_to_seconds(np.concatenate(frames), rate) + float(frame_to_seconds(1, rate)) / 2
    values = scaled[np.minimum(instants.astype(np.int64), len(scaled) - 1)]
    second = (frames_to_seconds(np.arange(len(values)), rate) + 1e-9).astype(np.int64)
    return np.asarray(np.bincount(second, values) / np.bincount(second), np.float32)


def measure_fit(tension: Floats, arc: Floats) -> float:
    """Pearson's r of a trailer's tension with its arc, NaN where one of them does not move."""
    if len(arc) < 2 or np.ptp(arc) < 1e-6 or np.ptp(tension) < 1e-6:
        return float("nan")
    return float(np.corrcoef(tension, arc)[0, 1])
