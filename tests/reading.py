"""Reading films in tests: what the product decodes and measures, laid out second by second for comparison."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.analyse import analyse_cut
from pipeline.features.evidence import Evidence
from pipeline.gather import gather_evidence
from pipeline.streams.probe import probe_cut
from pipeline.streams.read import ReadOptions, open_streams, read_pictures, read_sound
from pipeline.types import GRID_HZ, Analysis, Report, ignore_progress
from tests.films import Pictures, Sound


@dataclass(frozen=True)
class Second:
    """What was decoded of one second: the pictures on show on the 25 Hz grid with their times, and the sound."""

    index: int
    pictures: Pictures | None
    picture_times_s: np.ndarray | None
    sound: Sound | None


def measure(path: Path, *, chunks: int = 1) -> Evidence:
    """Measure a whole film, its picture in about so many chunks."""
    cut = probe_cut(path)
    return gather_evidence(open_streams(cut, ReadOptions(chunk_s=float(cut.duration_s) / chunks)))


def assert_same_evidence(one: Evidence, other: Evidence) -> None:
    """Check that two films measure the same to the last bit."""
    for name, value in vars(one).items():
        same = getattr(other, name)
        if name != "details":
            np.testing.assert_array_equal(value, same, err_msg=name)
    assert set(one.details) == set(other.details)
    for name, value in one.details.items():
        np.testing.assert_array_equal(value, other.details[name], err_msg=name)


def analyse_film(path: Path, *, transcript: Path | None = None, report: Report = ignore_progress) -> Analysis:
    """Analyse a whole film with the shipped models."""
    from studio.networks import load_models

    text_model, curve_model, shot_model = load_models()
    cut = probe_cut(path, transcript=transcript)
    return analyse_cut(cut, text_model=text_model, curve_model=curve_model, shot_model=shot_model, report=report)


def read_seconds(path: Path) -> list[Second]:
    """Decode a whole film."""
    streams = open_streams(probe_cut(path))
    rows: dict[int, tuple[Pictures, float]] = {}
    for chunk in streams.chunks:
        for batch in read_pictures(streams, chunk):
            for pixels, time_s, start, stop in zip(batch.pixels, batch.times_s, batch.starts, batch.stops, strict=True):
                rows |= dict.fromkeys(range(start, stop), (pixels, time_s))
    sounds = {sound.second: sound.samples for sound in read_sound(streams)}
    return [_make_second(index, rows, sounds.get(index)) for index in range(streams.cut.seconds)]


def read_samples(path: Path) -> Sound:
    """Decode the sound of a film and join its seconds."""
    return np.concatenate([sound.samples for sound in read_sound(open_streams(probe_cut(path)))])


def list_numbers(seconds: list[Second]) -> Iterator[int]:
    """Read the number that each picture on the grid shows (see `tests.films.paint_number`)."""
    from tests.films import read_number

    return (read_number(picture) for second in seconds if second.pictures is not None for picture in second.pictures)


def _make_second(index: int, rows: dict[int, tuple[Pictures, float]], sound: Sound | None) -> Second:
    """Gather the pictures of one second."""
    here = [rows[row] for row in range(GRID_HZ * index, GRID_HZ * (index + 1)) if row in rows]
    if not here:
        return Second(index, None, None, sound)
    return Second(index, np.stack([pixels for pixels, _ in here]), np.array([time_s for _, time_s in here]), sound)
