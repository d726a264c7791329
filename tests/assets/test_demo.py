"""The demo films are what their truth says, and what their generator would draw again."""

import json
import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import av
import numpy as np
import numpy.typing as npt
import pysubs2
import pytest
from demo_mix import mix_sound
from demo_sound import SOUND_HZ
from demo_story import FIRST_CUT, FRAME_RATE, SECOND_CUT, Film, draw_frame, list_lines, list_sounds
from demo_truth import describe_edits, describe_film

ASSETS = Path(__file__).resolve().parents[2] / "assets"
NAMES = ("demo", "demo_alternate")
FILMS = {"demo": FIRST_CUT, "demo_alternate": SECOND_CUT}
REDRAWN = {"demo": (0, 250, 700, 1000, 1500, 2100), "demo_alternate": (400, 1250, 1560)}


@dataclass(frozen=True)
class Decoded:
    """A film's grey frames at a quarter of its size, a few whole frames, and its sound (N, 2)."""

    grey: npt.NDArray[np.int16]
    whole: dict[int, npt.NDArray[np.uint8]]
    sound: npt.NDArray[np.float32]


def load_truth(name: str) -> dict[str, Any]:
    truth: dict[str, Any] = json.loads((ASSETS / f"{name}.json").read_text(encoding="utf-8"))
    return truth


@lru_cache
def decode(name: str) -> Decoded:
    grey, whole, sound = [], {}, []
    with av.open(str(ASSETS / f"{name}.mp4")) as container:
        container.streams.video[0].thread_type = "AUTO"
        for frame in container.decode(video=0, audio=0):
            if isinstance(frame, av.VideoFrame):
                if len(grey) in REDRAWN[name]:
                    whole[len(grey)] = frame.to_ndarray(format="rgb24")
                grey.append(frame.to_ndarray(format="gray")[::4, ::4].astype(np.int16))
            else:
                sound.append(frame.to_ndarray())
    return Decoded(np.stack(grey), whole, np.concatenate(sound, axis=1).T)


def measure_changes(name: str) -> npt.NDArray[np.float64]:
    """How much every frame differs from the one before it: (N,) mean absolute grey levels; the first is 0."""
    grey = decode(name).grey
    return np.concatenate([[0.0], np.abs(np.diff(grey, axis=0)).mean(axis=(1, 2))])


def measure_loudness(name: str) -> npt.NDArray[np.float64]:
    """The level of every second, root mean square."""
    sound = decode(name).sound
    seconds = len(load_truth(name)["tension"])
    parts = [sound[t * SOUND_HZ : (t + 1) * SOUND_HZ] for t in range(seconds)]
    return np.array([np.sqrt((part.astype(np.float64) ** 2).mean()) for part in parts])


def spans_without_transitions(truth: dict[str, Any]) -> list[tuple[int, int]]:
    """The frames (from, to) of every shot whose change from the frame before is motion alone."""
    edges = [
        round(shot[key] * FRAME_RATE) for shot in truth["shots"] for key in ("transition_start_s", "transition_end_s")
    ]
    edges = [*edges[1:], truth["frames"]]
    return [(start + 1, end) for start, end in zip(edges[::2], edges[1::2], strict=True)]


def test_the_two_films_are_all_there_and_small() -> None:
    for name in NAMES:
        assert all((ASSETS / f"{name}.{suffix}").stat().st_size > 0 for suffix in ("mp4", "srt", "json"))
    assert sum((ASSETS / f"{name}.mp4").stat().st_size for name in NAMES) < 6_000_000


@pytest.mark.parametrize("name", NAMES)
def test_a_film_has_the_size_rate_length_and_title_of_its_truth(name: str) -> None:
    truth = load_truth(name)
    with av.open(str(ASSETS / f"{name}.mp4")) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        assert (video.codec_context.name, audio.codec_context.name) == ("h264", "aac")
        assert (video.width, video.height, str(video.average_rate)) == (640, 360, "24")
        assert (audio.rate, audio.channels) == (48_000, 2)
        assert container.metadata["title"] == truth["title"]
        assert float(container.duration or 0) / av.time_base == pytest.approx(truth["duration_s"], abs=0.05)
    assert len(decode(name).grey) == truth["frames"]
    assert len(truth["tension"]) == math.ceil(truth["duration_s"])


def test_the_first_cut_is_ninety_seconds_in_at_least_eighteen_shots_with_one_fade_and_one_dissolve() -> None:
    truth = load_truth("demo")
    begins = [shot["begins"] for shot in truth["shots"]]
    assert truth["duration_s"] == 90
    assert len(begins) >= 18
    assert (begins.count("fade"), begins.count("dissolve"), begins.count("film")) == (1, 1, 1)


@pytest.mark.parametrize("name", NAMES)
def test_shots_follow_each_other_without_a_gap(name: str) -> None:
    truth = load_truth(name)
    starts = [shot["start_frame"] for shot in truth["shots"]]
    ends = [shot["end_frame"] for shot in truth["shots"]]
    assert starts == [0, *ends[:-1]]
    assert ends[-1] == truth["frames"]
    for shot in truth["shots"]:
        assert shot["start_s"] == pytest.approx(shot["start_frame"] / 24, abs=1e-6)
        assert shot["end_s"] == pytest.approx(shot["end_frame"] / 24, abs=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_the_picture_jumps_at_every_hard_cut_and_nowhere_else(name: str) -> None:
    truth, changes = load_truth(name), measure_changes(name)
    cuts = [shot["start_frame"] for shot in truth["shots"] if shot["begins"] == "hard"]
    inside = max(changes[start:end].max() for start, end in spans_without_transitions(truth))
    assert changes[cuts].min() > 1.5 * inside


@pytest.mark.parametrize("name", NAMES)
def test_the_fade_is_black_where_it_is_said_to_be(name: str) -> None:
    truth, grey = load_truth(name), decode(name).grey
    fade = next(shot for shot in truth["shots"] if shot["begins"] == "fade")
    level = grey.mean(axis=(1, 2))
    start, end = (round(fade[key] * FRAME_RATE) for key in ("transition_start_s", "transition_end_s"))
    black = fade["start_frame"]
    assert level[black - 1 : black + 1].max() < 8
    assert (np.diff(level[start:black]) < 1).all()
    assert (np.diff(level[black:end]) > -1).all()
    assert min(level[start - 1], level[end]) > 3 * level[black]


@pytest.mark.parametrize("name", NAMES)
def test_the_dissolve_mixes_the_pictures_before_and_after_it(name: str) -> None:
    truth, grey = load_truth(name), decode(name).grey.astype(np.float64)
    dissolve = next(shot for shot in truth["shots"] if shot["begins"] == "dissolve")
    start, end = (round(dissolve[key] * FRAME_RATE) for key in ("transition_start_s", "transition_end_s"))
    before, after = grey[start - 1], grey[end]
    shares = [
        np.vdot(grey[i] - before, after - before) / np.vdot(after - before, after - before) for i in range(start, end)
    ]
    assert np.allclose(shares, (np.arange(end - start) + 0.5) / (end - start), atol=0.12)


@pytest.mark.parametrize("name", NAMES)
def test_the_sound_grows_with_the_tension_and_nearly_stops_where_they_hide(name: str) -> None:
    truth, loudness = load_truth(name), measure_loudness(name)
    assert np.corrcoef(loudness, truth["tension"])[0, 1] > 0.5
    if name == "demo":
        hiding = [shot for shot in truth["shots"] if shot["name"] in ("room_dark", "hiding_close")]
        for shot in hiding:
            quiet = loudness[math.ceil(shot["start_s"]) : math.floor(shot["end_s"])]
            assert quiet.mean() < 0.3 * np.median(loudness)


@pytest.mark.parametrize("name", NAMES)
def test_the_sound_neither_clips_nor_leans(name: str) -> None:
    sound = decode(name).sound
    assert 20 * np.log10(np.abs(sound).max()) < -1
    assert np.abs(sound.mean(axis=0)).max() < 1e-3


@pytest.mark.parametrize("name", NAMES)
def test_the_subtitles_can_be_read_and_lie_inside_their_film(name: str) -> None:
    lines = pysubs2.load(str(ASSETS / f"{name}.srt"))
    assert len(lines) >= 15
    assert [(line.start / 1000, line.end / 1000, line.plaintext) for line in lines] == list_lines(FILMS[name])
    assert all(0 <= line.start < line.end <= load_truth(name)["duration_s"] * 1000 for line in lines)
    assert all(first.end <= second.start for first, second in pairwise(lines))


def test_the_subtitles_speak_of_every_emotion() -> None:
    text = (ASSETS / "demo.srt").read_text(encoding="utf-8").lower()
    assert all(word in text for word in ("joy", "love", "afraid", "hate", "sorry", "happy", "frightened", "cry"))


@pytest.mark.parametrize("name", NAMES)
def test_the_truth_is_what_the_generator_would_write(name: str) -> None:
    truth = load_truth(name)
    assert {key: value for key, value in truth.items() if not key.startswith("edits")} == describe_film(FILMS[name])


def test_the_edit_list_says_how_the_cuts_differ() -> None:
    first, second = load_truth("demo"), load_truth("demo_alternate")
    edits = second["edits"]
    assert edits == describe_edits(FIRST_CUT, SECOND_CUT)
    assert sorted(edit["kind"] for edit in edits) == ["moved", "removed", "removed", "retimed", "sound"]
    a, b = ({shot["name"]: shot for shot in truth["shots"]} for truth in (first, second))
    removed = {name for edit in edits if edit["kind"] == "removed" for name in edit["shots"]}
    assert set(a) - set(b) == removed
    assert set(b) < set(a)
    for edit in edits:
        head, tail = edit["shots"][0], edit["shots"][-1]
        assert (edit["a_start_s"], edit["a_end_s"]) == (a[head]["start_s"], a[tail]["end_s"])
        if edit["kind"] != "removed":
            assert (edit["b_start_s"], edit["b_end_s"]) == (b[head]["start_s"], b[tail]["end_s"])
    changed = {name for edit in edits if edit["kind"] == "retimed" for name in edit["shots"]}
    for name in set(b) - changed:
        assert b[name]["end_frame"] - b[name]["start_frame"] == a[name]["end_frame"] - a[name]["start_frame"]


def test_kept_shots_show_the_same_pictures_in_both_films() -> None:
    first, second = load_truth("demo"), load_truth("demo_alternate")
    retimed = {name for edit in second["edits"] if edit["kind"] == "retimed" for name in edit["shots"]}
    b = {shot["name"]: shot for shot in second["shots"]}
    for shot in first["shots"]:
        if shot["name"] in b and shot["name"] not in retimed:
            middle = (shot["end_frame"] - shot["start_frame"]) // 2
            old = decode("demo").grey[shot["start_frame"] + middle]
            new = decode("demo_alternate").grey[b[shot["name"]]["start_frame"] + middle]
            assert np.abs(old - new).mean() < 2


@pytest.mark.parametrize("name", NAMES)
def test_frames_drawn_again_are_those_of_the_film(name: str) -> None:
    film: Film = FILMS[name]
    for index, frame in decode(name).whole.items():
        error = (draw_frame(film, index).astype(np.float64) - frame) ** 2
        assert 10 * np.log10(255**2 / error.mean()) > 35, f"frame {index}"


def test_sound_played_again_is_that_of_the_film() -> None:
    placed = [(cue, start, length) for cue, start, length in list_sounds(FIRST_CUT) if start < 4]
    again = mix_sound(placed, 4.5)[SOUND_HZ : 4 * SOUND_HZ].mean(axis=1)
    film = decode("demo").sound[: 5 * SOUND_HZ].mean(axis=1)
    best = max(np.corrcoef(again, film[SOUND_HZ + lag :][: len(again)])[0, 1] for lag in range(-2200, 2201, 1 << 3))
    assert best > 0.9


def test_the_logo_is_a_picture_that_needs_no_font() -> None:
    root = ElementTree.parse(ASSETS / "logo.svg").getroot()  # noqa: S314
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert root.get("viewBox")
    assert "title" in tags
    assert "text" not in tags
