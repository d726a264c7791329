"""How a film is put before encoders: with encoders that count, and with teachers that name what they see and hear."""

import io
import subprocess
from collections.abc import Sequence
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
from PIL import Image

from pipeline.features.hub import HEARD_HZ, SOUND_S, encode_seconds, prepare_picture, prepare_sound
from pipeline.footage import Sound
from pipeline.streams.probe import probe_cut
from pipeline.streams.read import open_streams, read_sound
from pipeline.types import SOUND_HZ, Line


class Counters:
    """The mean colour of a picture, the loudest sample of 0.96 s, and the length of a line."""

    names = {"frames": "colour", "audio": "peak", "transcript": "length"}  # noqa: RUF012

    def encode_pictures(self, pictures: np.ndarray) -> np.ndarray:
        assert pictures.shape[1:] == (224, 224, 3)
        return pictures.mean(axis=(1, 2))

    def encode_sound(self, samples: np.ndarray) -> np.ndarray:
        hop = HEARD_HZ * 48 // 100
        return np.array([[np.abs(samples[i : i + 2 * hop]).max()] for i in range(0, len(samples) - 2 * hop + 1, hop)])

    def encode_lines(self, lines: Sequence[str]) -> np.ndarray:
        return np.array([[len(line), 1.0] for line in lines], np.float32)


def make_jpeg(colour: tuple[int, int, int]) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (640, 272), colour).save(buffer, "JPEG")
    return buffer.getvalue()


def make_sound(second: int, *, click_s: float | None = None, length_s: float = 1.0) -> Sound:
    samples = np.zeros((round(length_s * SOUND_HZ), 2), np.float32)
    if click_s is not None:
        samples[round(click_s * SOUND_HZ)] = 1
    return Sound(second=second, samples=samples)


def test_pictures_lines_and_sounds_come_to_lie_in_their_seconds():
    stills = [(0, make_jpeg((255, 0, 0))), (2, make_jpeg((0, 0, 255)))]
    sounds = [make_sound(t, click_s=0.5 if t == 1 else None) for t in range(3)]
    lines = [Line(start_s=1.5, end_s=3.0, text="abcd")]
    shares: list[float] = []
    made = encode_seconds(stills, sounds, lines, seconds=4, encoders=Counters(), report=shares.append)
    assert made.present.T.astype(int).tolist() == [[1, 0, 1, 0], [1, 1, 1, 0], [0, 1, 1, 0]]
    np.testing.assert_allclose(made.frames[[0, 2]].astype(float), [[1, 0, 0], [0, 0, 1]], atol=0.02)
    assert made.audio[:, 0].argmax() == 1
    np.testing.assert_allclose(made.transcript[:, 0], [0, 2, 4, 0])
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert made.encoders == Counters.names


@pytest.mark.parametrize("click", [0, 1, SOUND_S - 1, SOUND_S, SOUND_S + 1, 2 * SOUND_S + 4])
def test_a_click_is_heard_in_its_second_on_both_sides_of_a_seam(click):
    seconds = 2 * SOUND_S + 5
    sounds = (make_sound(t, click_s=0.5 if t == click else None) for t in range(seconds))
    made = encode_seconds((), sounds, (), seconds=seconds, encoders=Counters())
    assert made.audio[:, 0].argmax() == click
    near = np.flatnonzero(made.audio[:, 0] > 0.02)
    assert set(near) <= {click - 1, click, click + 1}


def test_a_film_without_anything_has_no_vectors_and_one_that_begins_late_has_some():
    made = encode_seconds((), (), (), seconds=3, encoders=Counters())
    assert not made.present.any()
    assert made.frames.shape == (3, 0)
    late = encode_seconds((), [make_sound(70, click_s=0.2, length_s=0.3)], (), seconds=72, encoders=Counters())
    assert np.flatnonzero(late.present[:, 1]).tolist() == [70]


def test_both_channels_are_heard_at_a_third_of_the_rate_and_nothing_above_it():
    t = np.arange(SOUND_HZ) / SOUND_HZ
    low, high = np.sin(2 * np.pi * 1000 * t), np.sin(2 * np.pi * 12_000 * t)
    heard = prepare_sound(np.stack([low, high], axis=1).astype(np.float32))
    assert len(heard) == HEARD_HZ
    assert np.sqrt((heard[1000:-1000] ** 2).mean()) == pytest.approx(0.5 / np.sqrt(2), rel=0.02)


@pytest.mark.data
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_the_teacher_hears_the_dog_and_only_there(data_dir: Path):
    from tests.teachers import Teachers

    teachers = Teachers(data_dir / "teachers")
    dog, heard = teachers.sounds.index("Dog"), {}
    for kind in ("dog_bark", "rain", "baby_cry"):
        for path in sorted((data_dir / "audio" / "esc10" / kind).glob("*.ogg"))[:5]:
            cut = probe_cut(path)
            made = encode_seconds((), read_sound(open_streams(cut)), (), seconds=cut.seconds, encoders=teachers)
            heard.setdefault(kind, []).append(float(made.audio[:, dog].max()))
    assert np.median(heard["dog_bark"]) > 0.5
    assert min(heard["dog_bark"]) > 4 * max(heard["rain"] + heard["baby_cry"])


@pytest.mark.data
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_the_teacher_sees_the_bird(data_dir: Path):
    from tests.teachers import Teachers

    teachers = Teachers(data_dir / "teachers")
    film = data_dir / "films" / "bbb_640x360.mp4"
    words = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-ss", "60", "-i", str(film), "-frames:v", "1", "-f"]
    jpeg = subprocess.run([*words, "image2pipe", "-c:v", "mjpeg", "-"], capture_output=True, check=True).stdout
    scores = teachers.encode_pictures(prepare_picture(jpeg)[None])[0]
    seen = [teachers.pictures[i] for i in scores.argsort()[::-1][:3]]
    birds = ("cockatoo", "albatross", "ptarmigan", "penguin", "goose", "gull", "dove")
    assert sum(any(bird in name for bird in birds) for name in seen) >= 2
