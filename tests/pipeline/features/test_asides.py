"""Tests of asides on films made with and without them, each encoded, read and measured as any film is."""

from fractions import Fraction

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from pipeline.features.asides import find_asides
from pipeline.features.shots import find_boundaries
from pipeline.gather import gather_evidence
from pipeline.streams.probe import probe_cut
from pipeline.streams.read import open_streams
from tests.films import paint_shots, write_film

WIDTH, HEIGHT, RATE = 320, 180, 10
NAMES = ("ANNA MOREAU", "JONAS BERG", "PRIYA NAIR", "TOMAS ALVAREZ", "MEI TANAKA", "OLA NORDMANN", "IDA KOVACS")


def hold(picture, seconds):
    return np.repeat(np.asarray(picture, np.uint8)[None], round(seconds * RATE), axis=0)


def even(level, seconds):
    return hold(np.full((HEIGHT, WIDTH, 3), level), seconds)


def draw(lines, *, ground=0, ink=235, size=14, top=20, step=20):
    picture = Image.new("RGB", (WIDTH, HEIGHT), (ground,) * 3)
    pen = ImageDraw.Draw(picture)
    for index, line in enumerate(lines):
        pen.text((WIDTH // 2, top + step * index), line, (ink,) * 3, ImageFont.load_default(size), anchor="mt")
    return np.asarray(picture)


def make_bars(seconds):
    colours = [(191, 191, 191), (191, 191, 0), (0, 191, 191), (0, 191, 0), (191, 0, 191), (191, 0, 0), (0, 0, 191)]
    picture = np.array(colours, np.uint8)[np.arange(WIDTH) * len(colours) // WIDTH][None].repeat(HEIGHT, axis=0)
    picture[150:] = (16, 16, 16)
    return hold(picture, seconds)


def make_slate(seconds):
    return hold(
        draw(["PRODUCTION  NIGHT TRAIN", "REEL 1   VERSION 3", "DATE 2026-05-04", "AUDIO STEREO 48 KHZ"]), seconds
    )


def make_leader(seconds):
    counts = [draw([str(seconds - i)], ground=110, ink=20, size=90, top=40) for i in range(seconds)]
    return np.concatenate([hold(count, 1) for count in counts])


def make_story(seconds, *, shot_s=4.0):
    return paint_shots(seconds, rate=Fraction(RATE), shot_s=shot_s, size=(WIDTH, HEIGHT))


def make_night(seconds):
    """A lamp wanders through the dark; the rest is noise just above black."""
    random = np.random.default_rng(3)
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    pictures = []
    for i in range(round(seconds * RATE)):
        lamp = 120 * np.exp(-((x - 40 - 3 * i) ** 2 + (y - 90) ** 2) / 900)
        noise = random.normal(0, 3, (HEIGHT, WIDTH))
        pictures.append(np.clip(14 + 10 * x / WIDTH + lamp + noise, 0, 255)[..., None].repeat(3, axis=2))
    return np.array(pictures).astype(np.uint8)


def make_scroll(seconds):
    long = Image.new("RGB", (WIDTH, HEIGHT * 4))
    pen = ImageDraw.Draw(long)
    for row in range(HEIGHT * 4 // 16):
        pen.text((WIDTH // 2, 16 * row), f"{NAMES[row % 7]}    {NAMES[(row + 3) % 7]}", (230,) * 3, anchor="mt")
    tops = np.linspace(0, 3 * HEIGHT, round(seconds * RATE)).astype(int)
    return np.stack([np.asarray(long)[top : top + HEIGHT] for top in tops])


def make_cards(seconds, *, ground=0, ink=235):
    cards = [draw([NAMES[i], NAMES[i + 1], NAMES[i + 2]], ground=ground, ink=ink, top=50, step=30) for i in range(4)]
    return np.concatenate([hold(card, seconds / 4) for card in cards])


def find(tmp_path, *stretches):
    film = write_film(tmp_path / "film.mp4", pictures=np.concatenate(stretches), rate=Fraction(RATE))
    evidence = gather_evidence(open_streams(probe_cut(film)))
    rows = find_boundaries(evidence.norm_diff, evidence.picture_present)
    return [(aside.kind, aside.start_s, aside.end_s) for aside in find_asides(evidence, evidence.picture_times_s[rows])]


def test_bars_slate_leader_and_black_stand_before_a_film_and_credits_behind_it(tmp_path):
    head = [make_bars(3), even(16, 1), make_slate(4), make_leader(4), even(0, 1)]
    found = find(tmp_path, *head, make_story(32), make_scroll(8), even(0, 2))
    assert [kind for kind, _, _ in found] == ["bars", "black", "slate", "black", "credits", "black"]
    edges = [edge for _, start_s, end_s in found for edge in (start_s, end_s)]
    assert edges == pytest.approx([0, 3, 3, 4, 4, 12, 12, 13, 45, 53, 53, 55], abs=1.01)


@pytest.mark.parametrize("credits", [make_scroll, make_cards, lambda s: make_cards(s, ground=225, ink=10)])
def test_credits_scroll_or_stand_in_light_or_dark(tmp_path, credits):
    ((kind, start_s, end_s),) = find(tmp_path, make_story(40), credits(8))
    assert kind == "credits"
    assert (start_s, end_s) == pytest.approx((40, 48), abs=1.01)


def test_a_logo_on_even_ground_stands_before_a_film(tmp_path):
    logo = np.full((HEIGHT, WIDTH, 3), 250, np.uint8)
    logo[60:120, 130:190] = (30, 120, 220)
    ((kind, start_s, end_s),) = find(tmp_path, hold(logo, 4), make_story(40))
    assert (kind, start_s) == ("logo", 0)
    assert end_s == pytest.approx(4, abs=0.51)


def test_a_title_card_behind_the_opening_is_a_title(tmp_path):
    title = hold(draw(["A FILM BY", "PRIYA NAIR"], top=60, step=30), 3)
    ((kind, start_s, end_s),) = find(tmp_path, make_story(8), title, make_story(48))
    assert kind == "logo"
    assert (start_s, end_s) == pytest.approx((8, 11), abs=1.01)


@pytest.mark.parametrize("place", ["first", "middle", "last"])
def test_a_night_scene_is_no_aside_wherever_it_stands(tmp_path, place):
    night, story = make_night(8), make_story(24)
    parts = {"first": [night, story], "middle": [story[:120], night, story[120:]], "last": [story, night]}
    assert find(tmp_path, *parts[place]) == []


def test_a_film_without_any_has_none(tmp_path):
    assert find(tmp_path, make_story(40)) == []


def test_black_between_scenes_belongs_to_the_film(tmp_path):
    assert find(tmp_path, make_story(20), even(0, 2), make_story(20)) == []


def test_subtitles_burnt_into_the_picture_are_no_titles(tmp_path):
    story = make_story(40).copy()
    line = draw(["I NEVER SAID THAT I WOULD GO"], size=14, top=158)
    story[:, 152:] = np.where(line[152:] > 128, line[152:], story[:, 152:] // 3)
    assert find(tmp_path, story) == []
