"""How long a preview takes, as a share of the trailer's own length, and whether moviepy's own reader names its frames right.

python -m benchmarks.trailer --render
"""

import tempfile
import time
from fractions import Fraction
from pathlib import Path

import numpy as np
from moviepy import VideoFileClip

from pipeline.clock import frame_to_seconds
from pipeline.render import PreviewOptions, render_preview
from pipeline.sequence import Clip, Trailer
from pipeline.streams.excerpt import read_frames
from pipeline.streams.probe import probe_cut

CLIPS, CLIP_S, SECONDS = 40, 1.5, 60


def time_previews(folder: Path) -> None:
    """Print the time that a minute of forty clips from all over a film takes, landscape and upright."""
    print(f"\na preview of {SECONDS} s, {CLIPS} clips; time as a share of its length\n{'':44}{'540p':>8}{'9:16':>8}")
    for path in sorted(folder.glob("*.mp4")):
        cut = probe_cut(path)
        ends = np.linspace(CLIP_S, float(cut.duration_s) - 1, CLIPS)
        frames = [round(float(end) * float(cut.timecode_rate)) for end in ends]
        length = round(CLIP_S * cut.timecode_rate)
        clips = tuple(
            Clip(
                start_s=frame_to_seconds(end - length, cut.timecode_rate),
                end_s=frame_to_seconds(end, cut.timecode_rate),
                role="any",
            )
            for end in frames
        )
        trailer = Trailer(
            cut_id=cut.cut_id,
            template="teaser",
            target_s=Fraction(SECONDS),
            clips=clips,
            arc=np.zeros(0, np.float32),
            fit=float("nan"),
        )
        shares = []
        for aspect in (None, Fraction(9, 16)):
            options = PreviewOptions(aspect=aspect, title=cut.title, person="A Person", date="2026-11-26")
            with tempfile.TemporaryDirectory() as out:
                start = time.perf_counter()
                render_preview(trailer, cut=cut, path=Path(out, "preview.mp4"), options=options)
                shares.append((time.perf_counter() - start) / float(trailer.duration_s))
        print(f"{path.name:44}{shares[0]:8.2f}{shares[1]:8.2f}", flush=True)
        print(f"{'  frames that moviepy reads otherwise':44}{count_differences(path):8.0%}", flush=True)


def count_differences(path: Path) -> float:
    """In what share of frames, one from each of a hundred places, moviepy's reader shows another picture than ours."""
    cut = probe_cut(path)
    off = 0
    with VideoFileClip(str(path), audio=False) as clip:
        numbers = np.linspace(10, float(cut.duration_s * cut.timecode_rate) - 10, 100).astype(int)
        for number in numbers.tolist():
            start_s = frame_to_seconds(number - 2, cut.timecode_rate)
            end_s = frame_to_seconds(number + 3, cut.timecode_rate)
            ours = list(read_frames(cut, start_s=start_s, end_s=end_s, box_px=(cut.width, cut.height)))
            theirs = clip.get_frame(float(frame_to_seconds(number, cut.timecode_rate)))
            errors = [np.abs(picture.astype(int) - theirs).mean() for picture in ours]
            off += min(errors) < errors[2] - 0.01
    return off / len(numbers)
