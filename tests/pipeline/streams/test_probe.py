"""Tests of opening films."""

import os
import shutil
import struct
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import FileUnreadable, FilmError, MediaDamaged, NothingToAnalyse, NotMedia, TranscriptError
from pipeline.streams.probe import probe_cut
from tests.films import make_tone, paint_shots, truncate_film, write_film

SRT = "1\n00:00:00,500 --> 00:00:01,500\nHello.\n"


@pytest.fixture
def film(tmp_path: Path) -> Path:
    return write_film(tmp_path / "film.mp4", pictures=paint_shots(2), sound=make_tone(2))


def test_a_film_is_described_as_it_was_made(film: Path) -> None:
    cut = probe_cut(film)
    assert (cut.title, cut.path, cut.width, cut.height) == ("film", film, 160, 96)
    assert (cut.duration_s, cut.seconds, cut.frame_rate) == (2, 2, 25)
    assert cut.streams == ("frames", "audio")
    assert (cut.start_timecode, cut.transcript_path) == (None, None)


@pytest.mark.parametrize("channels", [0, 1, 2, 6])
def test_the_channels_of_the_sound_are_counted(tmp_path: Path, channels: int) -> None:
    sound = np.tile(make_tone(1)[:, :1], (1, channels)) if channels else None
    cut = probe_cut(write_film(tmp_path / "film.mov", pictures=paint_shots(1), sound=sound, sound_codec="pcm_s16le"))
    assert cut.audio_channels == channels


def test_the_id_follows_the_content_and_not_the_name(film: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copy(film, tmp_path / 'It\'s a "Größe" 映画 cut, v2.mp4'))
    assert probe_cut(copy).cut_id == probe_cut(film).cut_id
    assert probe_cut(copy).title == 'It\'s a "Größe" 映画 cut, v2'
    assert len(probe_cut(film).cut_id) == 16
    other = write_film(tmp_path / "other.mp4", pictures=paint_shots(1))
    assert probe_cut(other).cut_id != probe_cut(film).cut_id


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv", ".avi", ".ts"])
@pytest.mark.parametrize("rate", [Fraction(24_000, 1001), Fraction(24), Fraction(30_000, 1001), Fraction(50)])
def test_the_frame_rate_is_exact_in_every_container(tmp_path: Path, suffix: str, rate: Fraction) -> None:
    codec = "mpeg4" if suffix == ".avi" else "libx264"
    path = write_film(tmp_path / f"film{suffix}", pictures=paint_shots(1, rate=rate), rate=rate, picture_codec=codec)
    assert probe_cut(path).frame_rate == rate


def test_the_duration_is_that_of_the_longer_stream(tmp_path: Path) -> None:
    path = write_film(tmp_path / "film.mp4", pictures=paint_shots(1), sound=make_tone(2.5))
    assert probe_cut(path).duration_s == Fraction(5, 2)
    path = write_film(tmp_path / "film2.mp4", pictures=paint_shots(3), sound=make_tone(2.5))
    assert probe_cut(path).duration_s == 3


def test_the_duration_at_23_976_is_exact(tmp_path: Path) -> None:
    rate = Fraction(24_000, 1001)
    path = write_film(tmp_path / "film.mp4", pictures=paint_shots(2, rate=rate), rate=rate)
    assert probe_cut(path).duration_s == 48 / rate


@pytest.mark.parametrize("suffix", [".mkv", ".ts"])
def test_containers_without_stream_durations_still_tell_the_length(tmp_path: Path, suffix: str) -> None:
    path = write_film(tmp_path / f"film{suffix}", pictures=paint_shots(2), sound=make_tone(2))
    assert float(probe_cut(path).duration_s) == pytest.approx(2, abs=0.03)


def test_a_raw_stream_without_any_duration_is_measured_by_its_packets(tmp_path: Path) -> None:
    path = write_film(tmp_path / "film.ivf", pictures=paint_shots(1), picture_codec="libvpx-vp9")
    data = bytearray(path.read_bytes())
    data[24:28] = bytes(4)  # the header's count of frames
    path.write_bytes(bytes(data))
    assert float(probe_cut(path).duration_s) == pytest.approx(1, abs=0.05)


def test_one_frame_is_a_film(tmp_path: Path) -> None:
    cut = probe_cut(write_film(tmp_path / "film.mp4", pictures=paint_shots(0.04)))
    assert (cut.seconds, cut.frame_rate, cut.streams) == (1, 25, ("frames",))


@pytest.mark.parametrize("suffix", [".mp4", ".mov"])
def test_the_start_timecode_is_read(tmp_path: Path, suffix: str) -> None:
    path = write_film(tmp_path / f"film{suffix}", pictures=paint_shots(1), timecode="01:00:00:12")
    assert probe_cut(path).start_timecode == "01:00:00:12"


def test_a_drop_frame_start_timecode_keeps_its_semicolon(tmp_path: Path) -> None:
    rate = Fraction(30_000, 1001)
    pictures = paint_shots(1, rate=rate)
    path = write_film(tmp_path / "film.mov", pictures=pictures, rate=rate, timecode="00:59:58;02")
    assert probe_cut(path).start_timecode == "00:59:58;02"


def test_a_start_timecode_the_rate_cannot_show_is_left_out(tmp_path: Path) -> None:
    path = write_film(tmp_path / "film.mkv", pictures=paint_shots(1), timecode="01:00:00:29")
    assert probe_cut(path).start_timecode is None


def test_cover_art_is_no_picture(tmp_path: Path) -> None:
    cut = probe_cut(write_film(tmp_path / "song.mp4", sound=make_tone(1), cover=True))
    assert (cut.streams, cut.frame_rate, cut.width) == (("audio",), None, 0)
    cut = probe_cut(write_film(tmp_path / "film.mp4", pictures=paint_shots(1), cover=True))
    assert (cut.streams, cut.width) == (("frames",), 160)


@pytest.mark.parametrize("suffix", [".srt", ".vtt", ".ass"])
def test_a_subtitle_file_beside_the_film_is_found(film: Path, suffix: str) -> None:
    sidecar = film.with_suffix(suffix)
    sidecar.write_text(SRT)
    cut = probe_cut(film)
    assert cut.transcript_path == sidecar
    assert "transcript" in cut.streams


def test_the_subtitle_file_given_comes_before_the_one_beside_the_film(film: Path, tmp_path: Path) -> None:
    film.with_suffix(".srt").write_text(SRT)
    given = tmp_path / "given.srt"
    given.write_text(SRT)
    assert probe_cut(film, transcript=given, title="A Film").transcript_path == given
    assert probe_cut(film, title="A Film").title == "A Film"


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_an_embedded_text_track_is_a_transcript(tmp_path: Path, suffix: str) -> None:
    path = write_film(tmp_path / f"film{suffix}", pictures=paint_shots(1), lines=[(0.1, 0.9, "Hello.")])
    cut = probe_cut(path)
    assert (cut.streams, cut.transcript_path) == (("frames", "transcript"), None)


def test_a_subtitle_file_that_is_not_there_is_refused(film: Path) -> None:
    with pytest.raises(TranscriptError, match="no subtitle file"):
        probe_cut(film, transcript=film.with_name("nowhere.srt"))


def test_what_is_no_readable_file_is_refused(tmp_path: Path) -> None:
    empty = tmp_path / "empty.mp4"
    empty.touch()
    for path, what in ((tmp_path / "nowhere.mp4", "no file"), (tmp_path, "folder"), (empty, "empty")):
        with pytest.raises(FileUnreadable, match=what):
            probe_cut(path)
    with pytest.raises(FileUnreadable):
        probe_cut(Path("nul\0byte.mp4"))


def test_text_with_the_name_of_a_film_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_text("INT. HOUSE - NIGHT\n" * 500)
    with pytest.raises(NotMedia, match="not a film") as caught:
        probe_cut(path)
    assert ".mov" in caught.value.hint


def test_a_film_cut_short_before_its_index_is_called_incomplete(film: Path) -> None:
    with pytest.raises(MediaDamaged, match="incomplete") as caught:
        probe_cut(truncate_film(film, 0.6))
    assert "again" in caught.value.hint


def test_subtitles_alone_are_nothing_to_analyse(tmp_path: Path) -> None:
    path = write_film(tmp_path / "words.mkv", lines=[(0, 1, "Hello.")])
    with pytest.raises(NothingToAnalyse):
        probe_cut(path)


@pytest.mark.parametrize(
    "playlist",
    [
        "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{film}\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile '{film}'\n",
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n",
    ],
)
def test_a_playlist_never_leads_to_another_file(tmp_path: Path, playlist: str) -> None:
    film = write_film(tmp_path / "secret.ts", pictures=paint_shots(1))
    for name in ("list.m3u8", "list.mp4"):
        path = tmp_path / name
        path.write_text(playlist.format(film=film))
        with pytest.raises(NotMedia):
            probe_cut(path)


def test_pictures_and_other_documents_are_refused(tmp_path: Path) -> None:
    from PIL import Image

    path = tmp_path / "still%03d.png"
    Image.new("RGB", (64, 64)).save(path)
    with pytest.raises(NotMedia):
        probe_cut(path)


def claim_length(path: Path, milliseconds: float) -> None:
    """Have a Matroska file say that it lasts so long."""
    data = bytearray(path.read_bytes())
    length = data.index(b"\x44\x89\x88") + 3  # Matroska's Duration, a double
    data[length : length + 8] = struct.pack(">d", milliseconds)
    path.write_bytes(bytes(data))


def test_a_header_that_claims_more_than_a_day_is_called_damaged(tmp_path: Path) -> None:
    path = write_film(tmp_path / "film.mkv", pictures=paint_shots(1))
    claim_length(path, 1e9)
    os.truncate(path, 1_000_000_000)  # A hole, so that it could hold as much.
    with pytest.raises(MediaDamaged, match="longer than a day"):
        probe_cut(path)


@pytest.mark.parametrize("hours", [1, 23.9, 300])
def test_a_header_that_claims_more_than_so_small_a_file_can_hold_is_not_believed(tmp_path: Path, hours: float) -> None:
    path = write_film(tmp_path / "film.mkv", pictures=paint_shots(1), sound=make_tone(1))
    expected = probe_cut(path).duration_s
    claim_length(path, hours * 3.6e6)
    assert float(probe_cut(path).duration_s) == pytest.approx(float(expected), abs=0.05)


def test_noise_is_never_more_than_a_film_error(tmp_path: Path) -> None:
    for seed in range(20):
        path = tmp_path / "noise.mp4"
        path.write_bytes(bytes([0, 0, 0, 24]) + b"ftypisom" + bytes((seed * i * i) % 251 for i in range(4000)))
        with pytest.raises(FilmError):
            probe_cut(path)
