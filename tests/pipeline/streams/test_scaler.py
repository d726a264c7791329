"""Tests of pictures at their measuring size: colours by their tags, and upright."""

from fractions import Fraction

import numpy as np
import pytest
from av import VideoFrame

from pipeline.streams.scaler import PictureScaler

RED, BRICK = (225, 12, 30), (160, 70, 40)
BT709, UNTAGGED, BT470BG, BT601, BT2020, YCGCO, CONSTANT_2020 = 1, 2, 5, 6, 9, 8, 10
LIMITED, FULL = 1, 2
LUMA = {BT709: (0.2126, 0.0722), BT470BG: (0.299, 0.114), BT601: (0.299, 0.114), BT2020: (0.2627, 0.0593)}
SD, HD = (720, 576), (1280, 720)


def paint(
    colour: tuple[int, int, int],
    *,
    made_with: int,
    tagged: int,
    size: tuple[int, int] = (320, 180),
    colour_range: int = LIMITED,
    bits: int = 8,
) -> VideoFrame:
    """Paint a picture of one colour by the textbook's matrix."""
    kr, kb = LUMA[made_with]
    red, green, blue = (value / 255 for value in colour)
    luma = kr * red + (1 - kr - kb) * green + kb * blue
    values = luma, (blue - luma) / 2 / (1 - kb), (red - luma) / 2 / (1 - kr)
    scales = ((16, 219), (128, 224)) if colour_range == LIMITED else ((0, 255), (128, 255))
    frame = VideoFrame(*size, "yuv420p" if bits == 8 else "yuv420p10le")
    for plane, value, (zero, scale) in zip(frame.planes, values, (scales[0], scales[1], scales[1]), strict=True):
        sample = np.uint16(round((zero + scale * value) * 2 ** (bits - 8)))
        kind = np.uint8 if bits == 8 else np.uint16
        plane.update(np.full(plane.buffer_size // np.dtype(kind).itemsize, sample, kind).tobytes())
    frame.colorspace, frame.color_range = tagged, colour_range
    frame.pts, frame.time_base = 0, Fraction(1, 25)
    return frame


@pytest.mark.parametrize("bits", [8, 10])
@pytest.mark.parametrize("colour_range", [LIMITED, FULL])
@pytest.mark.parametrize("matrix", LUMA)
@pytest.mark.parametrize("colour", [RED, BRICK])
def test_tagged_colours_come_through(colour: tuple[int, int, int], matrix: int, colour_range: int, bits: int) -> None:
    frame = paint(colour, made_with=matrix, tagged=matrix, colour_range=colour_range, bits=bits)
    picture = PictureScaler(crop=None).scale(frame)
    np.testing.assert_allclose(picture.reshape(-1, 3).mean(axis=0), colour, atol=2)


@pytest.mark.parametrize(("size", "matrix"), [(SD, BT601), (HD, BT709), ((960, 720), BT709), ((1440, 540), BT709)])
@pytest.mark.parametrize("tag", [UNTAGGED, YCGCO, CONSTANT_2020, 3, 200])
def test_untagged_colours_are_taken_for_what_players_take_them(size: tuple[int, int], matrix: int, tag: int) -> None:
    picture = PictureScaler(crop=None).scale(paint(BRICK, made_with=matrix, tagged=tag, size=size))
    np.testing.assert_allclose(picture.reshape(-1, 3).mean(axis=0), BRICK, atol=2)


def test_tags_that_change_in_the_middle_of_a_film_are_followed() -> None:
    scaler = PictureScaler(crop=None)
    for matrix, colour_range in ((BT709, LIMITED), (BT601, LIMITED), (BT601, FULL), (BT2020, FULL), (BT709, LIMITED)):
        frame = paint(BRICK, made_with=matrix, tagged=matrix, colour_range=colour_range)
        np.testing.assert_allclose(scaler.scale(frame).reshape(-1, 3).mean(axis=0), BRICK, atol=2)
    untagged = paint(BRICK, made_with=BT601, tagged=UNTAGGED)
    np.testing.assert_allclose(scaler.scale(untagged).reshape(-1, 3).mean(axis=0), BRICK, atol=2)


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (16, 16), (333, 251), (3, 2000), (8192, 4320), (12_288, 6480)])
@pytest.mark.parametrize("bits", [8, 10])
def test_pictures_of_every_size_are_scaled(size: tuple[int, int], bits: int) -> None:
    frame = paint(BRICK, made_with=BT709, tagged=BT709, size=size, bits=bits)
    picture = PictureScaler(crop=None).scale(frame)
    assert (picture.shape, picture.dtype) == ((96, 160, 3), np.uint8)
    np.testing.assert_allclose(picture.reshape(-1, 3).mean(axis=0), BRICK, atol=2)
