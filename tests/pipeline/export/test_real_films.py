"""From a real file to a timeline and back to its pictures: the frames that are named are the frames that are there."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from pipeline.export.formats import FORMATS
from pipeline.export.layout import make_timeline
from pipeline.export.timeline import Timeline
from pipeline.segments import segments_to_clips
from pipeline.streams.probe import probe_cut
from pipeline.types import Reason, Segment
from tests.films import make_tone, paint_number, read_number, write_film
from tests.pipeline.export import readers

NTSC = Fraction(30_000, 1001)
FRAMES = 96


def write_numbered(path: Path, rate: Fraction, timecode: str | None, *, kept: list[int] | None = None) -> Path:
    """A film whose pictures show their number, all of them or some, with sound in 5.1."""
    numbers = list(range(FRAMES)) if kept is None else kept
    pictures = np.stack([paint_number(number) for number in numbers])
    times = None if kept is None else [float(number / rate) for number in numbers]
    sound = np.tile(make_tone(float(FRAMES / rate))[:, :1], (1, 6))
    return write_film(path, pictures=pictures, rate=rate, times_s=times, timecode=timecode, sound=sound)


def make_segments(rate: Fraction, spans: list[tuple[int, int]]) -> list[Segment]:
    """Segments as they are ranked: floats, which fall a little short of their frames or not."""
    reasons = (Reason(name="tension peak", weight=1.0),)
    return [
        Segment(start_s=float(first / rate), end_s=float(end / rate), score=1.0, reasons=reasons)
        for first, end in spans
    ]


def read_pictures(path: Path) -> dict[Fraction, int]:
    """The number on every picture, by the instant at which it comes on show."""
    with av.open(str(path)) as container:
        frames = container.decode(video=0)
        return {
            Fraction(frame.time_base * frame.pts): read_number(frame.to_ndarray(format="rgb24")) for frame in frames
        }


def read_source(timeline: Timeline, name: str) -> list[readers.Read]:
    """What an independent reader finds in a format."""
    text = FORMATS[name].render(timeline)
    if name == "fcpxml":
        return readers.list_fcpxml_clips(readers.check_fcpxml(text))
    if name == "otio":
        return readers.list_tracks(readers.read_otio(text))[0]
    if name == "xmeml":
        return readers.list_tracks(readers.read_xmeml(text))[0]
    return readers.list_tracks(readers.read_edl(text, timeline.rate))[0]


@pytest.mark.parametrize(
    ("suffix", "rate", "timecode"),
    [
        (".mov", NTSC, "00:59:59;10"),
        (".mov", NTSC, "00:59:59:10"),
        (".mov", Fraction(24_000, 1001), "09:59:59:00"),
        (".mp4", Fraction(25), None),
        (".mkv", 2 * NTSC, "00:59:59;10"),
    ],
)
def test_the_frames_that_a_hand_off_names_are_those_of_the_film(tmp_path, suffix, rate, timecode):
    path = write_numbered(tmp_path / f"Größe & Co 1{suffix}", rate, timecode)
    cut = probe_cut(path)
    spans = [(40, 75), (0, 3), (90, FRAMES)]
    timeline = make_timeline(cut, segments_to_clips(make_segments(rate, spans), cut))
    pictures = [number for _, number in sorted(read_pictures(path).items())]
    assert pictures == list(range(FRAMES))
    for name in ("edl", "otio", "fcpxml", "xmeml", *(["edl-drop"] if timecode and ";" in timecode else [])):
        start = readers.count_label(timecode or "00:00:00:00", rate)
        found = [(read.source_in - start, read.source_out - start) for read in read_source(timeline, name)]
        assert [(pictures[first], pictures[end - 1] + 1) for first, end in found] == spans, name
    assert timeline.media.channels == 6


def test_a_film_of_varying_rate_is_cut_on_the_grid_of_its_nominal_one(tmp_path):
    rate = Fraction(30)
    kept = [number for number in range(FRAMES) if number < 30 or number % 3 or number > 80]
    path = write_numbered(tmp_path / "phone.mp4", rate, None, kept=kept)
    cut = probe_cut(path)
    assert cut.frame_rate == rate
    timeline = make_timeline(cut, segments_to_clips(make_segments(rate, [(40, 50), (85, 95)]), cut))
    shown = read_pictures(path)
    for name in ("edl", "otio", "fcpxml", "xmeml"):
        for read, wanted in zip(read_source(timeline, name), ((40, 50), (85, 95)), strict=True):
            assert (read.source_in, read.source_out) == wanted
            assert shown[min(shown, key=lambda instant_s: abs(instant_s - read.source_in / rate))] == wanted[0]
