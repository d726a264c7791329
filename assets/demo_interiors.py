"""The two ways the demo film shows the house from within: the dark room, and the plan from above without a roof."""

import math

from demo_actors import Light
from demo_drawing import Camera, Canvas, Paint, Point, mix_colours
from demo_sets import DOORWAY_PLAN, HOUSE_PLAN, ROOM_DOOR, Palette

WINDOW = (-1.9, 1.5, -0.3, 3.1)
"""The window seen from inside: left, bottom, right, top."""


def draw_room(camera: Camera, palette: Palette, door: float, *, danger: float = 0.0) -> Canvas:
    """Paint the room: wall, floor, window, doorway with its door `door` open (0..1), and the chest to hide behind.

    `danger` (0..1) turns what shines in from moonlight into the fire of the sky outside.
    """
    canvas = Canvas(camera)
    canvas.wash(palette.wall[0], 1.0)
    shine = mix_colours(palette.pane, "#FF5A36", danger)
    board = mix_colours(palette.wall[0], palette.light.shadow, 0.3)
    canvas.polygon(((-7, -0.1), (7, -0.1), (7, 6), (-7, 6)), Paint(colour=palette.wall[1], lower=palette.wall[0]))
    for x in range(-7, 8):
        canvas.line((x * 1.0, 0.0), (x * 1.0, 6.0), 0.03, Paint(colour=board))
    canvas.line((-7, 4.5), (7, 4.5), 0.35, Paint(colour=board))
    left, bottom, right, top = WINDOW
    canvas.polygon(
        ((left, bottom), (right, bottom), (right, top), (left, top)),
        Paint(colour=shine, lower=mix_colours(shine, palette.wall[1], 0.35)),
        0.04,
    )
    canvas.glow(((left + right) / 2, (bottom + top) / 2), 2.6, shine, 0.3)
    canvas.polygon(((-7, 0.0), (7, 0.0), (7, -4), (-7, -4)), Paint(colour=palette.ground[0], lower=palette.ground[1]))
    for y in (-0.35, -0.8, -1.4):
        canvas.line((-7, y), (7, y), 0.03, Paint(colour=palette.ground[1]))
    _draw_doorway(canvas, palette, door, shine)
    return canvas


def _draw_doorway(canvas: Canvas, palette: Palette, door: float, shine: str) -> None:
    """Paint the doorway from inside; light falls through it onto the floor as far as the door stands open."""
    left, right, top = ROOM_DOOR
    canvas.polygon(
        ((left, 0), (right, 0), (right, top), (left, top)),
        Paint(colour=shine, lower=mix_colours(shine, "#FFE0A0", 0.3)),
        0.05,
    )
    edge = right - (right - left) * math.cos(door * 1.75)
    drop = 0.25 * math.sin(door * 1.75)
    leaf = Paint(colour=palette.door, lower=mix_colours(palette.door, palette.light.shadow, 0.5))
    canvas.polygon(((right, 0.0), (edge, -drop), (edge, top + drop), (right, top)), leaf)
    if door > 0.02:
        floor = Paint(colour=shine, alpha=0.42, soft_px=12)
        canvas.polygon(
            ((left, 0.0), (min(edge, right), 0.0), (min(edge, right) - 2.4 * door, -2.6), (left - 5.2 * door, -2.6)),
            floor,
        )
        canvas.glow(((left + right) / 2, 1.2), 3.4, shine, 0.35 * door)


def draw_window_cross(canvas: Canvas, palette: Palette) -> None:
    """Paint the window's cross, over whoever passes outside, and the beam that falls through it."""
    left, bottom, right, top = WINDOW
    bar = Paint(colour=mix_colours(palette.door, palette.light.shadow, 0.3))
    canvas.line(((left + right) / 2, bottom), ((left + right) / 2, top), 0.1, bar)
    canvas.line((left, (bottom + top) / 2), (right, (bottom + top) / 2), 0.1, bar)
    for start, end in (
        ((left, bottom), (right, bottom)),
        ((left, top), (right, top)),
        ((left, bottom), (left, top)),
        ((right, bottom), (right, top)),
    ):
        canvas.line(start, end, 0.14, bar)


def draw_beam(canvas: Canvas, palette: Palette, strength: float) -> None:
    """Paint the moonlight that falls from the window to the floor; strength is 0..1."""
    left, bottom, right, top = WINDOW
    beam = Paint(colour=palette.pane, alpha=0.16 * strength, soft_px=16)
    canvas.polygon(((left, top), (right, bottom), (right + 2.1, -1.2), (left + 1.4, -1.2)), beam)
    canvas.ellipse((right + 0.9, -0.9), (1.3, 0.3), Paint(colour=palette.pane, alpha=0.24 * strength, soft_px=12))


def draw_chest(canvas: Canvas, palette: Palette) -> None:
    """Paint the chest in front of the corner where the two hide."""
    wood = mix_colours(palette.door, palette.light.shadow, 0.35)
    lit = Paint(colour=wood, lower=palette.light.shadow, rim=palette.light.rim, light=palette.light.towards, rim_px=6)
    canvas.polygon(((-4.3, -0.25), (-2.9, -0.25), (-2.9, 1.0), (-4.3, 1.0)), lit, 0.06)
    canvas.line((-4.3, 0.62), (-2.9, 0.62), 0.05, Paint(colour=palette.light.shadow))


def draw_plan(camera: Camera, palette: Palette, door: float) -> Canvas:
    """Paint meadow and house from above, as a plan: walls, floor, and the door as a stroke that swings."""
    canvas = Canvas(camera)
    canvas.wash(palette.ground[0], 1.0)
    canvas.glow((-4.0, 3.0), 11.0, palette.orb, 0.16)
    tuft = Paint(colour=mix_colours(palette.ground[0], palette.ground[1], 0.6))
    for column in range(-9, 14):
        for row in range(-6, 7):
            x = column * 1.1 + 0.45 * math.sin(9.1 * column + 4.7 * row)
            y = row * 1.1 + 0.45 * math.sin(5.3 * row + 2.9 * column)
            if not (HOUSE_PLAN[0] - 0.4 < x < HOUSE_PLAN[2] + 0.4 and HOUSE_PLAN[1] - 0.4 < y < HOUSE_PLAN[3] + 0.4):
                canvas.line((x - 0.07, y), (x + 0.07, y + 0.05), 0.05, tuft)
    _draw_bush(canvas, palette, (-5.4, 2.9), 1.3)
    _draw_bush(canvas, palette, (-2.6, -3.9), 0.8)
    _draw_walls(canvas, palette, door)
    return canvas


def _draw_walls(canvas: Canvas, palette: Palette, door: float) -> None:
    """Paint the house's floor, its walls with their shadow, and the door."""
    left, bottom, right, top = HOUSE_PLAN
    floor = mix_colours(palette.wall[1], palette.ground[1], 0.35)
    canvas.polygon(
        ((left, bottom), (right, bottom), (right, top), (left, top)),
        Paint(colour=mix_colours(floor, palette.wall[0], 0.4), lower=floor),
    )
    swing = door * 1.9
    tip = (left - math.sin(swing) * 1.5, DOORWAY_PLAN[1] - math.cos(swing) * 1.5)
    strokes: list[tuple[Point, Point, float]] = [
        ((left, bottom), (right, bottom), 0.3),
        ((right, bottom), (right, top), 0.3),
        ((right, top), (left, top), 0.3),
        ((left, bottom), (left, DOORWAY_PLAN[0]), 0.3),
        ((left, DOORWAY_PLAN[1]), (left, top), 0.3),
        ((left, DOORWAY_PLAN[1]), tip, 0.16),
    ]
    away = palette.light.towards
    for (ax, ay), (bx, by), width in strokes:
        dark = Paint(colour=palette.light.shadow, alpha=0.35, soft_px=6)
        dx, dy = -0.28 * away[0], -0.28 * away[1]
        canvas.line((ax + dx, ay + dy), (bx + dx, by + dy), width, dark)
    for start, end, width in strokes:
        colour = palette.door if width < 0.2 else palette.roof
        canvas.line(start, end, width, Paint(colour=colour, rim=palette.light.rim, light=away, rim_px=3))


def _draw_bush(canvas: Canvas, palette: Palette, centre: Point, size: float) -> None:
    """Paint a tree's crown from above."""
    leaves = mix_colours(palette.hills[1], palette.ground[1], 0.3)
    dark = Paint(colour=palette.light.shadow, alpha=0.35, soft_px=8)
    canvas.ellipse((centre[0] + 0.25, centre[1] - 0.25), (size, size), dark)
    for turn in range(6):
        angle = turn * math.tau / 6
        middle = (centre[0] + 0.5 * size * math.cos(angle), centre[1] + 0.5 * size * math.sin(angle))
        canvas.ellipse(
            middle,
            (0.55 * size, 0.55 * size),
            Paint(colour=leaves, rim=palette.light.rim, light=palette.light.towards, rim_px=0.2 * canvas.camera.zoom),
        )
    canvas.ellipse(centre, (0.6 * size, 0.6 * size), Paint(colour=leaves))


def shelter(light: Light, share: float) -> Light:
    """The same light, weaker: for those who stand away from the window."""
    return Light(
        tint=light.tint,
        tint_share=min(light.tint_share + share, 0.9),
        rim=light.rim,
        towards=light.towards,
        shadow=light.shadow,
    )
