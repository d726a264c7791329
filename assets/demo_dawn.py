"""The shots of the demo film's end: far away, together, alone, and at peace.

Each function paints the picture of its shot at t seconds; t runs a little past both ends where a shot is faded.
"""

import math

from demo_actors import BIG, CIRCLE, LITTLE, Pose, draw_actor, follow, hop
from demo_drawing import Camera, Canvas, Paint
from demo_palettes import ASHES, DAYBREAK, EVENING, NIGHT
from demo_sets import draw_flower, draw_foreground, draw_meadow, draw_outside, draw_tree

BLOSSOM = "#F7A8C4"


def draw_far_run(t: float) -> Canvas:
    """Very wide: two small shapes cross a dark hill under the moon, and stop running."""
    canvas = draw_outside(Camera(x=-6.0 - 0.35 * t, y=2.9, zoom=31), NIGHT, t)
    draw_tree(canvas, NIGHT, -12.0, "#12284A", t)
    draw_meadow(canvas, NIGHT, t)
    slow = follow(t, (0.0, 0.0), (3.6, 1.0))
    for actor, start in ((CIRCLE, -4.4), (LITTLE, -2.9)):
        lift, stretch = hop(t + start, 2.4 - 0.9 * slow, 0.4 * (1 - 0.6 * slow))
        draw_actor(
            canvas, actor, Pose(x=start - 4.2 * slow - 0.4 * t, y=lift, stretch=stretch, angle=0.15), NIGHT.light
        )
    return canvas


def draw_petals(canvas: Canvas, t: float, count: int = 14) -> None:
    """Let petals sail down from the right to the left."""
    camera = canvas.camera
    for step in range(count):
        fall = (0.13 * step + (0.07 + 0.01 * (step % 3)) * t) % 1.0
        x = camera.x + (0.62 - ((0.29 * step + 0.09 * t) % 1.24)) * 640 / camera.zoom
        y = camera.y + (0.55 - 1.1 * fall) * 360 / camera.zoom
        size = 3.4 / camera.zoom
        canvas.ellipse((x, y), (1.5 * size, 0.8 * size), Paint(colour="#FFD0DE", alpha=0.85, soft_px=1.5), 2 * t + step)


def draw_embrace_wide(t: float) -> Canvas:
    """Daybreak under a blossoming tree; they come together."""
    canvas = draw_outside(Camera(x=-0.3, y=2.35 - 0.04 * t, zoom=44 + 1.3 * t), DAYBREAK, t)
    draw_tree(canvas, DAYBREAK, -2.6, BLOSSOM, t)
    draw_meadow(canvas, DAYBREAK, t)
    draw_flower(canvas, DAYBREAK, 2.6, 0.1 * math.sin(t))
    lift, stretch = hop(t, 1.2, 0.25) if t < 2.4 else (0.0, 1.0)
    draw_actor(canvas, LITTLE, Pose(x=follow(t, (0.2, -1.6), (2.5, -0.1)), y=lift, stretch=stretch), DAYBREAK.light)
    draw_actor(canvas, CIRCLE, Pose(x=follow(t, (0.2, 2.4), (2.6, 0.82))), DAYBREAK.light)
    draw_petals(canvas, t)
    return canvas


def draw_embrace_close(t: float) -> Canvas:
    """Near: the little triangle leans on the circle, and light gathers between them."""
    canvas = draw_outside(Camera(x=0.35, y=0.72, zoom=162 + 6 * t, roll=0.02), DAYBREAK, t)
    draw_tree(canvas, DAYBREAK, -1.35, BLOSSOM, t)
    draw_meadow(canvas, DAYBREAK, t)
    near = follow(t, (0.0, 0.0), (1.4, 1.0))
    breath = 0.02 * math.sin(2.4 * t)
    canvas.glow((0.42, 0.7), 1.9, "#FFF0C8", 0.5 * near)
    draw_actor(canvas, CIRCLE, Pose(x=0.98 - 0.1 * near, stretch=1 + breath), DAYBREAK.light)
    draw_actor(canvas, LITTLE, Pose(x=-0.2 + 0.12 * near, angle=-0.22 * near, stretch=1 - breath), DAYBREAK.light)
    draw_petals(canvas, t, 9)
    draw_foreground(canvas, DAYBREAK, t)
    return canvas


def draw_big_alone(t: float) -> Canvas:
    """The big triangle among the ruins, small in a grey field, bowed."""
    canvas = draw_outside(Camera(x=5.6, y=2.6 + 0.05 * t, zoom=47 - 1.2 * t), ASHES, t)
    wall = Paint(colour=ASHES.wall[0], lower=ASHES.wall[1])
    canvas.polygon(((4.0, 0.0), (4.0, 2.6), (4.35, 2.2), (4.6, 2.75), (4.8, 1.7), (5.15, 1.4), (5.3, 0.0)), wall)
    canvas.polygon(((8.2, 0.0), (8.45, 0.9), (8.8, 0.7), (9.0, 1.5), (9.4, 1.9), (9.4, 0.0)), wall)
    canvas.line((2.4, 0.15), (3.9, 1.5), 0.16, Paint(colour=ASHES.roof))
    for x, size in ((3.4, 0.22), (5.8, 0.3), (7.7, 0.35), (8.1, 0.2), (9.9, 0.26)):
        canvas.polygon(
            ((x - size, 0.0), (x + size, 0.0), (x + 0.3 * size, size), (x - 0.8 * size, 0.7 * size)),
            Paint(colour=ASHES.roof),
        )
    draw_meadow(canvas, ASHES, 0.3 * t)
    bow = follow(t, (0.3, 0.0), (2.6, 1.0))
    draw_actor(canvas, BIG, Pose(x=6.7, angle=0.14 * bow, stretch=1 - 0.16 * bow), ASHES.light)
    for step in range(40):
        fall = (0.173 * step + (0.55 + 0.1 * (step % 4)) * t) % 1.0
        x = 5.6 + ((0.377 * step) % 1.0 - 0.5) * 15
        y = 7.0 - 8.0 * fall
        canvas.line((x, y), (x - 0.05, y + 0.35), 0.025, Paint(colour=ASHES.light.rim, alpha=0.35))
    return canvas


def draw_last_evening(t: float) -> Canvas:
    """Evening: two shapes side by side before the first stars; nothing happens, and that is good."""
    canvas = draw_outside(Camera(x=0.3, y=1.5 + 0.22 * t, zoom=70 - 5 * t), EVENING, t)
    draw_tree(canvas, EVENING, -2.6, "#7A5A9A", t)
    draw_meadow(canvas, EVENING, 0.5 * t)
    draw_actor(canvas, LITTLE, Pose(x=0.0, angle=-0.12, stretch=1 + 0.012 * math.sin(2 * t)), EVENING.light)
    draw_actor(canvas, CIRCLE, Pose(x=0.88, stretch=1 + 0.012 * math.sin(2 * t + 1)), EVENING.light)
    for step in range(10):
        spot = (2.2 * math.sin(2.3 * step + 0.3 * t) * 1.6, 0.5 + 0.5 * math.sin(1.7 * step + 0.5 * t) + 0.08 * step)
        canvas.glow(spot, 0.2, "#FFE9A0", 0.5 + 0.4 * math.sin(3 * t + 2 * step))
    return canvas
