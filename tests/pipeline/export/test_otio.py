"""OTIO: what an editing program finds in it beside the times."""

from fractions import Fraction

from pipeline.export.layout import TimelineOptions, make_timeline
from pipeline.export.otio import render_otio
from tests.pipeline.export.readers import read_otio
from tests.pipeline.export.timelines import make_clips, make_cut, make_golden_timeline


def test_clips_lie_in_the_available_range_of_their_file():
    read = read_otio(render_otio(make_golden_timeline()))
    for clip in read.find_clips():
        available = clip.media_reference.available_range
        assert available.start_time <= clip.source_range.start_time
        assert clip.source_range.end_time_exclusive() <= available.end_time_exclusive()
        assert clip.media_reference.target_url.startswith("file:///films/Gr%C3%B6%C3%9Fe%20")


def test_the_rate_is_exact_and_the_metadata_say_what_otio_has_no_word_for():
    read = read_otio(render_otio(make_golden_timeline()))
    assert read.name == "Überfall & <Rettung> „2“"
    assert read.global_start_time.rate == 30_000 / 1001
    assert read.global_start_time.value == 107_892
    assert dict(read.metadata["throughline"]) == {
        "frame_rate": "30000/1001",
        "drop_frame": True,
        "reel": "Uberfall_100",
        "audio_channels": 2,
    }


def test_handles_are_outside_the_marker_of_what_was_chosen():
    cut = make_cut(Fraction(25), start_timecode="10:00:00:00")
    timeline = make_timeline(cut, make_clips([(250, 300)], Fraction(25)), options=TimelineOptions(handles=10))
    read = read_otio(render_otio(timeline))
    (clip, _) = read.find_clips()
    (marker,) = clip.markers
    first = 900_000 + 250
    assert (clip.source_range.start_time.value, clip.source_range.duration.value) == (first - 10, 70)
    assert (marker.marked_range.start_time.value, marker.marked_range.duration.value) == (first, 50)
    assert marker.comment == "tension peak +0.50, credits -0.25"
    assert clip.metadata["throughline"]["handle_head"] == 10


def test_the_edl_adapter_of_otio_finds_our_reel():
    read = read_otio(render_otio(make_golden_timeline()))
    assert {clip.metadata["cmx_3600"]["reel"] for clip in read.find_clips()} == {"UBERFALL"}


def test_the_library_is_loaded_only_when_it_is_needed():
    import subprocess
    import sys

    code = "import sys, pipeline.export.formats; sys.exit('opentimelineio' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
