"""Pairs of cuts of which the edits between them are known: excerpts of real films, edited by lists that are drawn by lot."""

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import imageio_ffmpeg
import numpy as np
from PIL import Image

from pipeline.comparison import Change

FILMS = (("bbb_640x360.mp4", Fraction(24), 570), ("bbb_sunflower_640x360_30fps.mp4", Fraction(30), 600))
"""File, frame rate, and how many of its seconds are used."""

PAIRS_OF_EXCERPT = 5
WIDTH, HEIGHT = 320, 180
LENGTHS_S = (60, 110)
DONOR_S = 40
EDITS = ("removed", "added", "moved", "retimed", "picture", "sound")
SPANS_S = (1.0, 8.0)
RETIMED_FROM_S = 3.0
FASTER, SLOWER = (1.05, 1.25), (0.8, 0.95)
APART_S = 3.0
FAR_S = 100

LOOKS: dict[str, str] = {
    "as it is": "",
    "half the bit rate": "",
    "regraded": "eq=contrast=1.15:brightness=0.04:saturation=1.3:gamma=1.15",
    "darker": "eq=contrast=0.9:brightness=-0.05:saturation=0.6:gamma=0.9",
    "smaller": "scale=256:144",
    "larger": "scale=640:360",
    "25 fps": "fps=25",
    "30 fps": "fps=30",
    "watermark": "drawbox=x=iw-75:y=ih-30:w=65:h=20:color=white@0.5:t=fill,drawbox=x=10:y=10:w=30:h=12:color=gray@0.6:t=fill",
    "letterbox": "pad=iw:ih+60:0:30",
    "reframed": "crop=iw*0.95:ih*0.95,scale=320:180",
    "PAL": "setpts=PTS*24/25,fps=25",
}
"""What may be done to the whole of the second cut, none of which is a change."""


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A stretch of the second cut, in frames.

    Attributes:
        start: the first frame that it shows: of the first cut, or of the donor.
        frames: so many of them.
        plays: so many frames it lasts in the second cut.
        sound: the first frame whose sound it has.
        is_donated_picture: whether the picture is the donor's, which is another part of the film.
        is_donated_sound: whether the sound is.
        kind: what was done to it; "kept" for nothing.
    """

    start: int
    frames: int
    plays: int
    sound: int
    is_donated_picture: bool = False
    is_donated_sound: bool = False
    kind: str = "kept"


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two cuts and the truth about them.

    Attributes:
        name: what tells it from others.
        a: the first cut's file.
        b: the second cut's file.
        look: what was done to the whole of the second, one of `LOOKS`.
        changes: the edits.
    """

    name: str
    a: Path
    b: Path
    look: str
    changes: tuple[Change, ...]


def make_pair(films: Path, folder: Path, *, seed: int, edited: bool = True) -> Pair:
    """Make a pair of cuts, unless the folder holds it already.

    Args:
        films: the folder of the real films.
        folder: where to.
        seed: what the lot is drawn by.
        edited: whether there are edits at all.
    """
    excerpt = cut_excerpt(films, folder, number=seed // PAIRS_OF_EXCERPT)
    rng = np.random.default_rng([seed, edited])
    rate, frames = excerpt.rate, excerpt.frames
    look = str(rng.choice([name for name in LOOKS if name != "PAL" or rate == 24]))
    pieces = draw_edits(rng, frames, rate) if edited else [Piece(start=0, frames=frames, plays=frames, sound=0)]
    name = f"{'edited' if edited else 'plain'}-{seed}"
    b = folder / f"{name}.mp4"
    if not b.exists():
        graph = _write_graph(pieces, rate, LOOKS[look], is_faster=look == "PAL")
        bits = excerpt.film.stat().st_size * 8 * rate // frames
        quality = ["-b:v", str(bits // 2)] if look.startswith("half") else ["-crf", "24"]
        _run(
            "-i",
            excerpt.film,
            "-i",
            excerpt.donor,
            "-filter_complex",
            graph,
            "-map",
            "[v]",
            "-map",
            "[a]",
            *_encoder(quality),
            b,
        )
    return Pair(name=name, a=excerpt.film, b=b, look=look, changes=list_changes(pieces, rate, look))


@dataclass(frozen=True, kw_only=True)
class Excerpt:
    """A part of a real film, and another part of the same film that is put in where the edit list says so.

    Attributes:
        film: its file.
        donor: the other part's file, `DONOR_S` long.
        rate: frames a second of both.
        frames: how many it has.
    """

    film: Path
    donor: Path
    rate: Fraction
    frames: int


def cut_excerpt(films: Path, folder: Path, *, number: int) -> Excerpt:
    """Cut an excerpt out of one of the real films, unless the folder holds it already."""
    rng = np.random.default_rng(number)
    name, rate, usable_s = FILMS[number % len(FILMS)]
    length_s = int(rng.integers(*LENGTHS_S))
    start_s = int(rng.integers(5, usable_s - length_s))
    far = [
        t for t in range(5, usable_s - DONOR_S, 5) if t + DONOR_S + FAR_S < start_s or t > start_s + length_s + FAR_S
    ]
    film, donor = folder / f"excerpt-{number}.mp4", folder / f"donor-{number}.mp4"
    for file, from_s, lasts_s in ((film, start_s, length_s), (donor, int(rng.choice(far)), DONOR_S)):
        if not file.exists():
            scale = ["-vf", f"scale={WIDTH}:{HEIGHT}", "-ac", 2]
            _run("-ss", from_s, "-t", lasts_s, "-i", films / name, *scale, *_encoder(["-crf", "18"]), file)
    return Excerpt(film=film, donor=donor, rate=rate, frames=int(length_s * rate))


def draw_edits(rng: np.random.Generator, frames: int, rate: Fraction) -> list[Piece]:
    """Draw one to four edits that lie apart, and cut the film up by them."""
    kinds = [str(kind) for kind in rng.choice(EDITS, int(rng.integers(1, 5)))]
    margin = int(APART_S * rate)
    spans: list[tuple[int, int, str]] = []
    while len(spans) < len(kinds):
        kind = kinds[len(spans)]
        shortest_s = RETIMED_FROM_S if kind == "retimed" else SPANS_S[0]
        length = int(rng.uniform(shortest_s, SPANS_S[1]) * rate)
        start = int(rng.integers(margin, frames - length - margin))
        if all(start + length + margin <= low or high + margin <= start for low, high, _ in spans):
            spans.append((start, start + length, kind))
    spans.sort()
    pieces: list[Piece] = []
    moved: list[Piece] = []
    position = 0
    for low, high, kind in spans:
        pieces.append(_keep(position, low))
        span = replace(_keep(low, high), kind=kind)
        if kind == "added":
            length = int(rng.uniform(*SPANS_S) * rate)
            start = int(rng.integers(int((DONOR_S - 10) * rate)))
            donated = {"is_donated_picture": True, "is_donated_sound": True}
            pieces.append(Piece(start=start, frames=length, plays=length, sound=start, kind=kind, **donated))
            pieces.append(_keep(low, high))
        elif kind == "moved":
            moved.append(span)
        elif kind == "retimed":
            speed = rng.uniform(*(FASTER if rng.random() < 0.5 else SLOWER))
            pieces.append(replace(span, plays=round((high - low) / speed)))
        elif kind == "picture":
            pieces.append(replace(span, start=int(rng.integers(int((DONOR_S - 10) * rate))), is_donated_picture=True))
        elif kind == "sound":
            pieces.append(replace(span, sound=int(rng.integers(int((DONOR_S - 10) * rate))), is_donated_sound=True))
        position = high
    pieces.append(_keep(position, frames))
    return _place_moved(rng, pieces, moved, rate)


def _keep(start: int, end: int) -> Piece:
    """A piece that is kept as it is."""
    return Piece(start=start, frames=end - start, plays=end - start, sound=start)


def _place_moved(rng: np.random.Generator, pieces: list[Piece], moved: list[Piece], rate: Fraction) -> list[Piece]:
    """Put every moved piece into a kept one that lies so far off that nobody could say that the rest has moved instead."""
    for piece in moved:
        places = []
        for i, host in enumerate(pieces):
            margin = int(APART_S * rate)
            if host.kind != "kept" or host.frames <= 2 * margin:
                continue
            for at in range(margin, host.frames - margin, margin):
                between = abs(host.start + at - piece.start)
                if between > 2 * piece.frames + margin:
                    places.append((i, at))
        if not places:
            continue
        i, at = places[int(rng.integers(len(places)))]
        host = pieces[i]
        halves = _keep(host.start, host.start + at), _keep(host.start + at, host.start + host.frames)
        pieces[i : i + 1] = [halves[0], piece, halves[1]]
    return pieces


def list_changes(pieces: Sequence[Piece], rate: Fraction, look: str) -> tuple[Change, ...]:
    """Return what a list of pieces does, in seconds of both cuts."""
    changes, position = [], 0
    placed: list[tuple[Piece, int]] = []
    for piece in pieces:
        placed.append((piece, position))
        position += piece.plays
    speed = Fraction(25, 24) if look == "PAL" else Fraction(1)

    def note(kind: str, a_start: int, a_end: int, b_start: int, b_end: int) -> None:
        b_s = (float(b_start / rate / speed), float(b_end / rate / speed))
        changes.append(
            Change(
                kind=kind,
                a_start_s=float(a_start / rate),
                a_end_s=float(a_end / rate),
                b_start_s=b_s[0],
                b_end_s=b_s[1],
            )
        )

    resting = [(piece, b) for piece, b in placed if piece.kind != "moved"]
    a_position = 0
    for piece, b in resting:
        if piece.kind == "added":
            note("added", a_position, a_position, b, b + piece.plays)
            continue
        a_start = piece.sound if piece.kind == "picture" else piece.start
        if a_start > a_position and not any(p.kind == "moved" and p.start == a_position for p, _ in placed):
            note("removed", a_position, a_start, b, b)
        a_position = a_start + piece.frames
        if piece.kind in ("retimed", "picture", "sound"):
            note(piece.kind, a_start, a_position, b, b + piece.plays)
    for piece, b in placed:
        if piece.kind == "moved":
            note("moved", piece.start, piece.start + piece.frames, b, b + piece.plays)
    return tuple(sorted(changes, key=lambda change: change.a_start_s))


def _write_graph(pieces: Sequence[Piece], rate: Fraction, look: str, *, is_faster: bool) -> str:
    """Write the edit as a graph of FFmpeg's filters."""
    parts = []
    for i, piece in enumerate(pieces):
        picture, sound = f"{int(piece.is_donated_picture)}:v", f"{int(piece.is_donated_sound)}:a"
        slower = Fraction(piece.plays, piece.frames)
        parts.append(
            f"[{picture}]trim=start_frame={piece.start}:end_frame={piece.start + piece.frames},"
            f"setpts=(PTS-STARTPTS)*{slower.numerator}/{slower.denominator},fps={rate},"
            f"tpad=stop=2:stop_mode=clone,trim=end_frame={piece.plays},setpts=N/({rate}*TB),scale={WIDTH}:{HEIGHT},setsar=1[v{i}]"
        )
        start_s, end_s = piece.sound / rate, (piece.sound + piece.frames) / rate
        tempo = "" if slower == 1 else f"atempo={float(1 / slower):.8f},"
        parts.append(
            f"[{sound}]atrim=start={float(start_s):.6f}:end={float(end_s):.6f},asetpts=PTS-STARTPTS,{tempo}"
            f"aresample=48000,aformat=channel_layouts=stereo,apad,atrim=end={float(piece.plays / rate):.6f}[a{i}]"
        )
    joined = "".join(f"[v{i}][a{i}]" for i in range(len(pieces)))
    parts.append(f"{joined}concat=n={len(pieces)}:v=1:a=1[vj][aj]")
    parts.append(f"[vj]{look or 'null'}[v]")
    parts.append(f"[aj]{'asetrate=50000,aresample=48000,' if is_faster else ''}volume=0.8[a]")
    return ";".join(parts)


def grab_picture(film: Path, instant_s: float, size_px: tuple[int, int]) -> Image.Image:
    """Return the picture that is on show at an instant of a film."""
    width, height = size_px
    program = imageio_ffmpeg.get_ffmpeg_exe()
    place = ("-ss", f"{max(0.0, instant_s):.4f}", "-i", str(film), "-frames:v", "1", "-vf", f"scale={width}:{height}")
    form = ("-f", "rawvideo", "-pix_fmt", "rgb24", "-")
    done = subprocess.run([program, "-v", "error", *place, *form], check=True, capture_output=True)
    return Image.frombytes("RGB", size_px, done.stdout)


def _encoder(quality: Sequence[str]) -> list[str]:
    """Words that say how to encode."""
    picture = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "48", *quality, "-pix_fmt", "yuv420p"]
    return [*picture, "-c:a", "aac", "-b:a", "128k", "-ac", "2"]


def _run(*words: object) -> None:
    """Run the ffmpeg program that comes with imageio-ffmpeg; its file is there whole or not at all."""
    target = Path(str(words[-1]))
    part = target.with_suffix(f".{os.getpid()}.mp4")
    program = imageio_ffmpeg.get_ffmpeg_exe()
    subprocess.run(
        [program, "-v", "error", "-y", *map(str, words[:-1]), str(part)], check=True, stdin=subprocess.DEVNULL
    )
    part.replace(target)
