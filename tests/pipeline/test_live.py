"""Films that grow while they are read: what is measured of them, and when it is told."""

import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import MediaError
from pipeline.features import audio, frames, transcript
from pipeline.footage import Pictures, Sound
from pipeline.live import LiveEvidence, LiveOptions, LiveSpan, follow_cut
from pipeline.streams.growing import read_growing
from pipeline.types import STREAMS, Floats
from tests.films import make_tone, paint_shots, write_film
from tests.growing import grow
from tests.pipeline.features.test_describe import WordCounts
from tests.reading import measure

SECONDS = 20
SHOWN = ("quadrants", "phash", "norm_diff", "rms", "lrdiff", "picture_present", "sound_present", "picture_times_s")


class LoudnessSteps:
    """Tension is the loudness of the second; counts what it is given."""

    model_id = "loudness steps"
    curves = ("tension",)

    def __init__(self) -> None:
        words = transcript.name_columns(WordCounts())
        self.columns = {"frames": frames.COLUMNS, "audio": audio.COLUMNS, "transcript": words}
        self.reference = {
            name: (np.zeros(len(self.columns[name]), np.float32), np.ones(len(self.columns[name]), np.float32))
            for name in STREAMS
        }
        self.begin()

    def begin(self) -> None:
        self.steps, self.said = 0, 0.0

    def predict(self, inputs: Mapping[str, Floats]) -> Mapping[str, Floats]:
        raise AssertionError("a film that grows is never read at once")

    def step(self, inputs: Mapping[str, Floats]) -> Mapping[str, Floats]:
        self.steps += 1
        self.said += float(inputs["transcript"][self.columns["transcript"].index("speech")])
        loudness = inputs["audio"][:1]
        return {"values": loudness, "half_width": np.float32([0.1]), "shares": np.float32([[0, 1, 0]])}


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    sound = np.concatenate([make_tone(SECONDS // 2, left=0.05, right=0.05), make_tone(SECONDS // 2)])
    return write_film(
        tmp_path_factory.mktemp("whole") / "film.mkv",
        pictures=paint_shots(SECONDS, shot_s=3.5),
        sound=sound,
        sound_codec="flac",
    )


def test_what_is_measured_while_a_film_grows_is_what_is_measured_of_the_whole(film: Path, tmp_path: Path) -> None:
    writer = grow(film, tmp_path / "growing.mkv")
    rows = LiveEvidence()
    for part in read_growing(tmp_path / "growing.mkv", patience_s=2):
        rows.add(part)
    writer.join()
    live, whole = rows.collect(), measure(film)
    for name in SHOWN:
        np.testing.assert_array_equal(getattr(live, name), getattr(whole, name), err_msg=name)


def test_curves_come_in_order_and_without_a_gap_while_the_film_is_still_written(film: Path, tmp_path: Path) -> None:
    model, subtitles = LoudnessSteps(), tmp_path / "growing.srt"
    subtitles.write_text("1\n00:00:02,000 --> 00:00:04,000\nRun!\n")
    [*_, last] = follow_cut(film, model=model, text_model=WordCounts(), options=LiveOptions(patience_s=0))
    assert last.first + len(last.curves.values) == SECONDS  # And whatever takes its time at first has been loaded.
    writer = grow(film, tmp_path / "growing.mkv", pieces=20, pause_s=0.3)
    spans: list[LiveSpan] = []
    told_early = 0
    for span in follow_cut(
        tmp_path / "growing.mkv",
        model=model,
        text_model=WordCounts(),
        transcript=subtitles,
        options=LiveOptions(every_s=4, behind_s=2, patience_s=2),
    ):
        told_early += writer.is_alive()
        spans.append(span)
    assert told_early >= 2
    assert [span.first for span in spans] == np.cumsum([0, *(len(span.curves.values) for span in spans[:-1])]).tolist()
    assert model.steps == sum(len(span.curves.values) for span in spans) == SECONDS
    assert model.said == pytest.approx(2, abs=0.1)
    loudness = np.concatenate([span.curves.curve("tension") for span in spans])
    # Levels are those of what there was by then: the last soft second was told together with the loud ones behind it.
    assert loudness[SECONDS // 2 :].min() > loudness[SECONDS // 2 - 1] + 0.1


def test_nobody_who_waits_is_kept_waiting(film: Path, tmp_path: Path) -> None:
    target = tmp_path / "stopped.mkv"
    target.write_bytes(film.read_bytes()[: film.stat().st_size // 2])
    begun_s = time.monotonic()
    parts = list(read_growing(target, patience_s=600, keep_on=lambda: time.monotonic() - begun_s < 2))
    assert parts
    assert time.monotonic() - begun_s < 20


def test_a_film_that_stands_still_is_waited_for_once(film: Path) -> None:
    begun_s = time.monotonic()
    list(read_growing(film, patience_s=3))
    assert time.monotonic() - begun_s < 6  # FFmpeg asks again behind the end, three or four times.


def test_pictures_that_last_long_are_waited_for(tmp_path: Path) -> None:
    rows = LiveEvidence()
    for second in range(20):
        rows.add(Sound(second=second, samples=np.zeros((48_000, 2), np.float32)))
    assert rows.find_reached(30) == 20
    pixels = np.zeros((1, 72, 128, 3), np.uint8)
    rows.add(Pictures(pixels=pixels, starts=np.array([0]), stops=np.array([50]), times_s=np.array([0.0])))
    assert rows.find_reached(30) == 2
    assert rows.find_reached(10) == 10


def test_a_film_whose_index_comes_last_cannot_be_followed(film: Path, tmp_path: Path) -> None:
    whole = write_film(tmp_path / "whole.mp4", pictures=paint_shots(4), sound=make_tone(4))
    target = tmp_path / "growing.mp4"
    target.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    with pytest.raises(MediaError) as refusal:
        list(read_growing(target, patience_s=0.2))
    assert "fragmented" in (refusal.value.hint or "")
    whole = write_film(tmp_path / "indexed last.mp4", pictures=paint_shots(4), sound=make_tone(4))
    assert whole.read_bytes().index(b"mdat") < whole.read_bytes().index(b"moov")
    with pytest.raises(MediaError) as refusal:
        list(read_growing(whole, patience_s=0.2))
    assert "fragmented" in (refusal.value.hint or "")
