"""The CSV tables: what other programs read."""

import csv
import io
from fractions import Fraction

import numpy as np
import pytest

from pipeline.export.layout import TimelineOptions, make_timeline
from pipeline.export.tables import render_clips_csv, render_curves_csv, render_segments_csv, render_shots_csv
from pipeline.types import CURVES
from tests.analyses import make_analysis
from tests.pipeline.export.timelines import make_clips, make_cut


def read_table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_curves_have_the_promised_columns_in_the_promised_order():
    header = render_curves_csv(make_analysis()).split("\n", 1)[0].split(",")
    bands = [column for name in CURVES for column in (name, f"{name}_low", f"{name}_high")]
    assert header == ["second", "timecode", *bands, "frames_share", "audio_share", "transcript_share"]


@pytest.mark.parametrize(("duration_s", "rows"), [(Fraction(1, 24), 1), (Fraction(1), 1), (Fraction(61, 2), 31)])
def test_curves_have_one_row_for_each_second_begun(duration_s, rows):
    table = read_table(render_curves_csv(make_analysis(duration_s)))
    assert [row["second"] for row in table] == [str(second) for second in range(rows)]


def test_curves_read_back_as_they_were_to_six_decimals():
    analysis = make_analysis()
    table = read_table(render_curves_csv(analysis))
    for column, name in enumerate(CURVES):
        for suffix, array in (("", "values"), ("_low", "low"), ("_high", "high")):
            written = np.array([float(row[name + suffix]) for row in table])
            np.testing.assert_allclose(written, getattr(analysis.curves, array)[:, column], atol=5.1e-7)
    shares = np.array(
        [[float(row[f"{stream}_share"]) for stream in ("frames", "audio", "transcript")] for row in table]
    )
    np.testing.assert_allclose(shares, analysis.curves.shares[:, CURVES.index("tension")], atol=5.1e-7)


def test_curves_of_one_analysis_are_the_same_bytes_every_time():
    assert render_curves_csv(make_analysis(seed=3)) == render_curves_csv(make_analysis(seed=3))


def test_lines_end_in_a_line_feed_alone():
    text = render_curves_csv(make_analysis(3))
    assert "\r" not in text
    assert text.endswith("\n")
    assert text.count("\n") == 4


def test_timecode_counts_on_from_the_start_timecode_at_the_exact_rate():
    table = read_table(render_curves_csv(make_analysis(3, start_timecode="01:00:00:00")))
    # At 24000/1001 the frame on show after one second is frame 23, after two frame 47.
    assert [row["timecode"] for row in table] == ["01:00:00:00", "01:00:00:23", "01:00:01:23"]


def test_sound_without_picture_has_timecode_at_25_frames():
    analysis = make_analysis(3, streams=("audio",))
    assert [row["timecode"] for row in read_table(render_curves_csv(analysis))] == [
        "00:00:00:00",
        "00:00:01:00",
        "00:00:02:00",
    ]
    assert read_table(render_shots_csv(analysis)) == []


def test_shots_cover_the_cut_without_gap_or_overlap():
    analysis = make_analysis(30.5)
    table = read_table(render_shots_csv(analysis))
    assert [row["shot"] for row in table] == [str(i + 1) for i in range(len(analysis.features.shot_starts_s))]
    assert table[0]["start_s"] == "0.000000"
    assert table[-1]["end_s"] == "30.500000"
    assert [row["end_s"] for row in table[:-1]] == [row["start_s"] for row in table[1:]]
    assert [row["end_timecode"] for row in table[:-1]] == [row["start_timecode"] for row in table[1:]]


def test_segments_name_their_reasons_with_weights_that_add_up_to_the_score():
    analysis = make_analysis()
    table = read_table(render_segments_csv(analysis))
    assert [row["rank"] for row in table] == ["1", "2", "3"]
    for row in table:
        reasons = dict(reason.split("=") for reason in row["reasons"].split(";"))
        assert list(reasons) == ["tension", "a laugh"]
        assert sum(map(float, reasons.values())) == pytest.approx(float(row["score"]), abs=1e-5)
        assert float(row["start_s"]) <= float(row["end_s"])


def test_clips_tell_where_they_are_from_and_where_they_play():
    rate = Fraction(25)
    cut = make_cut(rate, start_timecode="10:00:00:00")
    timeline = make_timeline(cut, make_clips([(250, 300), (0, 25)], rate), options=TimelineOptions(handles=5))
    table = read_table(render_clips_csv(timeline))
    assert [row["clip"] for row in table] == ["01 part 1", "02 part 2"]
    assert [(row["source_start_s"], row["source_end_s"]) for row in table] == [
        ("9.800000", "12.200000"), ("0.000000", "1.200000"),
    ]  # fmt: skip
    assert [(row["source_start_timecode"], row["source_end_timecode"]) for row in table] == [
        ("10:00:09:20", "10:00:12:05"), ("10:00:00:00", "10:00:01:05"),
    ]  # fmt: skip
    assert [(row["start_timecode"], row["end_timecode"]) for row in table] == [
        ("01:00:00:00", "01:00:02:10"), ("01:00:02:10", "01:00:03:15"),
    ]  # fmt: skip
    assert [(row["handle_head"], row["handle_tail"]) for row in table] == [("5", "5"), ("0", "5")]
    assert {row["note"] for row in table} == {"tension peak +0.50, credits -0.25"}
