"""Lists of changes: what OpenTimelineIO's readers find in them is on the frame, at every rate."""

import re
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from pipeline.clock import frame_to_timecode
from pipeline.comparison import AlignedCurves, Change, Comparison, Consequence, Effect, Levels, Match
from pipeline.errors import ExportError
from pipeline.export.change_edl import render_change_edl
from pipeline.export.change_list import make_change_list
from pipeline.export.change_otio import COLOURS, render_change_otio
from tests.pipeline.export.readers import count_label, read_edl, read_edl_lines, read_otio
from tests.pipeline.export.timelines import RATES, make_cut

A_FRAMES, B_FRAMES = 900, 924
HOUR_S = 3 * 3600
"""The cuts of these tests begin so late that a rate written as a float would be frames off."""

MATCHES = [
    ("kept", (0, 100), (0, 100)),
    ("kept", (150, 300), (100, 250)),
    ("kept", (340, 500), (250, 410)),
    ("retimed", (500, 548), (460, 532)),
    ("kept", (548, 900), (532, 884)),
    ("moved", (300, 340), (884, 924)),
]
CHANGES = [
    ("removed", (100, 150), (100, 100)),
    ("moved", (300, 340), (884, 924)),
    ("added", (500, 500), (410, 460)),
    ("retimed", (500, 548), (460, 532)),
    ("picture", (566, 596), (550, 580)),
    ("sound", (716, 736), (700, 720)),
]
PICTURE = [
    ("a", 0, 0, 100), ("a", 150, 100, 150), ("a", 340, 250, 160), ("b", 410, 410, 50), ("a", 500, 460, 72),
    ("a", 548, 532, 18), ("b", 550, 550, 30), ("a", 596, 580, 304), ("a", 300, 884, 40),
]  # fmt: skip
SOUND = [
    ("a", 0, 0, 100), ("a", 150, 100, 150), ("a", 340, 250, 160), ("b", 410, 410, 50), ("a", 500, 460, 72),
    ("a", 548, 532, 168), ("b", 700, 700, 20), ("a", 736, 720, 164), ("a", 300, 884, 40),
]  # fmt: skip
"""Side, first frame in that side's cut, first frame in the second cut, length."""


def make_consequence(a_rate, b_rate=None, *, offset=0):
    """What an edit of these frames did; `offset` frames of both cuts lie before them."""

    def spans(kind, a, b, noun):
        a_s, b_s = ([float((edge + offset) / rate) for edge in span] for span, rate in ((a, a_rate), (b, b_rate)))
        return noun(kind=kind, a_start_s=a_s[0], a_end_s=a_s[1], b_start_s=b_s[0], b_end_s=b_s[1])

    b_rate = b_rate or a_rate
    matches = [spans(*row, Match) for row in MATCHES]
    if offset:
        matches.insert(0, spans("kept", (-offset, 0), (-offset, 0), Match))
    changes = [spans(*row, Change) for row in CHANGES]
    level = Levels(a={"tension": 0.5}, b={"tension": 0.4}, a_pace=10.0, b_pace=12.0)
    effects = tuple(
        Effect(
            change=change,
            before=level,
            inside=level,
            after=level,
            differences={"tension": -0.1},
            bands={"tension": 0.05},
            pace_difference=2.0,
            sentence=f"What {change.kind} did.\nA second line.",
        )
        for change in changes
    )
    comparison = Comparison(a_id="a", b_id="b", speed=Fraction(1), matches=tuple(matches), changes=tuple(changes))
    empty = AlignedCurves(names=("tension",), a_s=[], b_s=[], a=np.zeros((0, 1)), b=np.zeros((0, 1)), kinds=())
    return Consequence(
        comparison=comparison, effects=effects, aligned=empty, gone=(), new=(), shortened=(), sentences=()
    )


def make_cuts(rate, start, *, offset=0, b_rate=None, **options):
    a = make_cut(rate, start_timecode=start, duration_s=(A_FRAMES + offset) / rate, path="/films/first.mov", **options)
    b = make_cut(
        b_rate or rate,
        start_timecode=start,
        duration_s=(B_FRAMES + offset) / (b_rate or rate),
        path="/films/second.mov",
        **options,
    )
    return a, b


def list_clips(track, start):
    """Side, frame in that cut, frame in the second cut, length: of every clip, counted from the cuts' first frames."""
    rows = []
    for clip in track.find_clips():
        source, record = clip.source_range, clip.range_in_parent()
        side = {"FIRST": "a", "SECOND": "b"}[clip.metadata["cmx_3600"]["reel"]]
        values = (source.start_time.value - start, record.start_time.value, record.duration.value)
        assert all(value == int(value) for value in values)
        rows.append((side, *map(int, values)))
    return rows


@pytest.mark.parametrize("name", RATES)
def test_otio_reads_every_piece_and_marker_on_its_frame(name):
    rate, start = RATES[name]
    offset = int(HOUR_S * rate)
    a, b = make_cuts(rate, start, offset=offset)
    text = render_change_otio(make_change_list(make_consequence(rate, offset=offset), a, b))
    read, first = read_otio(text), count_label(start, rate)
    whole = ("a", 0, 0, offset)
    moved = [(side, source + offset, record + offset, length) for side, source, record, length in PICTURE]
    picture, sound = read.tracks
    assert list_clips(picture, first) == [whole, *moved]
    assert [row[0] for row in list_clips(sound, first)] == ["a", *(row[0] for row in SOUND)]
    assert read.global_start_time.value == first
    marked = [
        (m.name, m.marked_range.start_time.value - offset, m.marked_range.duration.value) for m in read.tracks.markers
    ]
    assert marked == [
        ("removed", 100, 1), ("moved", 884, 40), ("added", 410, 50),
        ("retimed", 460, 72), ("picture", 550, 30), ("sound", 700, 20),
    ]  # fmt: skip
    assert [marker.color for marker in read.tracks.markers] == [COLOURS[row[0]] for row in CHANGES]
    assert read.tracks.markers[0].comment == "What removed did. A second line."


def test_otio_tracks_are_as_long_as_the_second_cut_and_name_what_each_piece_is():
    a, b = make_cuts(Fraction(24), "01:00:00:00")
    read = read_otio(render_change_otio(make_change_list(make_consequence(Fraction(24)), a, b)))
    picture, sound = read.tracks
    assert list_clips(picture, 86_400) == PICTURE
    assert list_clips(sound, 86_400) == SOUND
    kinds = [clip.name for clip in picture.find_clips()]
    assert kinds == ["kept", "kept", "kept", "added", "retimed", "kept", "picture", "kept", "moved"]
    (warp,) = [effect for clip in picture.find_clips() for effect in clip.effects]
    assert warp.time_scalar == pytest.approx(48 / 72)


@pytest.mark.parametrize("name", [name for name in RATES if "DF" not in name])
def test_the_edl_is_read_on_the_frame(name):
    rate, start = RATES[name]
    a, b = make_cuts(rate, start)
    text = render_change_edl(make_change_list(make_consequence(rate), a, b))
    read, first = read_edl(text, rate), count_label(start, rate)
    tracks = {track.name: list_clips(track, first) for track in read.tracks}
    for track, truth in (("V", PICTURE), ("A1", SOUND), ("A2", SOUND)):
        assert join_clips(tracks[track]) == join_clips(truth)
    warps = {round(effect.time_scalar, 2) for clip in read.video_tracks()[0].find_clips() for effect in clip.effects}
    assert warps == {0.67}


def join_clips(rows):
    """Put together what follows itself: an EDL cuts both tracks where either is cut."""
    joined = []
    for side, source, record, length in rows:
        if joined and joined[-1][0] == side and (source - record) == joined[-1][1] - joined[-1][2]:
            before = joined[-1]
            joined[-1] = (side, before[1], before[2], before[3] + length)
        else:
            joined.append((side, source, record, length))
    return joined


def test_an_edl_counts_drop_frame_as_the_cuts_do():
    rate, start = RATES["29.97 DF"]
    offset = 1799
    a, b = make_cuts(rate, start, offset=offset)
    text = render_change_edl(make_change_list(make_consequence(rate, offset=offset), a, b))
    assert "FCM: DROP FRAME" in text
    first = count_label(start, rate)
    events = read_edl_lines(text)
    assert events[0][3] == ["01:00:00;00", "01:00:59;29", "01:00:00;00", "01:00:59;29"]
    assert all(count_label(label, rate) >= first for event in events for label in event[3])


def test_an_edl_says_what_each_event_is_and_what_was_removed():
    a, b = make_cuts(Fraction(25), None)
    text = render_change_edl(make_change_list(make_consequence(Fraction(25)), a, b))
    events = re.split(r"\n(?=[0-9]{3}  )", text)
    assert "* COMMENT: REMOVED: What removed did. A second line." in events[2]
    assert "* COMMENT: MOVED: What moved did. A second line." in events[-1]
    assert sum("* COMMENT: PICTURE:" in event for event in events) == 1
    assert sum("* COMMENT: SOUND:" in event for event in events) == 1
    assert re.search(r"^M2   FIRST          016\.7                00:00:20:00$", text, re.MULTILINE)
    assert frame_to_timecode(500, Fraction(25)) == "00:00:20:00"


def test_what_was_removed_at_the_end_is_told_with_the_last_event():
    a, b = make_cuts(Fraction(25), None)
    consequence = make_consequence(Fraction(25))
    last = Change(kind="removed", a_start_s=36, a_end_s=40, b_start_s=36.96, b_end_s=36.96)
    effects = (replace(consequence.effects[0], change=last, sentence="The end is gone."),)
    text = render_change_edl(make_change_list(replace(consequence, effects=effects), a, b))
    assert "* COMMENT: REMOVED: The end is gone." in text.rstrip().splitlines()[-1]


def test_cuts_of_two_rates_are_on_the_frame_in_otio_and_refused_by_an_edl():
    a_rate, b_rate = Fraction(24), Fraction(30)
    a, b = make_cuts(a_rate, "01:00:00:00", b_rate=b_rate)
    consequence = make_consequence(a_rate)
    changes = make_change_list(consequence, a, replace(b, duration_s=B_FRAMES / a_rate))
    with pytest.raises(ExportError, match="24 and 30 frames"):
        render_change_edl(changes)
    read = read_otio(render_change_otio(changes))
    clips = list(read.video_tracks()[0].find_clips())
    assert [
        clip.source_range.start_time.value - 86_400 for clip in clips if clip.source_range.start_time.rate == 24
    ] == [row[1] for row in PICTURE if row[0] == "a"]
    ends = [clip.range_in_parent().end_time_exclusive().to_seconds() for clip in clips]
    assert ends == pytest.approx([float((row[2] + row[3]) / a_rate) for row in PICTURE], abs=0.5 / 30)
    assert ends[-1] == pytest.approx(38.5)


def test_reels_that_would_be_called_alike_are_told_apart():
    a, b = make_cuts(Fraction(24), None)
    a, b = (
        replace(a, path=b.path.with_name("a long title 1.mov")),
        replace(b, path=b.path.with_name("a long title 2.mov")),
    )
    changes = make_change_list(make_consequence(Fraction(24)), a, b)
    assert (changes.a.short_reel, changes.b.short_reel) == ("ALONGTIA", "ALONGTIB")


@pytest.mark.parametrize("channels", [0, 1, 2, 6])
def test_cuts_without_sound_or_with_one_channel_name_their_channels(channels):
    a, b = make_cuts(Fraction(24), None, channels=channels)
    read = read_edl(render_change_edl(make_change_list(make_consequence(Fraction(24)), a, b)), Fraction(24))
    names = {track.name for track in read.tracks}
    assert names == {0: {"V"}, 1: {"V", "A1"}}.get(channels, {"V", "A1", "A2"})


def test_cuts_of_sound_alone_have_one_track():
    a, b = make_cuts(Fraction(25), None)
    a, b = (replace(cut, frame_rate=None, width=0, height=0, streams=("audio",)) for cut in (a, b))
    changes = make_change_list(make_consequence(Fraction(25)), a, b)
    assert changes.picture == ()
    read = read_otio(render_change_otio(changes))
    assert [track.kind for track in read.tracks] == ["Audio"]
    assert {event[2] for event in read_edl_lines(render_change_edl(changes))} == {"AA"}


def test_an_edge_that_is_a_frame_off_in_one_cut_changes_no_speed():
    rate = Fraction(24)
    consequence = make_consequence(rate)
    first, *others = consequence.comparison.matches
    short = replace(first, a_end_s=float(99 / rate))
    comparison = replace(consequence.comparison, matches=(short, *others))
    a, b = make_cuts(rate, None)
    changes = make_change_list(replace(consequence, comparison=comparison), a, b)
    assert (changes.picture[0].source_out, changes.picture[0].record_out, changes.picture[0].speed) == (100, 100, 1)
    assert render_change_edl(changes).count("\nM2 ") == 1


def test_a_film_that_plays_faster_as_a_whole_keeps_its_frames():
    a_rate, b_rate = Fraction(24), Fraction(25)
    consequence = make_consequence(a_rate, b_rate)
    comparison = replace(consequence.comparison, speed=b_rate / a_rate)
    a, b = make_cuts(a_rate, None, b_rate=b_rate)
    read = read_otio(render_change_otio(make_change_list(replace(consequence, comparison=comparison), a, b)))
    clips = list(read.video_tracks()[0].find_clips())
    assert [clip.range_in_parent().start_time.value for clip in clips] == [row[2] for row in PICTURE]
    warps = [round(effect.time_scalar, 4) for clip in clips for effect in clip.effects]
    assert warps == [1.0417, 1.0417, 1.0417, 0.6944, 1.0417, 1.0417, 1.0417]
    kept = clips[1]
    assert kept.metadata["throughline"]["source_out"] - kept.source_range.start_time.value == 150
