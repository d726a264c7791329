"""Tests of the start timecode: stated by containers, or given by hand."""

import struct
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from pipeline.clock import convert_timecode, timecode_to_frame
from pipeline.errors import TimecodeError
from pipeline.streams.probe import probe_cut
from pipeline.streams.read import open_streams
from tests.films import make_tone, paint_shots, write_film

FILM, NTSC = Fraction(24_000, 1001), Fraction(30_000, 1001)
CODECS = {".avi": "mpeg4", ".mxf": "mpeg2video"}
LABELS = [
    (FILM, "01:00:00:23"),
    (Fraction(24), "10:59:59:23"),
    (Fraction(25), "23:59:59:24"),
    (NTSC, "00:59:58;02"),
    (NTSC, "00:59:58:02"),
    (Fraction(30), "01:00:00:29"),
    (Fraction(50), "01:00:00:49"),
    (2 * NTSC, "01:00:00;59"),
    (2 * NTSC, "01:00:00:59"),
    (Fraction(60), "01:00:00:59"),
]


def write_start(path: Path, rate: Fraction, timecode: str) -> Path:
    pictures = np.zeros((12, 64, 96, 3), np.uint8)
    codec = CODECS.get(path.suffix, "libx264")
    return write_film(path, pictures=pictures, rate=rate, timecode=timecode, picture_codec=codec)


def recount_track(path: Path, rate: Fraction, counted: int, timecode: str) -> Path:
    """Rewrite the timecode track of a movie that starts at 01:00:00:00 so that it counts at another rate."""
    data = path.read_bytes()
    nominal = round(rate)
    whole, frame = struct.pack(">I", 3600 * nominal), timecode_to_frame(timecode, rate * counted / nominal)
    assert data.count(whole) == 1
    data = bytearray(data.replace(whole, struct.pack(">I", frame)))
    described = data.index(struct.pack(">I4s6xH8x", 36, b"tmcd", 1)) + 24
    scale, duration, stated = struct.unpack(">IIB", data[described : described + 9])
    assert stated == nominal
    struct.pack_into(">IIB", data, described, scale, duration * nominal // counted, counted)
    path.write_bytes(bytes(data))
    return path


@pytest.mark.parametrize("suffix", [".mov", ".mp4", ".mkv", ".avi", ".mxf"])
@pytest.mark.parametrize(("rate", "timecode"), LABELS)
def test_every_container_tells_its_start_timecode(tmp_path: Path, suffix: str, rate: Fraction, timecode: str) -> None:
    path = write_start(tmp_path / f"film{suffix}", rate, timecode)
    cut = probe_cut(path)
    assert (cut.frame_rate, cut.start_timecode) == (rate, timecode)


@pytest.mark.parametrize("suffix", [".mov", ".mkv"])
@pytest.mark.parametrize("rate", [2 * FILM, Fraction(48)])
def test_high_rates_of_film_tell_theirs(tmp_path: Path, suffix: str, rate: Fraction) -> None:
    cut = probe_cut(write_start(tmp_path / f"film{suffix}", rate, "01:00:00:47"))
    assert (cut.frame_rate, cut.start_timecode) == (rate, "01:00:00:47")


def test_one_that_the_rate_does_not_show_is_told(tmp_path: Path) -> None:
    path = write_start(tmp_path / "film.mkv", Fraction(24), "01:00:00:20")
    assert open_streams(probe_cut(path)).notes == ()
    path.write_bytes(path.read_bytes().replace(b"01:00:00:20", b"01:00:00:29"))
    cut = probe_cut(path)
    assert cut.start_timecode is None
    (note,) = open_streams(cut).notes
    assert "01:00:00:29" in note
    assert open_streams(probe_cut(path, start_timecode="01:00:00:20")).notes == ()


def test_a_transport_stream_states_no_start_timecode(tmp_path: Path) -> None:
    assert probe_cut(write_start(tmp_path / "film.ts", Fraction(25), "01:00:00:00")).start_timecode is None


@pytest.mark.parametrize(
    ("rate", "counted", "stated", "meant"),
    [(50, 25, "01:00:00:12", "01:00:00:24"), (60, 30, "10:00:00:29", "10:00:00:58"), (100, 25, "01:00:00:01", None)],
)
def test_a_timecode_track_that_counts_every_other_frame_is_counted_out(
    tmp_path: Path, rate: int, counted: int, stated: str, meant: str | None
) -> None:
    path = write_start(tmp_path / "film.mov", Fraction(rate), "01:00:00:00")
    cut = probe_cut(recount_track(path, Fraction(rate), counted, stated))
    assert cut.start_timecode == (meant or "01:00:00:04")


def test_drop_frame_that_counts_every_other_frame_leaves_out_the_same_time() -> None:
    assert convert_timecode("00:01:00;02", 30, 2 * NTSC) == "00:01:00;04"
    assert convert_timecode("00:59:59;29", 30, 2 * NTSC) == "00:59:59;58"
    assert convert_timecode("00:59:59;29", 30, 4 * NTSC) == "00:59:59;116"


def test_a_timecode_track_that_counts_at_a_foreign_rate_is_left_out(tmp_path: Path) -> None:
    path = write_start(tmp_path / "film.mov", Fraction(25), "01:00:00:00")
    assert probe_cut(recount_track(path, Fraction(25), 30, "01:00:00:12")).start_timecode is None


def test_a_timecode_given_comes_before_the_one_stated(tmp_path: Path) -> None:
    path = write_start(tmp_path / "film.mov", NTSC, "01:00:00:00")
    assert probe_cut(path, start_timecode=" 10:00:00;00 ").start_timecode == "10:00:00;00"
    assert probe_cut(path, start_timecode="10:00:00.02").start_timecode == "10:00:00;02"
    assert probe_cut(path).start_timecode == "01:00:00:00"


def test_sound_alone_counts_25_frames_a_second(tmp_path: Path) -> None:
    path = write_film(tmp_path / "sound.wav", sound=make_tone(1), sound_codec="pcm_s16le")
    assert probe_cut(path, start_timecode="01:00:00:24").start_timecode == "01:00:00:24"
    with pytest.raises(TimecodeError):
        probe_cut(path, start_timecode="01:00:00:25")


@pytest.mark.parametrize(
    ("rate", "timecode", "what", "example"),
    [
        (
            Fraction(25),
            "01:00:00;00",
            "drop-frame timecode is not defined at 25",
            "like 01:00:00:00; this film runs at 25 ",
        ),
        (Fraction(25), "01:00:00:25", "outside a day of 25 frames", "like 01:00:00:00;"),
        (FILM, "01:00:00:24", "outside a day of 24 frames", "23.976 frames"),
        (NTSC, "00:01:00;00", "leaves '00:01:00;00' out", "01:00:00;00 for drop-frame; this film runs at 29.97 "),
        (NTSC, "an hour", "'an hour' is not a timecode", "01:00:00:00, or 01:00:00;00"),
        (4 * NTSC, "", "'' is not a timecode", "01:00:00:000, or 01:00:00;000"),
    ],
)
def test_a_start_timecode_that_the_film_cannot_show_is_refused_with_an_example(
    tmp_path: Path, rate: Fraction, timecode: str, what: str, example: str
) -> None:
    path = write_film(tmp_path / "film.mp4", pictures=paint_shots(0.5, rate=rate), rate=rate)
    with pytest.raises(TimecodeError, match="will not do") as caught:
        probe_cut(path, start_timecode=timecode)
    assert what in caught.value.message
    assert example in caught.value.hint
