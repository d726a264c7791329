"""The shots of the demo film's third quarter: a hiding place, a fight and an escape.

Each function paints the picture of its shot at t seconds.
"""

import itertools
import math

import numpy as np
from demo_actors import BIG, CIRCLE, LITTLE, Light, Pose, draw_actor, draw_from_above, follow, hop, tremble
from demo_day import draw_dust
from demo_drawing import Camera, Canvas, Paint
from demo_interiors import WINDOW, draw_beam, draw_chest, draw_plan, draw_room, draw_window_cross, shelter
from demo_palettes import BLAZE, FIRE_PLAN, FIRE_ROOM, NIGHT, NIGHT_PLAN
from demo_sets import draw_house, draw_meadow, draw_outside


def draw_hiders(canvas: Canvas, t: float, light: Light, breath: float = 0.03) -> None:
    """Draw the two pressed into the corner behind the chest, breathing."""
    pulse = breath * math.sin(2 * math.pi * t)
    draw_actor(canvas, CIRCLE, Pose(x=-5.55 + tremble(t, 0.012), y=-0.1, stretch=0.96 + pulse), light)
    draw_actor(canvas, LITTLE, Pose(x=-4.75 + tremble(t + 4, 0.012), y=-0.14, stretch=0.98 - pulse, angle=0.08), light)


def draw_room_dark(t: float) -> Canvas:
    """The dark room, wide: moonlight on the floor, two shapes in the corner."""
    canvas = draw_room(Camera(x=-1.3 - 0.1 * t, y=1.5, zoom=58 + 1.1 * t), NIGHT, 0.0)
    draw_window_cross(canvas, NIGHT)
    draw_beam(canvas, NIGHT, 1.0)
    draw_hiders(canvas, t, NIGHT.light)
    draw_chest(canvas, NIGHT)
    for step in range(9):
        spot = (0.2 + 0.9 * math.sin(2.1 * step + 0.2 * t), 0.3 + 1.6 * ((0.11 * step + 0.04 * t) % 1.0))
        canvas.ellipse(spot, (0.02, 0.02), Paint(colour=NIGHT.pane, alpha=0.5))
    return canvas


def draw_shape_at_window(t: float) -> Canvas:
    """Near: the big triangle passes the window, stops, and goes on."""
    canvas = draw_room(Camera(x=-1.1, y=1.9, zoom=118 + 3 * t), NIGHT, 0.0)
    x = follow(t, (0.2, 1.4), (1.3, -0.9), (2.0, -0.95), (3.2, -4.2))
    left, bottom, right, _ = WINDOW
    tip, base = 3.0 + 0.05 * math.sin(8 * t), 1.4
    edges = [(x - 1.15, base), (x + 1.15, base), (x, tip)]
    visible = clip_between(edges, left, right)
    if len(visible) > 2:
        canvas.polygon([(px, max(py, bottom)) for px, py in visible], Paint(colour="#0A0E1E", soft_px=2))
    draw_window_cross(canvas, NIGHT)
    gap = abs(x - (left + right) / 2)
    draw_beam(canvas, NIGHT, min(gap / 1.6, 1.0))
    canvas.wash(NIGHT.light.shadow, 0.32 * (1 - min(gap / 2.2, 1.0)))
    return canvas


def clip_between(corners: list[tuple[float, float]], left: float, right: float) -> list[tuple[float, float]]:
    """Cut off what of a polygon lies left of `left` or right of `right`."""
    for edge, sign in ((left, 1.0), (right, -1.0)):
        kept: list[tuple[float, float]] = []
        for (ax, ay), (bx, by) in zip(corners, corners[1:] + corners[:1], strict=True):
            a_in, b_in = sign * (ax - edge) >= 0, sign * (bx - edge) >= 0
            if a_in:
                kept.append((ax, ay))
            if a_in != b_in:
                kept.append((edge, ay + (by - ay) * (edge - ax) / (bx - ax)))
        corners = kept
    return corners


def draw_hiding_close(t: float) -> Canvas:
    """Near: the two hold on to each other; one slow stripe of light crosses them."""
    canvas = draw_room(Camera(x=-5.05, y=0.62, zoom=165 + 3 * t, roll=0.02), NIGHT, 0.0)
    draw_hiders(canvas, t, shelter(NIGHT.light, 0.05), 0.045)
    x = follow(t, (0.2, -3.4), (2.8, -6.6))
    stripe = Paint(colour=NIGHT.pane, alpha=0.2, soft_px=40)
    canvas.polygon(((x, -1), (x + 0.3, -1), (x + 0.9, 3), (x + 0.6, 3)), stripe)
    draw_chest(canvas, NIGHT)
    return canvas


def draw_prowl_above(t: float) -> Canvas:
    """From above: the big triangle goes along the walls outside, up to the door."""
    canvas = draw_plan(Camera(x=2.4, y=0.0, zoom=42 + 2.2 * t, roll=-0.03), NIGHT_PLAN, 0.0)
    x = follow(t, (0.0, 3.0), (1.3, -1.4), (1.6, -1.75))
    y = follow(t, (0.7, 3.9), (1.9, 0.1))
    heading = follow(t, (0.8, math.pi), (2.0, 2 * math.pi))
    push = 0.3 * max(0.0, math.sin(9 * (t - 2.2))) if t > 2.2 else 0.0
    draw_from_above(canvas, BIG, Pose(x=x + push, y=y, angle=heading, scale=0.8), NIGHT_PLAN.light)
    draw_from_above(canvas, LITTLE, Pose(x=5.7 + tremble(t, 0.02), y=-1.5, angle=2.8, scale=0.85), NIGHT_PLAN.light)
    draw_from_above(canvas, CIRCLE, Pose(x=6.35 + tremble(t + 2, 0.02), y=-1.9, scale=0.85), NIGHT_PLAN.light)
    return canvas


def draw_door_bursts(t: float) -> Canvas:
    """The door flies open; red light tears the dark room in two."""
    jolt = 0.09 * math.exp(-3 * max(t - 0.35, 0)) * math.sin(36 * t) if t > 0.35 else 0.0
    canvas = draw_room(
        Camera(x=0.8 + jolt, y=1.4 + jolt, zoom=56 + 2 * t), FIRE_ROOM, follow(t, (0.3, 0.03), (0.62, 1.0))
    )
    draw_window_cross(canvas, FIRE_ROOM)
    if t > 0.6:
        draw_looming(canvas, 3.1, follow(t, (0.6, 0.35), (1.1, 0.62), (1.9, 1.2)))
    draw_chest(canvas, FIRE_ROOM)
    return canvas


def draw_looming(canvas: Canvas, x: float, scale: float) -> None:
    """Draw the big triangle against the light of the doorway, with the shadow it throws into the room."""
    cast = Paint(colour=FIRE_ROOM.light.shadow, alpha=0.6, soft_px=14)
    canvas.polygon(((x - scale, 0.0), (x + scale, 0.0), (x - 3.6 * scale, -2.6)), cast)
    draw_actor(canvas, BIG, Pose(x=x, y=-0.1, scale=scale), FIRE_ROOM.light, shadow=False)


def draw_big_looms(t: float) -> Canvas:
    """Near, from below: it fills the doorway."""
    canvas = draw_room(Camera(x=3.0 + tremble(t, 0.02), y=1.25, zoom=104 + 14 * t, roll=-0.07), FIRE_ROOM, 1.0)
    draw_looming(canvas, 3.0, 1.12 + 0.14 * t)
    return canvas


def draw_room_chase(t: float) -> Canvas:
    """From above: around and around inside the four walls."""
    canvas = draw_plan(Camera(x=3.3, y=0.0, zoom=62, roll=0.05 * math.sin(3 * t)), FIRE_PLAN, 1.0)
    for actor, lag, scale in ((CIRCLE, 0.0, 0.85), (LITTLE, 0.55, 0.85), (BIG, 1.9 - 0.28 * t, 0.62)):
        angle = 1.0 - 2.9 * t + lag
        spot = (3.5 + 2.3 * math.cos(angle), 1.45 * math.sin(angle))
        heading = math.atan2(-1.45 * math.cos(angle), 2.3 * math.sin(angle))
        draw_from_above(canvas, actor, Pose(x=spot[0], y=spot[1], angle=heading, scale=scale), FIRE_PLAN.light)
    return canvas


def draw_trapped(t: float) -> Canvas:
    """Near: the circle in the corner, the shadow of a point climbing over it."""
    canvas = draw_room(Camera(x=-5.2 + tremble(t, 0.02), y=0.75, zoom=150 + 14 * t, roll=0.06), FIRE_ROOM, 1.0)
    draw_actor(canvas, CIRCLE, Pose(x=-5.6 + tremble(t, 0.04), stretch=0.84), FIRE_ROOM.light)
    climb = follow(t, (0.0, -3.2), (1.2, -5.5))
    shade = Paint(colour="#0A0206", alpha=0.72, soft_px=10)
    canvas.polygon(((climb, 1.2), (0.6, 4.4), (0.6, -2.4)), shade)
    return canvas


def draw_strike(t: float) -> Canvas:
    """The little triangle throws itself at the big one, point first."""
    hit = 0.95
    after = max(t - hit, 0.0)
    jolt = 0.07 * math.exp(-3.5 * after) * math.sin(42 * after)
    canvas = draw_room(Camera(x=-0.6 + jolt, y=1.4 + jolt, zoom=70 + 5 * t, roll=0.3 * jolt), FIRE_ROOM, 1.0)
    draw_window_cross(canvas, FIRE_ROOM)
    draw_chest(canvas, FIRE_ROOM)
    reel = follow(after, (0.0, 0.0), (0.5, 1.0))
    draw_actor(
        canvas, BIG, Pose(x=1.0 - 0.5 * min(t, hit) + 1.5 * reel, angle=0.08 - 0.5 * reel, scale=1.1), FIRE_ROOM.light
    )
    fly = follow(t, (0.25, 0.0), (hit, 1.0))
    arc = 1.25 * math.sin(0.55 * math.pi * fly)
    back = 0.9 * (1 - math.exp(-5 * after))
    pose = Pose(
        x=-2.5 + 2.35 * fly - back,
        y=arc * (1 - reel),
        angle=-1.25 * fly + 1.2 * reel,
        stretch=1 + 0.25 * fly * (1 - reel),
    )
    draw_actor(canvas, LITTLE, pose, FIRE_ROOM.light)
    light = math.exp(-5 * after) * min(after * 7, 1.0)
    canvas.glow((0.1, 1.5), 1.9, "#FFF0C8", 0.9 * light)
    for step in range(10):
        angle = step * math.tau / 10 + 0.3
        reach = 2.4 * (1 - math.exp(-4 * after))
        if after > 0:
            reach *= 0.7 + 0.4 * math.sin(7 * step)
            spark = (0.1 + reach * math.cos(angle), 1.5 + reach * math.sin(angle) - 1.5 * after * after)
            size = 0.05 + 0.03 * math.sin(3 * step)
            canvas.ellipse(spark, (size, size), Paint(colour="#FFE0A0", alpha=math.exp(-3 * after)))
    return canvas


def draw_escape(t: float) -> Canvas:
    """Outside: the two shoot out of the door, and the door falls shut on the big one."""
    canvas = draw_outside(Camera(x=follow(t, (0.3, 4.2), (2.3, 1.2)), y=1.7, zoom=66), BLAZE, t)
    shut = 1.5
    after = max(t - shut, 0.0)
    canvas_shake = 0.05 * math.exp(-2 * after) * math.sin(30 * after)
    draw_house(canvas, BLAZE, follow(t, (1.1, 1.0), (shut, 0.0)), canvas_shake)
    draw_meadow(canvas, BLAZE, t)
    for actor, leave in ((CIRCLE, 0.15), (LITTLE, 0.45)):
        if t > leave:
            lift, stretch = hop(t, 3.0, 0.4)
            size = follow(t, (leave, 0.7), (leave + 0.25, 1.0))
            x = 5.2 - 3.4 * (t - leave)
            draw_actor(canvas, actor, Pose(x=x, y=lift, stretch=stretch, angle=0.22, scale=size), BLAZE.light)
    draw_dust(canvas, 5.2, after, "#FF9A5A")
    return canvas


def draw_rage(t: float) -> Canvas:
    """The house shakes, cracks and comes apart from within."""
    burst = 1.45
    after = max(t - burst, 0.0)
    anger = min(0.2 + t / burst, 1.0)
    jolt = 0.05 * anger * math.sin(33 * t) * math.exp(-2 * after)
    canvas = draw_outside(Camera(x=6.4 + jolt, y=2.1 + 0.5 * jolt, zoom=58 + 3 * t), BLAZE, t)
    canvas.glow((6.7, 1.6), 3.6, "#FF7A3C", 0.35 * anger * (0.7 + 0.3 * math.sin(25 * t)))
    standing = Canvas(canvas.camera, canvas.pixels.copy())
    draw_house(standing, BLAZE, 0.0, 0.02 * anger * math.sin(29 * t))
    draw_cracks(standing, anger)
    pose = Pose(x=6.6, y=0.25 * math.exp(-3 * after), stretch=1 + 0.12 * math.exp(-2 * after))
    draw_actor(canvas, BIG, pose, BLAZE.light)
    draw_rubble(canvas, after)
    # The walls melt into the blaze within a few frames: torn away in one, they would look like a cut.
    canvas.pixels += (standing.pixels - canvas.pixels) * np.float32(max(1 - after / 0.21, 0.0))
    draw_meadow(canvas, BLAZE, t)
    blaze = follow(t, (burst - 0.75, 0.0), (burst, 1.0), (burst + 0.7, 0.0))
    canvas.glow((6.6, 2.0), 5.0, "#FFE0A0", 0.95 * blaze)
    draw_dust(canvas, 5.4, after, "#C46A4A")
    draw_dust(canvas, 7.8, after, "#C46A4A")
    return canvas


def draw_cracks(canvas: Canvas, anger: float) -> None:
    """Draw glowing cracks that spread over the wall as the anger (0..1) grows."""
    glow = Paint(colour="#FFC06A", alpha=anger)
    for path in (
        ((6.3, 3.0), (6.6, 2.2), (6.2, 1.5), (6.7, 0.6)),
        ((9.2, 2.4), (8.8, 1.6), (9.0, 0.8)),
        ((4.3, 2.9), (4.9, 2.5), (5.9, 2.7)),
    ):
        shown = max(1, round(anger * (len(path) - 1)))
        for start, end in itertools.pairwise(path[: shown + 1]):
            canvas.line(start, end, 0.07, glow)


def draw_rubble(canvas: Canvas, age: float) -> None:
    """Throw the pieces of the house outwards; they fall and lie."""
    scatter = np.random.default_rng(5)
    colours = (BLAZE.wall[0], BLAZE.wall[1], BLAZE.roof, BLAZE.door)
    for piece in range(26):
        x0, y0, speed, spin, size = (
            float(v) for v in scatter.uniform((4.2, 0.3, 1.5, -6, 0.14), (9.2, 4.6, 5.0, 6, 0.42))
        )
        away = math.copysign(1.0, x0 - 6.6) * speed * 0.5
        flown = min(age, 1.6)
        height = max(y0 + speed * flown - 4.9 * flown * flown, size * 0.4)
        x, turn = x0 + away * flown, spin * flown
        corners = [(x + size * math.cos(turn + a), height + size * math.sin(turn + a)) for a in (0.0, 1.3, 2.9, 4.4)]
        canvas.polygon(
            corners, Paint(colour=colours[piece % 4], rim=BLAZE.light.rim, light=BLAZE.light.towards, rim_px=4)
        )
