"""Tests of films that are harmed: whatever happens is a film error or measurements."""

import wave
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from av import VideoFrame

from pipeline.errors import FilmError, MediaDamaged
from pipeline.streams.frames import PictureTrack
from pipeline.streams.scaler import PictureScaler
from pipeline.types import Chunk
from tests.films import make_tone, mutate_film, paint_shots, write_film
from tests.reading import measure

MUTANTS = 20
TS_PACKET_BYTES = 188
SOUND_PID = 0x101
STRAY_PID = 0x1F0


def write_small(path: Path) -> Path:
    lines = None if path.suffix == ".ts" else [(0.1, 0.6, "Hello."), (0.7, 0.9, "You?")]
    # With the index in front, harm to the rest of an MP4 reaches picture and sound.
    options = {"movflags": "faststart"} if path.suffix == ".mp4" else None
    pictures = paint_shots(1, size=(64, 48), shot_s=0.5)
    return write_film(path, pictures=pictures, sound=make_tone(1), lines=lines, options=options)


@pytest.mark.parametrize("suffix", [".mp4", ".ts", ".mkv"])
def test_whatever_is_harmed_ends_in_a_film_error_or_in_measurements(tmp_path: Path, suffix: str) -> None:
    original = write_small(tmp_path / f"original{suffix}").read_bytes()
    path = tmp_path / f"harmed{suffix}"
    measured = 0
    for seed in range(MUTANTS):
        path.write_bytes(original)
        try:
            evidence = measure(mutate_film(path, seed))
        except FilmError:
            continue
        except Exception as error:
            pytest.fail(f"mutant {seed} of {suffix}: {error!r}")
        measured += 1
        assert np.isfinite(evidence.rms).all()
        assert np.isfinite(evidence.quadrants).all()
    assert measured >= MUTANTS // 4


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
