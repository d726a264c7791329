"""Tests of the 25 Hz measurements, beside independent computations of them."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import imagehash
import numpy as np
import pytest
from PIL import Image

from pipeline.features.evidence import gather_evidence, measure_pictures, measure_sound
from pipeline.streams.probe import probe_cut
from pipeline.streams.read import open_streams
from pipeline.types import Cut, Second, Streams
from tests.films import Pictures, make_tone, paint_shots, write_film


def hash_of(picture: Pictures) -> str:
    return str(imagehash.phash(Image.fromarray(picture), hash_size=12, highfreq_factor=4))


def luminance_of(picture: Pictures) -> list[float]:
    height, width = picture.shape[:2]
    perceived = np.sqrt(picture.astype(np.float64) ** 2 @ [0.299, 0.587, 0.114])
    halves = (perceived[: height // 2], perceived[height // 2 :])
    return [float(np.rint(part.mean())) for half in halves for part in (half[:, : width // 2], half[:, width // 2 :])]


def bits(hashes: Pictures) -> Pictures:
    return np.unpackbits(hashes, axis=-1)


@pytest.fixture(scope="module")
def natural(data_dir: Path) -> list[av.VideoFrame]:
    """Sixty key frames of a real film."""
    frames = []
    with av.open(str(data_dir / "films" / "bbb_640x360.mp4")) as container:
        for index in range(60):
            container.seek(int((5 + 9.7 * index) * 1e6))
            frames.append(next(container.decode(video=0)))
    return frames


@pytest.mark.parametrize("size", [(160, 96), (1280, 540), (48, 48), (31, 47), (333, 251)])
def test_pictures_measure_as_imagehash_and_the_definition_say(size: tuple[int, int]) -> None:
    pictures = paint_shots(8, rate=Fraction(1), size=(size[0] // 2 * 2, size[1]))
    noise = np.random.default_rng(1).integers(0, 256, (2, size[1], size[0] // 2 * 2, 3), np.uint8)
    for picture in np.concatenate([pictures, noise]):
        quadrants, phash = measure_pictures(picture[None])
        assert quadrants[0].tolist() == luminance_of(picture)
        expected = np.frombuffer(bytes.fromhex(hash_of(picture)), np.uint8)
        # Only a coefficient that equals the median but for rounding may fall to its other side.
        assert (bits(phash[0]) != bits(expected)).sum() <= 1


def test_known_pictures_have_known_luminance() -> None:
    picture = np.zeros((1, 96, 160, 3), np.uint8)
    picture[0, :48, :80] = (255, 0, 0)
    picture[0, :48, 80:] = (0, 255, 0)
    picture[0, 48:, :80] = (0, 0, 255)
    picture[0, 48:, 80:] = 255
    quadrants, _ = measure_pictures(picture)
    assert quadrants.tolist() == [[139, 195, 86, 255]]


def test_pictures_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match="shape"):
        measure_pictures(np.zeros((96, 160, 3), np.uint8))


@pytest.mark.data
def test_natural_pictures_hash_as_imagehash_hashes_them(natural: list[av.VideoFrame]) -> None:
    pictures = np.stack([frame.to_ndarray(format="rgb24") for frame in natural])
    _, phash = measure_pictures(pictures)
    expected = np.stack([np.frombuffer(bytes.fromhex(hash_of(picture)), np.uint8) for picture in pictures])
    assert (bits(phash) != bits(expected)).mean() < 0.001


@pytest.mark.data
def test_small_pictures_measure_as_full_ones(natural: list[av.VideoFrame]) -> None:
    from pipeline.streams.scaler import PictureScaler

    scaler = PictureScaler(None)
    small, small_hash = measure_pictures(np.stack([scaler.scale(frame) for frame in natural]))
    full_pictures = np.stack([frame.to_ndarray(format="rgb24") for frame in natural])
    full = np.array([luminance_of(picture) for picture in full_pictures])
    full_hash = measure_pictures(full_pictures)[1]
    assert np.abs(small - full).mean() < 1.5
    assert (bits(small_hash) != bits(full_hash)).mean() < 0.03


def test_sound_is_measured_every_40_ms() -> None:
    rms, lrdiff = measure_sound(make_tone(1, left=0.4, right=0.2))
    assert (rms.shape, rms.dtype, lrdiff.dtype) == ((25,), np.float32, np.float32)
    np.testing.assert_allclose(rms, 0.6 / np.sqrt(2), rtol=1e-4)
    np.testing.assert_allclose(lrdiff, 0.2 / np.sqrt(2), rtol=1e-4)


def test_the_balance_is_negative_when_the_right_is_louder() -> None:
    assert (measure_sound(make_tone(1, left=0.1, right=0.2))[1] < 0).all()


def test_a_piece_shorter_than_40_ms_has_the_level_of_what_there_is() -> None:
    rms, _ = measure_sound(np.full((2000, 2), 0.5, np.float32))
    np.testing.assert_allclose(rms, [1, 1])
    assert measure_sound(np.zeros((0, 2), np.float32))[0].shape == (0,)


def test_a_film_is_measured_as_it_was_made(tmp_path: Path) -> None:
    path = write_film(tmp_path / "film.mp4", pictures=paint_shots(3), sound=make_tone(3))
    positions: list[float] = []
    evidence = gather_evidence(open_streams(probe_cut(path)), positions.append)
    assert positions == [1, 2, 3]
    assert len(evidence.phash) == 75
    assert evidence.picture_present.all()
    assert evidence.sound_present.all()
    np.testing.assert_allclose(evidence.picture_times_s, np.arange(75) / 25)
    truth = np.array([luminance_of(picture) for picture in paint_shots(3)])
    assert np.abs(evidence.quadrants - truth).mean() < 1.5
    boundaries = np.sort(np.argsort(evidence.norm_diff)[-2:])
    assert boundaries.tolist() == [25, 50]
    assert evidence.norm_diff[0] == 0
    np.testing.assert_allclose(evidence.rms[2:-2], 0.6 / np.sqrt(2), rtol=0.06)
    np.testing.assert_allclose(evidence.lrdiff[2:-2], 0.2 / np.sqrt(2), atol=0.03)


def test_an_absent_stream_is_absent_and_not_silence(tmp_path: Path) -> None:
    silent = gather_evidence(
        open_streams(probe_cut(write_film(tmp_path / "a.mp4", pictures=paint_shots(1.6)))), lambda _: None
    )
    assert not silent.sound_present.any()
    assert silent.picture_present.tolist() == [True] * 40 + [False] * 10
    path = write_film(tmp_path / "b.wav", sound=make_tone(1.5), sound_codec="pcm_s16le")
    heard = gather_evidence(open_streams(probe_cut(path)), lambda _: None)
    assert not heard.picture_present.any()
    assert not heard.norm_diff.any()
    assert heard.sound_present.tolist() == [True] * 38 + [False] * 12


def test_one_frame_is_measured(tmp_path: Path) -> None:
    path = write_film(tmp_path / "film.mp4", pictures=paint_shots(0.04))
    evidence = gather_evidence(open_streams(probe_cut(path)), lambda _: None)
    assert evidence.picture_present.tolist() == [True] + [False] * 24


def test_a_picture_on_show_for_many_rows_is_the_same_in_each() -> None:
    pictures = np.repeat(paint_shots(5, rate=Fraction(1)), 5, axis=0)
    times_s = np.repeat(np.arange(5) / 5, 5)

    def seconds() -> Iterator[Second]:
        yield Second(index=0, pictures=pictures, picture_times_s=times_s, sound=None)

    cut = Cut(
        cut_id="0",
        path=Path("film.mp4"),
        title="film",
        duration_s=Fraction(1),
        frame_rate=Fraction(5),
        start_timecode=None,
        width=160,
        height=96,
        streams=("frames",),
    )
    evidence = gather_evidence(Streams(cut=cut, seconds=seconds(), lines=None), lambda _: None)
    quadrants, phash = measure_pictures(pictures)
    np.testing.assert_array_equal(evidence.quadrants, quadrants)
    np.testing.assert_array_equal(evidence.phash, phash)
    assert np.flatnonzero(evidence.norm_diff).tolist() == [5, 10, 15, 20]
    np.testing.assert_allclose(evidence.norm_diff[5], (bits(phash[5]) != bits(phash[4])).mean())
