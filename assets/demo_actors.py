"""The three who play in the demo film, seen from the side and from above, and how they move."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from demo_drawing import Canvas, Paint, Point, mix_colours


@dataclass(frozen=True, kw_only=True)
class Light:
    """How a scene's light falls on whoever stands in it.

    Attributes:
        tint: the colour everything leans towards.
        tint_share: how far it leans, 0..1.
        rim: the colour of lit edges.
        towards: the direction the light comes from.
        shadow: the colour of shadows.
    """

    tint: str
    tint_share: float
    rim: str
    towards: Point
    shadow: str


@dataclass(frozen=True, kw_only=True)
class Actor:
    """A shape.

    Attributes:
        outline: its corners around the middle of its base; none for the circle.
        radius: of the circle; 0 for the others.
        colour: at the top.
        lower: at the bottom.
        corner: how far its corners are rounded.
        takes_tint: how much of a scene's tint reaches it, 0..1; dark things take little.
    """

    outline: tuple[Point, ...]
    radius: float
    colour: str
    lower: str
    corner: float
    takes_tint: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Pose:
    """Where an actor is and how it holds itself.

    Attributes:
        x: the middle of its base (from above: of the shape).
        y: how high its base is (from above: the middle of the shape).
        angle: radians it is turned counter-clockwise; from above, the direction it points to.
        stretch: its height; its width shrinks with the root of it, so that it seems to keep its volume.
        scale: its size.
    """

    x: float
    y: float = 0.0
    angle: float = 0.0
    stretch: float = 1.0
    scale: float = 1.0


LITTLE = Actor(
    outline=((-0.46, 0.0), (0.46, 0.0), (0.0, 0.92)), radius=0.0, colour="#FF7A52", lower="#E04A3A", corner=0.1
)
BIG = Actor(
    outline=((-1.05, 0.0), (1.05, 0.0), (0.0, 2.25)),
    radius=0.0,
    colour="#4A2C63",
    lower="#22132F",
    corner=0.12,
    takes_tint=0.15,
)
CIRCLE = Actor(outline=(), radius=0.5, colour="#FFCB4D", lower="#F39A2B", corner=0.0)


def draw_actor(canvas: Canvas, actor: Actor, pose: Pose, light: Light, *, shadow: bool = True) -> None:
    """Draw an actor from the side, with the shadow it casts on the ground below it."""
    half = (actor.radius or actor.outline[1][0] + actor.corner) * pose.scale
    if shadow:
        faint = 0.5 / (1 + 1.6 * max(pose.y, 0))
        soft = Paint(colour=light.shadow, alpha=faint, soft_px=max(0.22 * canvas.camera.zoom * half, 3))
        side = -light.towards[0] * half * 0.35
        canvas.ellipse((pose.x + side, -0.03), (half * 1.25, 0.09 * half + 0.03), soft)
    paint = _actor_paint(canvas, actor, light, half)
    wide, tall = pose.scale / math.sqrt(pose.stretch), pose.scale * pose.stretch
    if actor.radius:
        canvas.ellipse(
            (pose.x, pose.y + actor.radius * tall), (actor.radius * wide, actor.radius * tall), paint, pose.angle
        )
        return
    corner = actor.corner * pose.scale
    points = _turn([(x * wide, y * tall) for x, y in actor.outline], pose)
    # Whoever leans or lies rests on the lowest corner and never sinks into the ground.
    rise = pose.y + corner - min(y for _, y in points)
    canvas.polygon([(x, y + rise) for x, y in points], paint, corner)


def draw_from_above(canvas: Canvas, actor: Actor, pose: Pose, light: Light) -> None:
    """Draw an actor from above, pointing where it goes, with a shadow beside it."""
    half = (actor.radius or actor.outline[1][0] + actor.corner) * pose.scale
    paint = _actor_paint(canvas, actor, light, half)
    dark = Paint(colour=light.shadow, alpha=0.45, soft_px=max(0.1 * canvas.camera.zoom, 2))
    away = (-light.towards[0] * 0.32 * half, -light.towards[1] * 0.32 * half)
    if actor.radius:
        size = (actor.radius * pose.scale * pose.stretch, actor.radius * pose.scale / pose.stretch)
        canvas.ellipse((pose.x + away[0], pose.y + away[1]), size, dark, pose.angle)
        canvas.ellipse((pose.x, pose.y), size, paint, pose.angle)
        return
    middle = actor.outline[2][1] / 3
    # The outline points up, an angle of 0 points right: a quarter turn lies between them.
    points = [((y - middle) * pose.scale * pose.stretch, -x * pose.scale / pose.stretch) for x, y in actor.outline]
    corner = actor.corner * pose.scale
    canvas.polygon(_turn(points, replace(pose, x=pose.x + away[0], y=pose.y + away[1])), dark, corner)
    canvas.polygon(_turn(points, pose), paint, corner)


def _actor_paint(canvas: Canvas, actor: Actor, light: Light, half: float) -> Paint:
    """An actor's colours in the light of a scene."""
    share = light.tint_share * actor.takes_tint
    return Paint(
        colour=mix_colours(actor.colour, light.tint, share),
        lower=mix_colours(actor.lower, light.tint, share),
        rim=light.rim,
        light=light.towards,
        rim_px=max(0.28 * half * canvas.camera.zoom, 2.0),
    )


def _turn(points: Sequence[Point], pose: Pose) -> list[Point]:
    """Turn points around the origin and move them to the pose."""
    cos, sin = math.cos(pose.angle), math.sin(pose.angle)
    return [(pose.x + x * cos - y * sin, pose.y + x * sin + y * cos) for x, y in points]


def follow(t: float, *keys: tuple[float, float]) -> float:
    """A value that passes through (time, value) keys with soft starts and stops; it rests outside them."""
    for (start, before), (end, after) in itertools.pairwise(keys):
        if t < end:
            share = min(max((t - start) / (end - start), 0.0), 1.0)
            return before + (after - before) * share * share * (3 - 2 * share)
    return keys[-1][1]


def hop(t: float, rate: float, height: float) -> tuple[float, float]:
    """The height and the stretch of someone who hops `rate` times a second."""
    phase = (t * rate) % 1.0
    lift = 4 * phase * (1 - phase)
    return height * lift, 0.88 + 0.2 * min(lift * 2, 1.0)


def tremble(t: float, size: float = 0.03) -> float:
    """A shiver around 0: two fast waves that never quite agree."""
    return size * (0.6 * math.sin(47 * t) + 0.4 * math.sin(61 * t + 1))
