"""Tests of HDR: a film in PQ or HLG measures as its SDR version does."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
import pytest

from pipeline.features.measure import measure_pixels
from tests.films import Pictures, paint_shots
from tests.reading import read_seconds

Light = npt.NDArray[np.float64]

PQ, HLG, BT2020, BT2020_MATRIX = 16, 18, 9, 9
TRANSFERS = pytest.mark.parametrize("transfer", [PQ, HLG], ids=["pq", "hlg"])
RATE = Fraction(25)

KNEE_CODE = 180
"""SDR codes up to this one lie below the knee of the tone curve."""
ROUNDING = 3
"""What two quantisations, to 10 bits in the film and to 8 after the curve, and halved chroma may do, of 255."""
WHITE_CODE = 230
"""Where BT.2390's curve puts reference white, by its formula: room for highlights five times as bright is left above."""

FROM_BT709 = np.array([[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]])


def to_pq(nits: Light) -> Light:
    root = (nits / 10_000) ** 0.1593017578125
    return ((0.8359375 + 18.8515625 * root) / (1 + 18.6875 * root)) ** 78.84375


def to_hlg(nits: Light) -> Light:
    shown = nits / 1000
    luminance = np.maximum(shown @ [0.2627, 0.6780, 0.0593], 1e-9)[..., None]
    scene = shown * luminance ** (1 / 1.2 - 1)
    high = 0.17883277 * np.log(np.maximum(12 * scene - 0.28466892, 1e-9)) + 0.55991073
    return np.where(scene <= 1 / 12, np.sqrt(3 * scene), high)


def to_hdr(pictures: Pictures, transfer: int) -> Light:
    """Give SDR pictures, white at 203 cd/m2 on a display of gamma 2.4, the R'G'B' that shows the same in HDR."""
    return light_to_hdr(203 * (pictures / 255) ** 2.4 @ FROM_BT709.T, transfer)


def light_to_hdr(nits: Light, transfer: int) -> Light:
    return to_pq(nits) if transfer == PQ else to_hlg(nits)


def write_hdr(path: Path, coded: Light, transfer: int) -> Path:
    """Write R'G'B' of BT.2020 as 10-bit film of limited range."""
    luma = coded @ [0.2627, 0.6780, 0.0593]
    blue, red = (coded[..., 2] - luma) / 1.8814, (coded[..., 0] - luma) / 1.4746
    planes = [64 + 876 * luma, *(512 + 896 * (c[:, ::2, ::2] + c[:, 1::2, 1::2]) / 2 for c in (blue, red))]
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE)
        stream.height, stream.width = coded.shape[1:3]
        stream.pix_fmt = "yuv420p10le"
        stream.options = {"preset": "ultrafast", "crf": "4"}
        context = stream.codec_context
        context.color_trc, context.color_primaries, context.colorspace = transfer, BT2020, BT2020_MATRIX
        context.color_range = 1
        for index in range(len(coded)):
            frame = av.VideoFrame(stream.width, stream.height, "yuv420p10le")
            for plane, values in zip(frame.planes, planes, strict=True):
                rows = np.zeros((plane.height, plane.line_size // 2), np.uint16)
                rows[:, : plane.width] = np.rint(values[index])
                plane.update(rows.tobytes())
            frame.pts, frame.time_base = index, 1 / RATE
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def read_pictures(path: Path) -> Pictures:
    return np.concatenate([s.pictures for s in read_seconds(path) if s.pictures is not None])


def patches_of(picture: Pictures) -> Pictures:
    """Return the colour in the middle of each of sixteen columns."""
    return picture[48, 5::10].astype(int)


@TRANSFERS
def test_an_hdr_film_measures_as_its_sdr_version(tmp_path: Path, transfer: int) -> None:
    pictures = paint_shots(1.2, shot_s=0.2)
    seen = read_pictures(write_hdr(tmp_path / "film.mp4", to_hdr(pictures, transfer), transfer))
    quadrants, _ = measure_pixels(pictures)
    seen_quadrants, _ = measure_pixels(seen)
    is_dark = quadrants.max(axis=1) < KNEE_CODE - 20
    assert is_dark.sum() >= 20
    np.testing.assert_allclose(seen_quadrants[is_dark], quadrants[is_dark], atol=ROUNDING)
    # The brightest shot is bent, by no more than white is.
    np.testing.assert_allclose(seen_quadrants, quadrants, atol=255 - WHITE_CODE)


@TRANSFERS
def test_greys_and_colours_below_the_knee_are_left_alone(tmp_path: Path, transfer: int) -> None:
    chance = np.random.default_rng(3)
    patches = np.repeat(np.linspace(20, KNEE_CODE, 8)[:, None], 3, axis=1)
    patches = np.concatenate([patches, chance.integers(20, KNEE_CODE, (8, 3))]).astype(np.uint8)
    pictures = np.broadcast_to(np.repeat(patches, 10, axis=0), (3, 96, 160, 3))
    seen = read_pictures(write_hdr(tmp_path / "film.mp4", to_hdr(pictures, transfer), transfer))
    np.testing.assert_allclose(patches_of(seen[1]), patches, atol=ROUNDING)


@TRANSFERS
def test_highlights_are_bent_below_white_in_their_order(tmp_path: Path, transfer: int) -> None:
    nits = np.array([0, 1, 10, 50, 100, 203, 250, 300, 400, 500, 600, 700, 800, 900, 1000, 1000], float)
    light = np.broadcast_to(np.repeat(nits, 10)[:, None], (3, 96, 160, 3))
    seen = read_pictures(write_hdr(tmp_path / "film.mp4", light_to_hdr(light, transfer), transfer))
    grey = patches_of(seen[1])[:, 1]
    assert (np.diff(grey[:12]) > 0).all()
    assert (np.diff(grey) >= 0).all()
    assert grey[0] == 0
    assert grey[5] == pytest.approx(WHITE_CODE, abs=2)
    assert grey[-1] == 255


def test_what_is_brighter_than_the_peak_is_white(tmp_path: Path) -> None:
    light = np.full((3, 96, 160, 3), 9000.0)
    seen = read_pictures(write_hdr(tmp_path / "film.mp4", to_pq(light), PQ))
    assert seen.min() >= 254
