"""Tests of films that are harmed: whatever happens is a film error or measurements."""

import wave
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av import VideoFrame

from pipeline.errors import MediaDamaged, MediaError
from pipeline.features.evidence import Evidence
from pipeline.footage import Chunk
from pipeline.streams.audio import SoundTrack
from pipeline.streams.frames import PictureTrack
from pipeline.streams.probe import probe_cut
from pipeline.streams.scaler import PictureScaler
from tests.films import lose_pictures, make_tone, paint_shots, write_film
from tests.reading import measure
from tests.transcoding import transcode

TS_PACKET_BYTES = 188
SOUND_PID = 0x101
STRAY_PID = 0x1F0


def test_a_transport_stream_in_which_a_stray_stream_turns_up_is_read_to_its_end(tmp_path: Path) -> None:
    path = write_film(tmp_path / "film.ts", pictures=paint_shots(2, size=(64, 48)), sound=make_tone(2))
    data = bytearray(path.read_bytes())
    starts = [
        at
        for at in range(0, len(data), TS_PACKET_BYTES)
        if data[at + 1] & 0x40 and int.from_bytes(data[at + 1 : at + 3]) & 0x1FFF == SOUND_PID
    ]
    at = starts[-5]
    data[at + 1 : at + 3] = (int.from_bytes(data[at + 1 : at + 3]) & 0xE000 | STRAY_PID).to_bytes(2)
    path.write_bytes(bytes(data))
    evidence = measure(path)
    assert evidence.picture_present[:50].all()
    assert evidence.sound_present[:48].all()


def test_sound_in_channels_that_no_matrix_mixes_is_called_damaged(tmp_path: Path) -> None:
    path = tmp_path / "sound.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((31, 2, 48_000, 0, "NONE", ""))
        file.writeframes(bytes(2 * 31 * 48_000))
    with pytest.raises(MediaDamaged, match="can be decoded"):
        measure(path)


def test_a_picture_that_cannot_be_scaled_is_lost_but_not_its_neighbours() -> None:
    track = PictureTrack(
        chunk=Chunk(start_s=Fraction(0), stop_s=None, seek_to=None),
        origin_s=Fraction(0),
        duration_s=Fraction(3),
        frame_s=Fraction(1),
        scaler=PictureScaler(crop=None),
    )
    for second, pixel_format in enumerate(("rgb24", "gbrap32le", "rgb24")):
        frame = VideoFrame(64, 48, pixel_format)
        frame.pts, frame.time_base = second, Fraction(1)
        track.add(frame)
    track.finish()
    pictures = track.take_pictures()
    assert list(zip(pictures.starts, pictures.stops, strict=True)) == [(0, 25), (50, 75)]


@pytest.mark.parametrize("astray_s", [-7, 5, 70_000])
def test_a_stamp_that_is_astray_costs_its_own_frame_and_no_other(astray_s: int) -> None:
    track = PictureTrack(
        chunk=Chunk(start_s=Fraction(0), stop_s=None, seek_to=None),
        origin_s=Fraction(0),
        duration_s=Fraction(4),
        frame_s=Fraction(1, 25),
        scaler=PictureScaler(crop=None),
    )
    for index in range(100):
        frame = VideoFrame.from_ndarray(np.full((48, 64, 3), index * 2, np.uint8), format="rgb24")
        frame.pts, frame.time_base = index + 25 * astray_s * (index == 30), Fraction(1, 25)
        track.add(frame)
    track.finish()
    pictures = track.take_pictures()
    on_show = np.zeros(100, int)
    for pixels, start, stop in zip(pictures.pixels, pictures.starts, pictures.stops, strict=True):
        on_show[start:stop] = round(float(pixels.mean()) / 2)
    expected = np.arange(100)
    expected[30] = 29
    np.testing.assert_array_equal(on_show, expected)


@pytest.mark.parametrize("astray_s", [-7, 5, 70_000])
def test_a_stamp_of_sound_that_is_astray_silences_nothing_else(astray_s: int) -> None:
    track = SoundTrack(origin_s=Fraction(0), duration_s=Fraction(4))
    tone = make_tone(4, left=0.5, right=0.5)
    for index in range(100):
        block = np.ascontiguousarray(tone[1920 * index : 1920 * (index + 1)].T)
        frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
        frame.sample_rate, frame.time_base = 48_000, Fraction(1, 48_000)
        frame.pts = 1920 * index + 48_000 * astray_s * (index == 60)
        track.add(frame)
    track.finish()
    heard = np.concatenate([track.take_second(second) for second in range(4)])
    is_silent = np.abs(heard).reshape(100, 1920, 2).max(axis=(1, 2)) == 0
    assert is_silent.sum() <= 1
    assert len(heard) == len(tone)


def test_matroska_without_its_index_is_measured_as_with_it(tmp_path: Path) -> None:
    path = write_film(tmp_path / "film.mkv", pictures=paint_shots(4, size=(64, 48)), sound=make_tone(4))
    whole = measure(path)
    data = path.read_bytes()
    cues = data.rindex(b"\x1c\x53\xbb\x6b")
    path.write_bytes(data[:cues])
    assert_same(measure(path), whole)


def test_avi_without_its_index_is_measured_as_with_it(tmp_path: Path) -> None:
    pictures, sound = paint_shots(4, size=(64, 48)), make_tone(4)
    path = write_film(
        tmp_path / "film.avi", pictures=pictures, sound=sound, picture_codec="mpeg4", sound_codec="pcm_s16le"
    )
    whole = measure(path)
    data = path.read_bytes()
    path.write_bytes(data[: data.rindex(b"idx1")])
    assert_same(measure(path), whole)


def test_a_transport_stream_that_begins_and_ends_anywhere_is_measured(tmp_path: Path) -> None:
    path = write_film(tmp_path / "film.ts", pictures=paint_shots(8, size=(64, 48)), sound=make_tone(8))
    data = path.read_bytes()
    path.write_bytes(data[len(data) // 4 + 77 : -len(data) // 4])
    rows = int(25 * probe_cut(path).duration_s)
    assert rows >= 75
    evidence = measure(path)
    assert evidence.picture_present[:rows].mean() > 0.9
    assert evidence.sound_present[:rows].mean() > 0.9


def test_sound_that_stops_midway_is_absent_from_there_on(tmp_path: Path) -> None:
    path = write_film(tmp_path / "film.mkv", pictures=paint_shots(6, size=(64, 48)), sound=make_tone(2.5))
    evidence = measure(path)
    assert evidence.picture_present.all()
    assert evidence.sound_present[:62].all()
    assert not evidence.sound_present[65:].any()
    assert not evidence.rms[65:].any()


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_pictures_that_cannot_be_decoded_in_the_middle_are_absent_and_the_sound_is_not(
    tmp_path: Path, suffix: str
) -> None:
    path = write_film(tmp_path / f"film{suffix}", pictures=paint_shots(9, size=(64, 48)), sound=make_tone(9))
    whole = measure(path)
    lose_pictures(path, first_s=3, last_s=6)
    evidence = measure(path)
    assert evidence.sound_present[:225].all()
    np.testing.assert_allclose(evidence.rms[10:-10], whole.rms[10:-10], rtol=0.02)
    assert evidence.picture_present[:75].all()
    first_back = int(np.flatnonzero(evidence.picture_present[100:])[0]) + 100
    assert 150 <= first_back < 175  # The first picture that needs none of those that are lost.
    assert not evidence.picture_present[76:first_back].any()
    assert evidence.picture_present[175:225].all()
    np.testing.assert_array_equal(evidence.quadrants[175:220], whole.quadrants[175:220])


def test_half_a_second_that_is_lost_is_absent_and_a_frame_that_is_lost_is_held(tmp_path: Path) -> None:
    film = write_film(tmp_path / "film.mp4", pictures=paint_shots(4, size=(64, 48)))
    for length_s, is_lost in ((0.72, True), (0.2, False)):
        path = transcode(film, tmp_path / f"{length_s}.mov", "-c:v", "prores_ks")  # Every picture is a key frame.
        lose_pictures(path, first_s=1, last_s=1 + length_s)
        evidence = measure(path)
        assert evidence.picture_present[25 : 25 + int(25 * length_s)].any() != is_lost
        assert evidence.picture_present[:25].all()
        assert evidence.picture_present[25 + int(25 * length_s) + 1 :].all()


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".mov"])
def test_a_film_of_streams_without_content_is_refused(tmp_path: Path, suffix: str) -> None:
    path = write_film(
        tmp_path / f"film{suffix}", pictures=np.zeros((0, 48, 64, 3), np.uint8), sound=np.zeros((0, 2), np.float32)
    )
    with pytest.raises(MediaError):
        measure(path)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".mov"])
def test_a_stream_without_content_beside_a_whole_one_is_absent(tmp_path: Path, suffix: str) -> None:
    pictures = paint_shots(2, size=(64, 48))
    silent = measure(write_film(tmp_path / f"silent{suffix}", pictures=pictures, sound=np.zeros((0, 2), np.float32)))
    assert silent.picture_present.all()
    assert not silent.sound_present.any()
    nothing = np.zeros((0, 48, 64, 3), np.uint8)
    dark = measure(write_film(tmp_path / f"dark{suffix}", pictures=nothing, sound=make_tone(2)))
    assert dark.sound_present[:50].all()
    assert not dark.picture_present.any()


def assert_same(evidence: Evidence, whole: Evidence) -> None:
    """Compare two measurements, but for the last picture: where it ends, some indexes alone know."""
    np.testing.assert_array_equal(evidence.quadrants[:98], whole.quadrants[:98])
    np.testing.assert_array_equal(evidence.picture_present[:98], whole.picture_present[:98])
    np.testing.assert_allclose(evidence.rms[:98], whole.rms[:98], atol=1e-6)


def test_sound_of_a_rate_that_no_ear_hears_is_called_damaged(tmp_path: Path) -> None:
    path = tmp_path / "sound.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((2, 2, 1, 0, "NONE", ""))  # Every sample becomes 48,000.
        file.writeframes(bytes(4 * 200))
    with pytest.raises(MediaDamaged, match="can be decoded"):
        measure(path)


@pytest.mark.parametrize("harm", [np.nan, np.inf, 1e30])
def test_floating_point_that_holds_no_sound_is_never_measured(tmp_path: Path, harm: float) -> None:
    sound = make_tone(2)
    sound[30_000:30_010] = harm
    evidence = measure(write_film(tmp_path / "sound.wav", sound=sound, sound_codec="pcm_f32le"))
    assert np.isfinite(evidence.rms).all()
    assert evidence.rms.max() < 20
    np.testing.assert_allclose(evidence.rms[:14], 0.6 / np.sqrt(2), rtol=0.01)
