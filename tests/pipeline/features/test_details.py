"""Tests of what is measured beside the features, on pictures and sounds of which it is known."""

import cv2
import numpy as np
import pytest

from pipeline.features.details import PICTURE_DETAILS, SOUND_DETAILS, measure_rises, measure_spectrum
from pipeline.features.stills import measure_still
from tests.films import make_tone, paint_number


def see(picture):
    return dict(zip(PICTURE_DETAILS, measure_still(picture).tolist(), strict=True))


def hear(samples):
    return dict(zip(SOUND_DETAILS, measure_spectrum(samples).tolist(), strict=True))


def paint(color, size=(256, 144)):
    return np.full((size[1], size[0], 3), color, np.uint8)


def draw_face(picture, centre, height):
    """Draw a face as simple as the cascade takes for one: shaded skin, brows, eyes, nose and mouth."""
    x, y = centre
    h = height
    cv2.ellipse(picture, (x, y), (int(0.36 * h), int(0.5 * h)), 0, 0, 360, (205, 160, 135), -1, cv2.LINE_AA)
    for side in (-1, 1):
        eye = (x + side * int(0.15 * h), y - int(0.08 * h))
        cv2.ellipse(picture, eye, (int(0.09 * h), int(0.05 * h)), 0, 0, 360, (60, 35, 30), -1, cv2.LINE_AA)
        cv2.ellipse(
            picture,
            (eye[0], eye[1] - int(0.09 * h)),
            (int(0.1 * h), int(0.03 * h)),
            0,
            0,
            360,
            (70, 40, 30),
            -1,
            cv2.LINE_AA,
        )
        cv2.ellipse(
            picture,
            (x + side * int(0.04 * h), y + int(0.13 * h)),
            (int(0.02 * h), int(0.015 * h)),
            0,
            0,
            360,
            (90, 50, 45),
            -1,
            cv2.LINE_AA,
        )
    cv2.ellipse(
        picture, (x, y + int(0.27 * h)), (int(0.14 * h), int(0.04 * h)), 0, 0, 360, (110, 40, 40), -1, cv2.LINE_AA
    )
    return cv2.GaussianBlur(picture, (0, 0), h / 60)


def test_flat_pictures_have_no_edges_and_no_faces():
    black, white, red = see(paint(0)), see(paint(255)), see(paint((255, 0, 0)))
    for flat in (black, white, red):
        assert flat["sharpness"] == flat["face"] == flat["edges"] == 0
    assert (black["dark"], black["light"], white["dark"], white["light"]) == (1, 0, 0, 1)
    assert (white["saturation"], red["saturation"]) == (0, 1)


def test_a_blurred_picture_is_less_sharp_and_has_fewer_edges():
    sharp = paint_number(0b10100101, (256, 144))
    blurred = cv2.GaussianBlur(sharp, (0, 0), 4)
    assert see(blurred)["sharpness"] < see(sharp)["sharpness"] - 1
    assert see(cv2.GaussianBlur(sharp, (0, 0), 20))["edges"] < see(sharp)["edges"]


@pytest.mark.parametrize(("height", "found"), [(110, True), (70, True), (12, False)])
def test_a_face_is_found_with_its_height(height, found):
    face = see(draw_face(paint((90, 110, 130)), (128, 72), height))["face"]
    assert (face > 0) == found
    if found:
        assert face == pytest.approx(height / 144, rel=0.35)


def test_a_tone_lies_in_its_band_at_its_level():
    for hz, band in ((100, "bass_db"), (1_000, "voice_db"), (8_000, "treble_db")):
        heard = hear(make_tone(1, left=0.5, right=0.5, hz=hz))
        assert heard[band] == pytest.approx(20 * np.log10(0.5) - 3.01, abs=0.2)
        assert all(heard[other] < heard[band] - 40 for other in ("bass_db", "voice_db", "treble_db") if other != band)
        assert heard["centroid_hz"] == pytest.approx(hz, rel=0.05)
        assert heard["flatness"] < 0.01


def test_noise_is_flat_and_silence_is_nothing():
    noise = np.random.default_rng(0).normal(0, 0.1, (48_000, 2)).astype(np.float32)
    assert hear(noise)["flatness"] > 0.9
    silence = hear(np.zeros((48_000, 2), np.float32))
    assert silence["voice_db"] == -80
    assert np.isnan([silence["centroid_hz"], silence["flatness"]]).all()


def test_part_of_a_second_is_as_loud_as_all_of_it():
    whole = make_tone(1, hz=1_000)
    assert hear(whole[:11_111])["voice_db"] == pytest.approx(hear(whole)["voice_db"], abs=0.3)


def test_a_blow_is_a_steep_rise_and_a_swell_is_none():
    blow, swell = np.full(75, 0.01, np.float32), np.geomspace(0.01, 0.5, 75).astype(np.float32)
    blow[30:] = 0.5
    present = np.ones(75, np.bool_)
    present[50:] = False
    assert measure_rises(blow, present)[1] == pytest.approx(34, abs=0.1)
    assert measure_rises(swell, present)[1] < 2
    assert np.isnan(measure_rises(blow, present)[2])
