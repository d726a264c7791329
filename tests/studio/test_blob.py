"""Analyses as bytes."""

import dataclasses

import numpy as np
import pytest

from pipeline.types import Analysis
from studio.blob import analysis_to_bytes, bytes_to_analysis
from tests.analyses import make_analysis


def assert_same(value: object, other: object) -> None:
    assert type(value) is type(other)
    if dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            assert_same(getattr(value, field.name), getattr(other, field.name))
    elif isinstance(value, np.ndarray):
        assert value.dtype == other.dtype
        np.testing.assert_array_equal(value, other)
    elif isinstance(value, dict):
        assert set(value) == set(other)
        for name in value:
            assert_same(value[name], other[name])
    elif isinstance(value, tuple):
        for mine, theirs in zip(value, other, strict=True):
            assert_same(mine, theirs)
    else:
        assert value == other


@pytest.mark.parametrize(
    "analysis",
    [
        make_analysis(),
        make_analysis(0.04),
        make_analysis(streams=("audio",), title="Ohne „Bild“ 🎬"),
        make_analysis(streams=("frames",), start_timecode="00:59:59;28"),
    ],
    ids=["all streams", "one frame", "sound only", "picture only"],
)
def test_an_analysis_comes_back_to_the_last_bit(analysis):
    back = bytes_to_analysis(analysis_to_bytes(analysis))
    assert isinstance(back, Analysis)
    assert_same(back, analysis)


def test_equal_analyses_make_equal_bytes():
    assert analysis_to_bytes(make_analysis(seed=5)) == analysis_to_bytes(make_analysis(seed=5))


def test_what_was_read_cannot_be_written_to():
    back = bytes_to_analysis(analysis_to_bytes(make_analysis()))
    with pytest.raises(ValueError, match="read-only"):
        back.curves.values[0, 0] = 1


def test_every_cut_short_block_is_refused():
    block = analysis_to_bytes(make_analysis(5))
    for length in range(0, len(block), 97):
        with pytest.raises(ValueError, match=r"."):
            bytes_to_analysis(block[:length])


def test_a_block_with_a_flipped_byte_is_refused_or_harmless():
    block = analysis_to_bytes(make_analysis(5))
    for position in range(0, len(block), 211):
        damaged = bytearray(block)
        damaged[position] ^= 0xFF
        try:
            bytes_to_analysis(bytes(damaged))
        except ValueError:
            continue
