"""Cuts and timelines for tests of hand-offs, and the rates that every one of them is tested at."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np

from pipeline.export.layout import TimelineOptions, make_timeline
from pipeline.export.timeline import Timeline
from pipeline.sequence import Clip
from pipeline.types import Cut, Line, Reason

RATES = {
    "23.976": (Fraction(24_000, 1001), "01:00:00:00"),
    "24": (Fraction(24), "01:00:00:00"),
    "25": (Fraction(25), "10:00:00:00"),
    "29.97": (Fraction(30_000, 1001), "01:00:00:00"),
    "29.97 DF": (Fraction(30_000, 1001), "01:00:00;00"),
    "30": (Fraction(30), "00:59:58:00"),
    "50": (Fraction(50), "10:00:00:00"),
    "59.94": (Fraction(60_000, 1001), "01:00:00:00"),
    "59.94 DF": (Fraction(60_000, 1001), "01:00:00;00"),
}
"""By name, the exact rate and the label of the cut's first frame."""

HOUR = Fraction(3600)

GOLDEN = Path(__file__).parent / "golden"
"""What every format makes of `make_golden_timeline`; written anew by `python -m tests.pipeline.export.write_golden`."""


def make_cut(
    rate: Fraction | None = Fraction(24),
    *,
    start_timecode: str | None = None,
    duration_s: Fraction = 4 * HOUR,
    path: str = "/films/a film.mov",
    title: str = "A film",
    channels: int = 2,
) -> Cut:
    streams = ("frames",) * (rate is not None) + ("audio",) * (channels > 0) + ("transcript",)
    return Cut(
        cut_id="0123456789abcdef",
        path=Path(path),
        title=title,
        duration_s=duration_s,
        frame_rate=rate,
        start_timecode=start_timecode,
        width=1920 if rate else 0,
        height=1080 if rate else 0,
        streams=streams,
        audio_channels=channels,
    )


def make_clips(spans: Sequence[tuple[int, int]], rate: Fraction) -> tuple[Clip, ...]:
    """Clips of these frames, ends exclusive."""
    return tuple(
        Clip(
            start_s=first / rate,
            end_s=end / rate,
            role=f"part {number}",
            reasons=(Reason(name="tension peak", weight=0.5), Reason(name="credits", weight=-0.25)),
        )
        for number, (first, end) in enumerate(spans, start=1)
    )


def draw_spans(rate: Fraction, *, count: int = 50, seed: int = 0) -> list[tuple[int, int]]:
    """Spans that do not overlap, all but the first behind the third hour, in no order; many begin where a minute does."""
    random = np.random.default_rng(seed)
    first = int(3 * HOUR * rate)
    starts = np.sort(random.choice(np.arange(first, first + int(1500 * rate)), count, replace=False))
    minutes = [int(Fraction(60) * k * rate) + j for k in range(191, 202) for j in (-1, 0, 1, 2)]
    starts = np.unique(np.r_[0, starts, minutes])
    ends = [
        min(start + int(random.integers(1, 200)), end) for start, end in zip(starts, [*starts[1:], 10**9], strict=True)
    ]
    spans = [(int(start), int(end)) for start, end in zip(starts, ends, strict=True)]
    return [spans[i] for i in random.permutation(len(spans))]


def make_long_timeline(name: str, *, options: TimelineOptions | None = None) -> Timeline:
    """A timeline of many clips of a film of four hours, at one of `RATES`."""
    rate, start = RATES[name]
    cut = make_cut(rate, start_timecode=start)
    return make_timeline(cut, make_clips(draw_spans(rate), rate), options=options)


def make_golden_timeline() -> Timeline:
    """The timeline of the golden files: drop-frame, handles, letters beyond ASCII, signs that XML and URLs escape."""
    rate, start = RATES["29.97 DF"]
    cut = make_cut(
        rate,
        start_timecode=start,
        duration_s=HOUR,
        path="/films/Größe & <Maß>/Überfall 100%.mov",
        title="Überfall & <Rettung> „2“",
        channels=2,
    )
    lines = [
        Line(start_s=0.5, end_s=2.0, text="Was? <Nie> & nimmer!"),
        Line(start_s=1799.0, end_s=1800.5, text="Cut into, but mostly kept."),
        Line(start_s=1801.0, end_s=1802.5, text="Kept whole."),
        Line(start_s=3598.0, end_s=3599.0, text="The last word."),
    ]
    last = int(HOUR * rate)
    spans = [(1798, 1803), (53_946, 54_050), (0, 90), (last - 60, last)]
    return make_timeline(cut, make_clips(spans, rate), lines=lines, options=TimelineOptions(handles=12))
