"""The places of the demo film: the meadow with the house, the room inside, and the plan of both from above."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from demo_actors import Light
from demo_drawing import Camera, Canvas, Floats, Paint, Point, mix_colours


@dataclass(frozen=True, kw_only=True)
class Palette:
    """The colours of a scene, `#RRGGBB` each.

    Attributes:
        sky: top, middle and bottom of the sky.
        orb: sun or moon.
        orb_at: where it stands, as shares of the picture's width and height.
        hills: the far and the middle hills.
        ground: the meadow's top and bottom.
        wall: the house's wall, top and bottom.
        roof: the roof.
        door: the door.
        pane: what shines through the windows.
        light: how the light falls on the actors.
        stars: how bright the stars are, 0..1.
    """

    sky: tuple[str, str, str]
    orb: str
    orb_at: Point
    hills: tuple[str, str]
    ground: tuple[str, str]
    wall: tuple[str, str]
    roof: str
    door: str
    pane: str
    light: Light
    stars: float = 0.0


DOOR_X, DOOR_WIDTH, DOOR_HEIGHT = 4.55, 1.3, 2.0
"""The house's door seen from the side: its hinge, its width and its height."""

HOUSE_PLAN = (0.0, -2.5, 7.0, 2.5)
"""The house seen from above: left, bottom, right and top wall."""

DOORWAY_PLAN = (-0.75, 0.75)
"""The doorway in the left wall, bottom and top; the hinge is at the top."""

ROOM_DOOR = (2.3, 3.9, 2.9)
"""The doorway seen from inside: left, right, height."""


def draw_outside(camera: Camera, palette: Palette, t: float = 0.0) -> Canvas:
    """Paint sky, sun or moon, hills and meadow; t (seconds) lets the clouds drift."""
    canvas = Canvas(camera)
    canvas.sky(*palette.sky)
    orb = _at_share(camera.behind(0.06), palette.orb_at)
    far = canvas.through(camera.behind(0.06))
    _draw_stars(canvas, palette.stars)
    far.glow(orb, 4.2, palette.orb, 0.5)
    far.ellipse(orb, (0.75, 0.75), Paint(colour=palette.orb, soft_px=1.5))
    _draw_clouds(far, palette, t)
    blur = 1 + max(camera.zoom / 40 - 1, 0) * 3
    for nearness, colour, base, height, seed in (
        (0.25, palette.hills[0], 1.7, 0.75, 2.0),
        (0.5, palette.hills[1], 0.75, 0.5, 7.0),
    ):
        lower = mix_colours(colour, palette.sky[2], 0.45)

        def rolling(x: Floats, base: float = base, height: float = height, seed: float = seed) -> Floats:
            waves = np.sin(0.45 * x + seed) + 0.5 * np.sin(0.97 * x + 2 * seed) + 0.2 * np.sin(2.3 * x + seed)
            return np.asarray(base + height * waves / 1.7, dtype=np.float32)

        canvas.through(camera.behind(nearness)).ridge(rolling, Paint(colour=colour, lower=lower, soft_px=blur))
    return canvas


def draw_meadow(canvas: Canvas, palette: Palette, t: float = 0.0) -> None:
    """Paint the ground that the actors walk on, with its grass, over hills and house."""
    camera = canvas.camera
    canvas.ridge(lambda x: np.full_like(x, 0.06), Paint(colour=palette.ground[0], lower=palette.ground[1]))
    half = 320 / camera.zoom + 0.5
    blade = Paint(colour=mix_colours(palette.ground[0], palette.light.rim, 0.18))
    for step in range(math.floor((camera.x - half) / 0.45), math.ceil((camera.x + half) / 0.45)):
        x = 0.45 * step + 0.3 * math.sin(12.9 * step)
        if math.sin(78.2 * step) > -0.1:
            tall = 0.16 + 0.09 * math.sin(3.7 * step)
            sway = 0.05 * math.sin(1.8 * t + 0.7 * x)
            for side in (-0.07, 0.0, 0.07):
                canvas.line((x + side * 0.4, 0.0), (x + side + sway, tall * (1 - abs(side) * 3)), 0.035, blade)


def draw_foreground(canvas: Canvas, palette: Palette, t: float = 0.0) -> None:
    """Paint soft, dark blades close to the lens, over everything."""
    camera = canvas.camera
    dark = Paint(colour=mix_colours(palette.ground[1], palette.light.shadow, 0.5), soft_px=5, alpha=0.85)
    bottom = camera.y - 180 / camera.zoom
    for step in range(-7, 8):
        x = camera.x + (step + 0.4 * math.sin(5.1 * step)) * 48 / camera.zoom
        if abs(step) > 2:
            lean = 0.45 * math.sin(2.2 * step) + 0.1 * math.sin(1.3 * t + step)
            tall = (60 + 26 * math.sin(3.3 * step) + 5 * abs(step)) / camera.zoom
            half = 7 / camera.zoom
            canvas.polygon(((x - half, bottom - 0.3), (x + half, bottom - 0.3), (x + lean * tall, bottom + tall)), dark)


def draw_house(canvas: Canvas, palette: Palette, door: float = 0.0, shake: float = 0.0) -> None:
    """Paint the house from the side; door is how far it stands open (0..1), shake how far the house leans."""
    wall = Paint(colour=palette.wall[0], lower=palette.wall[1], rim=palette.light.rim, light=palette.light.towards)

    def lean(*points: Point) -> list[Point]:
        return [(x + shake * y, y) for x, y in points]

    roof = Paint(colour=palette.roof, rim=palette.light.rim, light=palette.light.towards, rim_px=5)
    canvas.polygon(lean((8.0, 3.6), (8.6, 3.6), (8.6, 5.3), (8.0, 5.3)), Paint(colour=palette.wall[1]))
    canvas.polygon(lean((4.1, 0.0), (9.3, 0.0), (9.3, 3.1), (4.1, 3.1)), wall)
    canvas.polygon(lean((3.75, 3.05), (9.65, 3.05), (7.9, 4.9), (5.5, 4.9)), roof, 0.06)
    _draw_window(canvas, lean((7.1, 1.3), (8.3, 1.3), (8.3, 2.5), (7.1, 2.5)), palette)
    draw_door(canvas, palette, door, lean)


def draw_door(canvas: Canvas, palette: Palette, door: float, lean: Callable[..., list[Point]] | None = None) -> None:
    """Paint the house's doorway from outside, and the door that turns on its left side."""
    bend = lean or (lambda *points: list(points))
    left, right = DOOR_X, DOOR_X + DOOR_WIDTH
    inside = Paint(colour=mix_colours(palette.light.shadow, palette.pane, 0.25), lower=palette.light.shadow)
    canvas.polygon(bend((left, 0.0), (right, 0.0), (right, DOOR_HEIGHT), (left, DOOR_HEIGHT)), inside, 0.05)
    edge = left + DOOR_WIDTH * math.cos(door * 1.9)
    drop = 0.18 * math.sin(min(door * 1.9, math.pi))
    leaf = Paint(colour=palette.door, lower=mix_colours(palette.door, palette.light.shadow, 0.4))
    canvas.polygon(bend((left, 0.0), (edge, -drop), (edge, DOOR_HEIGHT + drop), (left, DOOR_HEIGHT)), leaf)
    knob = left + 0.82 * (edge - left)
    canvas.ellipse(bend((knob, 1.0))[0], (0.06, 0.06), Paint(colour=palette.light.rim))


def _draw_window(canvas: Canvas, corners: list[Point], palette: Palette) -> None:
    """Paint a lit window with its cross, and the light around it."""
    (left, bottom), (right, top) = corners[0], corners[2]
    middle = ((left + right) / 2, (bottom + top) / 2)
    canvas.polygon(corners, Paint(colour=palette.pane, lower=mix_colours(palette.pane, palette.wall[1], 0.3)), 0.05)
    bar = Paint(colour=mix_colours(palette.door, palette.light.shadow, 0.2))
    canvas.line((middle[0], bottom), (middle[0], top), 0.08, bar)
    canvas.line((left, middle[1]), (right, middle[1]), 0.08, bar)
    canvas.glow(middle, 1.7, palette.pane, 0.22)


def _draw_clouds(canvas: Canvas, palette: Palette, t: float) -> None:
    """Paint three long clouds that drift to the right."""
    soft = Paint(colour=mix_colours(palette.sky[1], palette.orb, 0.6), alpha=0.38, soft_px=9)
    middle = canvas.camera.x
    for x, y, size in ((-5.5, 5.7, 1.9), (0.8, 6.3, 1.4), (5.2, 5.0, 2.2)):
        drift = middle + x + 0.06 * t
        canvas.ellipse((drift, y), (size, 0.16), soft)
        canvas.ellipse((drift + 0.5 * size, y + 0.17), (0.6 * size, 0.13), soft)


def _draw_stars(canvas: Canvas, brightness: float) -> None:
    """Scatter stars over the upper part of the sky; they do not move with the camera."""
    if brightness <= 0:
        return
    still = canvas.through(Camera(x=0.0, y=0.0, zoom=1.0))
    scatter = np.random.default_rng(7)
    for x, y, size in zip(
        scatter.uniform(-320, 320, 70), scatter.uniform(-10, 178, 70), scatter.uniform(0.5, 1.3, 70), strict=True
    ):
        still.ellipse(
            (float(x), float(y)),
            (float(size), float(size)),
            Paint(colour="#FFFFFF", alpha=brightness * float(size) / 1.5),
        )


def _at_share(camera: Camera, share: Point) -> Point:
    """The place on a layer that shows at the given shares of the picture when the camera is wide."""
    return camera.x + (share[0] - 0.5) * 16, camera.y + (0.5 - share[1]) * 9


def draw_tree(canvas: Canvas, palette: Palette, x: float, leaves: str, t: float = 0.0) -> None:
    """Paint a tree that stands at x, its crown stirred by the wind."""
    trunk = mix_colours(palette.door, palette.light.tint, palette.light.tint_share)
    canvas.polygon(((x - 0.22, 0.0), (x + 0.26, 0.0), (x + 0.1, 2.4), (x - 0.1, 2.4)), Paint(colour=trunk))
    canvas.line((x, 1.6), (x + 0.8, 2.5), 0.12, Paint(colour=trunk))
    sway = 0.05 * math.sin(1.1 * t)
    darker = mix_colours(leaves, palette.light.shadow, 0.25)
    for dx, dy, size in ((-0.9, 2.6, 0.95), (0.95, 2.75, 0.9), (0.0, 3.3, 1.25), (-0.4, 2.5, 0.7), (0.5, 2.4, 0.6)):
        paint = Paint(
            colour=leaves,
            lower=darker,
            rim=palette.light.rim,
            light=palette.light.towards,
            rim_px=0.3 * canvas.camera.zoom,
        )
        canvas.ellipse((x + dx + sway * dy, dy), (size, size * 0.86), paint)


def draw_flower(canvas: Canvas, palette: Palette, x: float, bend: float, colour: str = "#FF9BB3") -> None:
    """Paint a flower that stands at x and bends to the right by `bend` radians."""
    head = (x + 0.75 * math.sin(bend), 0.75 * math.cos(bend))
    stem = Paint(colour=mix_colours(palette.ground[0], palette.light.shadow, 0.35))
    canvas.line((x, 0.0), (x + 0.25 * math.sin(bend), 0.42 * math.cos(bend)), 0.045, stem)
    canvas.line((x + 0.25 * math.sin(bend), 0.42 * math.cos(bend)), head, 0.045, stem)
    petal = mix_colours(colour, palette.light.tint, palette.light.tint_share)
    for step in range(5):
        turn = bend + step * math.tau / 5
        centre = (head[0] + 0.12 * math.sin(turn), head[1] + 0.12 * math.cos(turn))
        canvas.ellipse(
            centre, (0.1, 0.1), Paint(colour=petal, rim=palette.light.rim, light=palette.light.towards, rim_px=5)
        )
    canvas.ellipse(
        head, (0.075, 0.075), Paint(colour=mix_colours("#FFD866", palette.light.tint, palette.light.tint_share))
    )
