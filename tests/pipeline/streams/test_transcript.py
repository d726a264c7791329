"""Tests of reading subtitles."""

import warnings
from pathlib import Path

import pytest

from pipeline.errors import TranscriptError
from pipeline.streams.probe import probe_cut
from pipeline.streams.transcript import read_transcript
from pipeline.types import Line
from tests.films import paint_shots, write_film

SRT = "1\n00:00:01,000 --> 00:00:02,000\n<i>Where are</i>\nyou?\n\n2\n00:00:00,250 --> 00:00:00,750\nÇa va, Zoë?\n"
LINES = (
    Line(start_s=0.25, end_s=0.75, text="Ça va, Zoë?"),
    Line(start_s=1.0, end_s=2.0, text="Where are you?"),
)
ASS = """[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, Fontsize
Style: Default,Arial,20

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Comment: 0,0:00:00.00,0:00:01.00,Default,,0,0,0,,a note to the translator
Dialogue: 0,0:00:00.50,0:00:01.00,Default,,0,0,0,,{\\p1}m 0 0 l 100 0 100 100{\\p0}
Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,{\\an8\\b1}Where, oh where,\\Nare you?
"""
TTML = """<?xml version="1.0" encoding="UTF-8"?>
<tt xmlns="http://www.w3.org/ns/ttml"><body><div><p begin="{}" end="{}">Where are you?</p></div></body></tt>
"""


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_film(tmp_path_factory.mktemp("films") / "film.mp4", pictures=paint_shots(3))


def read(film: Path, sidecar: Path) -> tuple[Line, ...] | None:
    return read_transcript(probe_cut(film, transcript=sidecar))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_subtitles_are_read_in_every_usual_encoding(film: Path, tmp_path: Path, encoding: str) -> None:
    sidecar = tmp_path / "words.srt"
    sidecar.write_bytes(SRT.encode(encoding))
    assert read(film, sidecar) == LINES


def test_webvtt_is_read_without_its_markup(film: Path, tmp_path: Path) -> None:
    sidecar = tmp_path / "words.vtt"
    sidecar.write_text(
        "WEBVTT\n\nNOTE a note\n\n00:01.000 --> 00:02.000 align:start\n<v Ann>Where <c.loud>are</c> you?</v>\n"
    )
    assert read(film, sidecar) == (Line(start_s=1.0, end_s=2.0, text="Where are you?"),)


def test_ass_is_read_without_drawings_and_comments(film: Path, tmp_path: Path) -> None:
    sidecar = tmp_path / "words.ass"
    sidecar.write_text(ASS)
    assert read(film, sidecar) == (Line(start_s=1.0, end_s=2.0, text="Where, oh where, are you?"),)


def test_ttml_is_read_where_its_times_are_and_refused_where_they_are_frames(film: Path, tmp_path: Path) -> None:
    sidecar = tmp_path / "words.ttml"
    sidecar.write_text(TTML.format("00:00:01.000", "00:00:02.000"))
    assert read(film, sidecar) == LINES[1:]
    sidecar.write_text(TTML.format("00:00:01:00", "00:00:02:00"))
    with pytest.raises(TranscriptError, match="does not hold subtitles") as caught:
        read(film, sidecar)
    assert "SRT" in caught.value.hint


def test_a_field_of_ass_that_makes_no_sense_is_passed_over_in_silence(film: Path, tmp_path: Path) -> None:
    sidecar = tmp_path / "words.ass"
    sidecar.write_text(ASS.replace("Dialogue: 0", "Dialogue: first"))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert read(film, sidecar) == (Line(start_s=1.0, end_s=2.0, text="Where, oh where, are you?"),)
    assert not caught


def test_lines_are_clipped_to_the_film(film: Path, tmp_path: Path) -> None:
    sidecar = tmp_path / "words.srt"
    sidecar.write_text(
        "1\n00:00:02,500 --> 00:00:09,000\nAt the end\n\n2\n00:00:05,000 --> 00:00:06,000\nToo late\n\n"
        "3\n00:00:01,000 --> 00:00:02,000\n \n"
    )
    assert read(film, sidecar) == (Line(start_s=2.5, end_s=3.0, text="At the end"),)


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv"])
def test_an_embedded_track_is_read(tmp_path: Path, suffix: str) -> None:
    lines = [(0.25, 0.75, "Ça va, Zoë?"), (1.0, 2.0, "<i>Where are</i> you?")]
    path = write_film(tmp_path / f"film{suffix}", pictures=paint_shots(3), lines=lines)
    assert read_transcript(probe_cut(path)) == LINES


def test_a_film_without_words_has_no_transcript(film: Path) -> None:
    assert read_transcript(probe_cut(film)) is None


@pytest.mark.parametrize(
    "content", [b"", b"\n\n", b"not subtitles at all", b"1\n00:00:xx --> 00:00:02,000\nHello", bytes(range(256)) * 40]
)
@pytest.mark.parametrize("suffix", [".srt", ".vtt", ".ass"])
def test_what_is_no_subtitles_is_refused(film: Path, tmp_path: Path, content: bytes, suffix: str) -> None:
    sidecar = tmp_path / f"words{suffix}"
    sidecar.write_bytes(content)
    with pytest.raises(TranscriptError) as caught:
        read(film, sidecar)
    assert "UTF-8" in caught.value.hint


def test_a_subtitle_file_that_has_gone_is_a_transcript_error(film: Path, tmp_path: Path) -> None:
    sidecar = tmp_path / "words.srt"
    sidecar.write_text(SRT)
    cut = probe_cut(film, transcript=sidecar)
    sidecar.unlink()
    with pytest.raises(TranscriptError, match="cannot be read"):
        read_transcript(cut)


@pytest.mark.data
def test_real_subtitles_are_read(film: Path, data_dir: Path) -> None:
    for path in sorted((data_dir / "subtitles").iterdir()):
        lines = read(film, path)
        assert lines is not None
