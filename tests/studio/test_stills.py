"""Tests of the pictures that are kept of every second."""

import io
from fractions import Fraction

import numpy as np
import pytest
from PIL import Image

from pipeline.gather import gather_evidence
from pipeline.streams.probe import probe_cut
from pipeline.streams.read import ReadOptions, open_streams
from studio.parts import Parts
from studio.stills import Stills
from tests.films import letterbox, paint_number, read_number, write_film

CUT = "0123456789abcdef"


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """Eight seconds at 24 pictures a second, each with its number, letterboxed."""
    pictures = letterbox(np.stack([paint_number(i, (320, 180)) for i in range(192)]), top=40)
    return write_film(tmp_path_factory.mktemp("stills") / "numbers.mp4", pictures=pictures, rate=Fraction(24))


def collect(settings, film, chunks):
    parts, stills = Parts(settings, CUT), Stills(settings, CUT)
    gather_evidence(open_streams(probe_cut(film), ReadOptions(chunk_s=8 / chunks)), keep=parts)
    stills.collect(parts)
    parts.discard()
    return stills


@pytest.mark.parametrize("chunks", [1, 4])
def test_every_second_has_the_picture_in_its_middle(settings, film, chunks):
    stills = collect(settings, film, chunks)
    for second in range(8):
        picture = np.asarray(Image.open(io.BytesIO(stills.read(second))))
        assert picture.shape == (80, 256, 3)  # without its letterbox
        assert read_number(picture) == int((second + 0.48) * 24)
    assert stills.read(8) is None
    assert stills.read(-1) is None


def test_new_stills_replace_old_ones_at_once(settings, film, tmp_path):
    stills = collect(settings, film, 1)
    before = stills.read(3)
    other = write_film(tmp_path / "other.mp4", pictures=np.stack([paint_number(255 - i) for i in range(192)]))
    collect(settings, other, 1)
    assert stills.read(3) != before


def test_without_stills_there_is_no_picture_and_no_trouble(settings):
    stills = Stills(settings, CUT)
    assert stills.read(0) is None
    stills.collect(Parts(settings, CUT))
    assert stills.read(0) is None
    stills.discard()
    stills.discard()


def test_a_folder_that_cannot_be_written_costs_the_stills_alone(settings, film, caplog):
    settings.home.mkdir(parents=True, exist_ok=True)
    (settings.home / "stills").write_text("in the way")
    stills = collect(settings, film, 1)
    assert stills.read(0) is None
    assert "could not be kept" in caplog.text
