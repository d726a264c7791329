"""Tests of the 25 Hz measurements, beside independent computations of them."""

from fractions import Fraction
from pathlib import Path

import av
import imagehash
import numpy as np
import pytest
from PIL import Image

from pipeline.features.evidence import SoundEvidence, join_evidence
from pipeline.features.measure import measure_chunk, measure_pixels, measure_samples
from pipeline.footage import Chunk, Pictures
from tests.films import Pictures as Pixels
from tests.films import make_tone, paint_shots, write_film
from tests.reading import measure


def hash_of(picture: Pixels) -> str:
    return str(imagehash.phash(Image.fromarray(picture), hash_size=12, highfreq_factor=4))


def luminance_of(picture: Pixels) -> list[float]:
    height, width = picture.shape[:2]
    perceived = np.sqrt(picture.astype(np.float64) ** 2 @ [0.299, 0.587, 0.114])
    halves = (perceived[: height // 2], perceived[height // 2 :])
    return [float(np.rint(part.mean())) for half in halves for part in (half[:, : width // 2], half[:, width // 2 :])]


def bits(hashes: Pixels) -> Pixels:
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
        quadrants, phash = measure_pixels(picture[None])
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
    quadrants, _ = measure_pixels(picture)
    assert quadrants.tolist() == [[139, 195, 86, 255]]


def test_pictures_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match="shape"):
        measure_pixels(np.zeros((96, 160, 3), np.uint8))


@pytest.mark.data
def test_natural_pictures_hash_as_imagehash_hashes_them(natural: list[av.VideoFrame]) -> None:
    pictures = np.stack([frame.to_ndarray(format="rgb24") for frame in natural])
    _, phash = measure_pixels(pictures)
    expected = np.stack([np.frombuffer(bytes.fromhex(hash_of(picture)), np.uint8) for picture in pictures])
    assert (bits(phash) != bits(expected)).mean() < 0.001


@pytest.mark.data
def test_small_pictures_measure_as_full_ones(natural: list[av.VideoFrame]) -> None:
    from pipeline.streams.scaler import PictureScaler

    scaler = PictureScaler(None)
    small, small_hash = measure_pixels(np.stack([scaler.scale(frame) for frame in natural]))
    full_pictures = np.stack([frame.to_ndarray(format="rgb24") for frame in natural])
    full = np.array([luminance_of(picture) for picture in full_pictures])
    full_hash = measure_pixels(full_pictures)[1]
    assert np.abs(small - full).mean() < 1.5
    assert (bits(small_hash) != bits(full_hash)).mean() < 0.03


def test_sound_is_measured_every_40_ms() -> None:
    rms, lrdiff = measure_samples(make_tone(1, left=0.4, right=0.2))
    assert (rms.shape, rms.dtype, lrdiff.dtype) == ((25,), np.float32, np.float32)
    np.testing.assert_allclose(rms, 0.6 / np.sqrt(2), rtol=1e-4)
    np.testing.assert_allclose(lrdiff, 0.2 / np.sqrt(2), rtol=1e-4)


def test_the_balance_is_negative_when_the_right_is_louder() -> None:
    assert (measure_samples(make_tone(1, left=0.1, right=0.2))[1] < 0).all()


def test_a_piece_shorter_than_40_ms_has_the_level_of_what_there_is() -> None:
    rms, _ = measure_samples(np.full((2000, 2), 0.5, np.float32))
    np.testing.assert_allclose(rms, [1, 1])
    assert measure_samples(np.zeros((0, 2), np.float32))[0].shape == (0,)


def test_a_film_is_measured_as_it_was_made(tmp_path: Path) -> None:
    path = write_film(tmp_path / "film.mp4", pictures=paint_shots(3), sound=make_tone(3))
    evidence = measure(path)
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
    silent = measure(write_film(tmp_path / "a.mp4", pictures=paint_shots(1.6)))
    assert not silent.sound_present.any()
    assert silent.picture_present.tolist() == [True] * 40 + [False] * 10
    path = write_film(tmp_path / "b.wav", sound=make_tone(1.5), sound_codec="pcm_s16le")
    heard = measure(path)
    assert not heard.picture_present.any()
    assert not heard.norm_diff.any()
    assert heard.sound_present.tolist() == [True] * 38 + [False] * 12


def test_one_frame_is_measured(tmp_path: Path) -> None:
    path = write_film(tmp_path / "film.mp4", pictures=paint_shots(0.04))
    evidence = measure(path)
    assert evidence.picture_present.tolist() == [True] + [False] * 24


def test_a_picture_on_show_for_many_rows_is_the_same_in_each() -> None:
    pixels = paint_shots(5, rate=Fraction(1))
    starts = np.arange(5) * 5
    batch = Pictures(pixels=pixels, times_s=starts / 25, starts=starts, stops=starts + 5)
    chunk = Chunk(start_s=Fraction(0), stop_s=None, seek_to=None)
    positions: list[float] = []
    part = measure_chunk([batch], chunk, seconds=1, report=positions.append)
    nothing, levels = np.zeros(25), np.zeros((25, 24), np.uint8)
    silence = SoundEvidence(
        rms=nothing, lrdiff=nothing, levels=levels, present=np.zeros(25, bool), details=np.zeros((1, 5))
    )
    evidence = join_evidence([part], silence)
    quadrants, phash = measure_pixels(np.repeat(pixels, 5, axis=0))
    np.testing.assert_array_equal(evidence.quadrants, quadrants)
    np.testing.assert_array_equal(evidence.phash, phash)
    assert np.flatnonzero(evidence.norm_diff).tolist() == [5, 10, 15, 20]
    np.testing.assert_allclose(evidence.norm_diff[5], (bits(phash[5]) != bits(phash[4])).mean())
    assert positions == [1]
