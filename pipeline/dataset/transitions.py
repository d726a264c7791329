"""Films with known boundaries, composed from pieces of real shots: cuts, fades, dissolves, and flashes that are none of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from pipeline.types import Bytes

Random = np.random.Generator


@dataclass(frozen=True, kw_only=True)
class Transition:
    """How one shot of a made film gives way to the next, or a flash within one.

    Attributes:
        kind: one of `BOUNDARIES`, or `flash`.
        row: the first picture of the new shot; of a gradual one its middle, unless it ends or begins with a cut; of a
            flash its first picture.
        start: the first picture that is changed, or the first of the new shot.
        stop: the picture behind the last that is changed; of a cut, `start`.
    """

    kind: str
    row: int
    start: int
    stop: int


@dataclass(frozen=True, kw_only=True)
class MadeFilm:
    """A film composed from pieces.

    Attributes:
        pixels: (N, H, W, 3) uint8 RGB, 25 a second.
        transitions: in order of `row`.
    """

    pixels: Bytes
    transitions: tuple[Transition, ...]


@dataclass(frozen=True, kw_only=True)
class MixOptions:
    """What a made film is mixed from.

    Attributes:
        kinds: the chance of each kind of boundary, and of a jump within one shot, which is a cut.
        flash: the chance that a shot holds flashes.
        shot_rows: shortest and longest shot; lengths between are equally likely by their logarithm.
        dissolve_rows: likewise of a dissolve.
        fade_rows: likewise of each half of a fade.
        hold_rows: the longest time in black (or white) within a fade.
        disturbance: the chance that a shot is shaken, panned over, zoomed into, or changes its light, none of which is a
            boundary.
        rates: how pictures come to the grid of 25 a second: those of 24 are repeated now and then, of 30 left out, and
            `twos` stand for two rows each.
    """

    kinds: tuple[tuple[str, float], ...] = (("cut", 0.35), ("jump", 0.1), ("dissolve", 0.35), ("fade", 0.2))
    flash: float = 0.35
    shot_rows: tuple[int, int] = (18, 130)
    dissolve_rows: tuple[int, int] = (5, 50)
    fade_rows: tuple[int, int] = (4, 40)
    hold_rows: int = 25
    disturbance: float = 0.35
    rates: tuple[str, ...] = ("25", "24", "30", "twos")


PIECE_ROWS = 24
"""The shortest piece that a shot is made from."""

_LONGEST_SHARE = 0.3
"""Of a shot, that a dissolve or a fade takes."""


def compose_film(pieces: Sequence[Bytes], random: Random, *, shots: int, options: MixOptions | None = None) -> MadeFilm:
    """Compose a film.

    Args:
        pieces: stretches of single shots, each (n, H, W, 3) uint8 of one size, n at least `PIECE_ROWS`.
        random: of every choice.
        shots: how many.
        options: the mix.

    Returns:
        The film; `shots - 1` boundaries, and flashes.
    """
    options = options or MixOptions()
    names, chances = zip(*options.kinds, strict=True)
    kinds = random.choice(names, size=shots, p=np.array(chances) / sum(chances))
    piece = pieces[int(random.integers(len(pieces)))]
    pixels = [_make_shot(piece, random, options, zoom=1.0)]
    transitions: list[Transition] = []
    length = len(pixels[0])
    for kind in kinds[1:]:
        if kind != "jump":
            piece = pieces[int(random.integers(len(pieces)))]
        shot = _make_shot(piece, random, options, zoom=random.uniform(1.4, 2.0) if kind == "jump" else 1.0)
        bridge, before, behind, row = _join_shots(str(kind), pixels[-1], shot, random, options)
        start = length - before
        named = "cut" if kind == "jump" else str(kind)
        transitions.append(Transition(kind=named, row=start + row, start=start, stop=start + len(bridge)))
        pixels[-1] = pixels[-1][: len(pixels[-1]) - before]
        pixels += [bridge, shot[behind:]]
        length = start + len(bridge) + len(shot) - behind
    film = np.concatenate(pixels)
    flashes = _add_flashes(film, transitions, random, options)
    transitions = sorted([*transitions, *flashes], key=lambda each: each.row)
    return _put_on_grid(film, transitions, str(random.choice(options.rates)))


def _make_shot(piece: Bytes, random: Random, options: MixOptions, *, zoom: float) -> Bytes:
    """Make a shot from a stretch of a piece: framed, mirrored and graded anew, perhaps shaken, panned or relit."""
    rows = min(len(piece), _draw_rows(options.shot_rows, random))
    first = random.integers(len(piece) - rows + 1)
    shot = piece[first : first + rows]
    if random.random() < 0.5:
        shot = shot[:, :, ::-1]
    moves = random.choice(["zoom", "pan", "shake", "light"]) if random.random() < options.disturbance else "none"
    if zoom > 1 or moves in ("zoom", "pan", "shake") or random.random() < 0.3:
        shot = _reframe(shot, random, zoom=max(zoom, random.uniform(1.1, 1.6)), moves=str(moves))
    gain, gamma = random.uniform(0.6, 1.3), random.uniform(0.8, 1.3)
    table = np.clip(255 * gain * (np.arange(256) / 255) ** gamma, 0, 255).astype(np.uint8)
    graded: Bytes = table[shot]
    if moves == "light":
        at = random.integers(1, rows)
        graded[at:] = np.clip(graded[at:] * random.choice([0.4, 0.6, 1.6, 2.2]), 0, 255).astype(np.uint8)
    return graded


def _reframe(shot: Bytes, random: Random, *, zoom: float, moves: str) -> Bytes:
    """Show a part of the picture, which may wander, grow or shake as the shot goes on."""
    rows, height, width = shot.shape[:3]
    spare = 1 - 1 / zoom
    place = np.repeat(random.uniform(0, spare, (1, 2)), rows, axis=0)
    sizes = np.full(rows, 1 / zoom)
    if moves == "pan":
        # From slow to a whip: from one side to another within the shot or within six rows.
        begin, took = random.uniform(0, rows * 0.7), random.uniform(6, rows)
        share = np.clip((np.arange(rows) - begin) / took, 0, 1)[:, None]
        place = place * (1 - share) + random.uniform(0, spare, (1, 2)) * share
    elif moves == "shake":
        place = np.clip(place + random.normal(0, 0.02, (rows, 2)), 0, spare)
    elif moves == "zoom":
        sizes = np.linspace(1 / zoom, min(1.0, random.uniform(0.8, 1.2) / zoom), rows)
        place = np.minimum(place, 1 - sizes[:, None])
    framed = np.empty_like(shot)
    for i, picture in enumerate(shot):
        left, top = place[i] * (width, height)
        box = (left, top, left + sizes[i] * width, top + sizes[i] * height)
        framed[i] = np.asarray(Image.fromarray(picture).resize((width, height), Image.Resampling.BILINEAR, box=box))
    return framed


def _join_shots(
    kind: str, before: Bytes, behind: Bytes, random: Random, options: MixOptions
) -> tuple[Bytes, int, int, int]:
    """Make what stands between two shots.

    Returns:
        The pictures; how many at the end of the one shot, and at the beginning of the other, they take the place of; and
        which of them, counted from the first, is the boundary.
    """
    spare = round(_LONGEST_SHARE * min(len(before), len(behind)))
    if kind in ("cut", "jump"):
        return before[:0], 0, 0, 0
    if kind == "dissolve":
        rows = min(spare, _draw_rows(options.dissolve_rows, random))
        share = (np.arange(rows, dtype=np.float32) + 1)[:, None, None, None] / (rows + 1)
        mixed = np.rint(before[len(before) - rows :] * (1 - share) + behind[:rows] * share)
        return mixed.astype(np.uint8), rows, rows, rows // 2
    out, into = (min(spare, _draw_rows(options.fade_rows, random)) for _ in range(2))
    hold = int(random.integers(options.hold_rows + 1))
    one_sided = random.choice(["no", "no", "no", "out", "into"])
    if one_sided == "out":
        into, hold = 0, max(hold, 3)
    elif one_sided == "into":
        out, hold = 0, max(hold, 3)
    level = 255.0 if random.random() < 0.12 else 0.0
    shares = np.concatenate([np.arange(out, 0, -1) / (out + 1), np.zeros(hold), np.arange(1, into + 1) / (into + 1)])
    pictures = np.concatenate(
        [before[len(before) - out :], np.zeros((hold, *before.shape[1:]), np.uint8), behind[:into]]
    )
    light = shares.astype(np.float32)[:, None, None, None]
    row = {"no": (out + hold + into) // 2, "out": out + hold, "into": 0}[str(one_sided)]
    return np.rint(pictures * light + level * (1 - light)).astype(np.uint8), out, into, row


def _add_flashes(
    film: Bytes, transitions: Sequence[Transition], random: Random, options: MixOptions
) -> list[Transition]:
    """Let cameras flash within shots, in place: one to four flashes, all over the picture or from one spot."""
    flashes = []
    edges = [0, *(edge for each in transitions for edge in (each.start, each.stop)), len(film)]
    for start, stop in zip(edges[::2], edges[1::2], strict=True):
        free = np.arange(start + 6, stop - 12)
        if len(free) < 6 or random.random() >= options.flash:
            continue
        row = int(random.choice(free))
        for _ in range(random.integers(1, 5)):
            rows = min(int(random.integers(1, 7)), stop - 6 - row)
            if rows < 1:
                break
            film[row : row + rows] = _flash_pictures(film[row : row + rows], random)
            flashes.append(Transition(kind="flash", row=row, start=row, stop=row + rows))
            row += rows + int(random.integers(2, 20))
    return flashes


def _flash_pictures(pictures: Bytes, random: Random) -> Bytes:
    """Let one flash fall on a few pictures: at once, then fading."""
    rows, height, width = pictures.shape[:3]
    fading = random.uniform(0.5, 1.0)
    strength = random.uniform(0.4, 1.0) * np.power(fading, np.arange(rows))
    spot = np.ones((height, width))
    if random.random() < 0.5:
        y, x = np.mgrid[:height, :width] / np.array([height, width])[:, None, None]
        distance = np.hypot(y - random.random(), x - random.random())
        spot = np.exp(-((distance / random.uniform(0.3, 1.0)) ** 2))
    share = strength[:, None, None, None] * spot[None, :, :, None]
    # It whitens the picture, or burns it out.
    burns = random.random() < 0.5
    lit = pictures * (1 + 4 * share) if burns else pictures * (1 - share) + 255 * share
    flashed: Bytes = np.clip(lit, 0, 255).astype(np.uint8)
    return flashed


def _put_on_grid(film: Bytes, transitions: Sequence[Transition], rate: str) -> MadeFilm:
    """Show the film as one of another rate is shown 25 times a second."""
    match rate:
        case "24":
            shown = np.arange(len(film) * 25 // 24) * 24 // 25
        case "30":
            shown = np.arange(len(film) * 25 // 30) * 30 // 25
        case "twos":
            shown = np.arange(len(film)) // 2 * 2
        case _:
            shown = np.arange(len(film))
    moved = []
    for each in transitions:
        row, start, stop = (int(np.searchsorted(shown, edge)) for edge in (each.row, each.start, each.stop))
        if stop > start or each.kind == "cut":  # A flash may fall between two pictures of the grid.
            moved.append(Transition(kind=each.kind, row=row, start=start, stop=stop))
    return MadeFilm(pixels=film[shown], transitions=tuple(moved))


def _draw_rows(span: tuple[int, int], random: Random) -> int:
    """Draw a number of rows; lengths are equally likely by their logarithm."""
    low, high = np.log(span)
    return round(float(np.exp(random.uniform(low, high))))
