"""The shots of the demo film's first half: a morning, a threat and a chase.

Each function paints the picture of its shot at t seconds; t runs a little past both ends where a shot is dissolved.
"""

import math

from demo_actors import BIG, CIRCLE, LITTLE, Pose, draw_actor, draw_from_above, follow, hop, tremble
from demo_drawing import Camera, Canvas, Paint
from demo_interiors import draw_plan
from demo_palettes import BLAZE, BLAZE_FLOOR, MORNING, STORM
from demo_sets import draw_flower, draw_foreground, draw_house, draw_meadow, draw_outside, draw_tree

LEAVES = "#5FAE7B"


def draw_morning_wide(t: float) -> Canvas:
    """The house on its meadow; the little triangle hops into the morning."""
    canvas = draw_outside(Camera(x=follow(t, (0, 0.4), (4.5, 1.4)), y=2.6, zoom=39 + 0.8 * t), MORNING, t)
    draw_tree(canvas, MORNING, -4.4, LEAVES, t)
    draw_house(canvas, MORNING)
    draw_meadow(canvas, MORNING, t)
    draw_flower(canvas, MORNING, 1.6, 0.1 * math.sin(t))
    lift, stretch = hop(t, 1.33, 0.45)
    draw_actor(canvas, LITTLE, Pose(x=-6.6 + 1.25 * t, y=lift, stretch=stretch, angle=-0.08), MORNING.light)
    return canvas


def draw_little_close(t: float) -> Canvas:
    """The little triangle, near: it hops up to the flower and leans over to smell it."""
    canvas = draw_outside(Camera(x=0.5 + 0.1 * t, y=0.75, zoom=128), MORNING, t)
    draw_meadow(canvas, MORNING, t)
    near = follow(t, (1.3, 0), (2.0, 1), (2.6, 1), (3.0, 0.4))
    draw_flower(canvas, MORNING, 1.6, 0.12 * math.sin(1.7 * t) - 0.3 * near)
    lift, stretch = hop(t, 1.33, 0.35) if t < 1.5 else (0.0, 1.0 + 0.06 * near)
    x = follow(t, (-0.4, -1.6), (1.5, 0.45))
    draw_actor(canvas, LITTLE, Pose(x=x, y=lift, stretch=stretch, angle=-0.3 * near), MORNING.light)
    draw_foreground(canvas, MORNING, t)
    return canvas


def draw_circle_peeks(t: float) -> Canvas:
    """The door opens a crack, then wide: the circle looks out."""
    canvas = draw_outside(Camera(x=4.9 - 0.06 * t, y=1.35, zoom=92 + 2 * t), MORNING, t)
    door = follow(t, (0.3, 0.0), (0.9, 0.35), (1.5, 0.35), (2.2, 1.0))
    draw_house(canvas, MORNING, door)
    draw_meadow(canvas, MORNING, t)
    roll = follow(t, (1.0, 5.35), (2.1, 4.6), (3.4, 3.6))
    size = follow(t, (0.3, 0.6), (1.9, 0.9), (2.6, 1.0))
    if t > 0.4:
        draw_actor(canvas, CIRCLE, Pose(x=roll, stretch=1 + 0.03 * math.sin(6 * t), scale=size), MORNING.light)
    return canvas


def draw_meeting_wide(t: float) -> Canvas:
    """They see each other from afar, come nearer, and stop an arm's length apart."""
    canvas = draw_outside(Camera(x=0.6, y=2.0 - 0.05 * t, zoom=50 + 2.2 * t), MORNING, t + 8)
    draw_tree(canvas, MORNING, -4.4, LEAVES, t)
    draw_house(canvas, MORNING, 1.0)
    draw_meadow(canvas, MORNING, t)
    draw_flower(canvas, MORNING, 0.35, 0.1 * math.sin(t))
    lift, stretch = hop(t, 1.33, 0.4) if t < 2.25 else (0.0, 1.0)
    bow = follow(t, (2.6, 0), (3.0, 1), (3.6, 0))
    draw_actor(
        canvas,
        LITTLE,
        Pose(x=follow(t, (0, -3.4), (2.25, -0.5)), y=lift, stretch=stretch, angle=-0.25 * bow),
        MORNING.light,
    )
    bounce = 0.12 * abs(math.sin(5 * t)) if t > 3.2 else 0.0
    draw_actor(canvas, CIRCLE, Pose(x=follow(t, (0.2, 3.6), (2.4, 1.25)), y=bounce), MORNING.light)
    return canvas


def draw_dance_above(t: float) -> Canvas:
    """From above: they dance around each other, each leaving a fading trail."""
    canvas = draw_plan(Camera(x=-2.6, y=0.0, zoom=58 - 2.0 * t, roll=0.05 * t), MORNING, 1.0)
    for actor, offset in ((LITTLE, 0.0), (CIRCLE, math.pi)):
        trail = MORNING.light.rim
        for step in range(14, 0, -1):
            angle = 2.1 * (t - 0.07 * step) + offset
            spot = (-2.9 + 1.35 * math.cos(angle), 1.35 * math.sin(angle))
            canvas.ellipse(spot, (0.13, 0.13), Paint(colour=trail, alpha=0.28 * (1 - step / 15), soft_px=4))
        angle = 2.1 * t + offset
        pose = Pose(x=-2.9 + 1.35 * math.cos(angle), y=1.35 * math.sin(angle), angle=angle + math.pi / 2)
        draw_from_above(canvas, actor, pose, MORNING.light)
    return canvas


def draw_play_close(t: float) -> Canvas:
    """Near: side by side, they nudge each other and light up."""
    canvas = draw_outside(Camera(x=-2.1, y=0.8, zoom=122 + 2 * t), MORNING, t + 14)
    draw_tree(canvas, MORNING, -4.1, LEAVES, t)
    draw_meadow(canvas, MORNING, t)
    nudge = abs(math.sin(2.1 * t)) ** 3
    draw_actor(
        canvas, LITTLE, Pose(x=-2.72 + 0.12 * nudge, angle=-0.16 * nudge, stretch=1 + 0.05 * nudge), MORNING.light
    )
    draw_actor(canvas, CIRCLE, Pose(x=-1.55 + 0.1 * nudge, y=0.08 * nudge, stretch=1 - 0.05 * nudge), MORNING.light)
    canvas.glow((-2.1, 0.7), 1.5, "#FFF0B0", 0.15 + 0.3 * nudge)
    draw_foreground(canvas, MORNING, t)
    return canvas


def draw_shadow_falls(t: float) -> Canvas:
    """The flower again; a long shadow with a point slides over it, and it bows."""
    canvas = draw_outside(Camera(x=1.5, y=0.62, zoom=150), STORM, t)
    draw_meadow(canvas, STORM, t)
    shade = follow(t, (0.3, 0.0), (1.9, 1.0))
    draw_flower(canvas, STORM, 1.5, 0.1 * math.sin(2 * t) - 0.55 * shade)
    tip = 4.6 - 3.6 * shade
    dark = Paint(colour=STORM.light.shadow, alpha=0.72, soft_px=14)
    canvas.polygon(((tip, 0.0), (7.0, 2.6), (7.0, -2.0), (tip + 0.3, -0.25)), dark)
    canvas.wash(STORM.light.shadow, 0.25 * shade)
    draw_foreground(canvas, STORM, t)
    return canvas


def draw_big_rises(t: float) -> Canvas:
    """The big triangle rises behind the brow of the meadow, the low sun at its back."""
    canvas = draw_outside(Camera(x=1.0, y=1.5 + 0.03 * t, zoom=66 + 2.5 * t, roll=-0.04), STORM, t)
    rise = follow(t, (0.2, -2.6), (1.9, 0.15), (2.5, 0.0), (3.1, 0.0))
    canvas.glow((1.9, 1.9), 3.2, STORM.orb, 0.5)
    draw_actor(canvas, BIG, Pose(x=1.9, y=rise, scale=1.25), STORM.light, shadow=False)
    draw_meadow(canvas, STORM, t)
    draw_foreground(canvas, STORM, t)
    return canvas


def draw_two_freeze(t: float) -> Canvas:
    """Near: the two shrink together and shiver."""
    canvas = draw_outside(Camera(x=-2.2, y=0.75, zoom=140 + 8 * t, roll=0.03), STORM, t)
    draw_meadow(canvas, STORM, t)
    small = follow(t, (0, 1.05), (0.4, 0.84))
    draw_actor(canvas, CIRCLE, Pose(x=-2.72 + tremble(t + 5), stretch=small), STORM.light)
    draw_actor(canvas, LITTLE, Pose(x=-1.85 + tremble(t), stretch=small, angle=0.1), STORM.light)
    canvas.wash(STORM.light.shadow, 0.12 * min(t, 1))
    return canvas


def draw_stalk_above(t: float) -> Canvas:
    """From above: the big triangle comes on in strides, the two give way towards the house."""
    canvas = draw_plan(Camera(x=-1.6, y=0.0, zoom=50 + 1.5 * t, roll=-0.06), STORM, 0.6)
    stride = t + 0.12 * math.sin(4 * math.pi * t / 1.25)
    draw_from_above(canvas, BIG, Pose(x=-7.4 + 1.35 * stride, y=0.9 - 0.1 * t, angle=-0.06, scale=0.8), STORM.light)
    back = follow(t, (0.3, 0.0), (2.5, 1.0))
    draw_from_above(canvas, LITTLE, Pose(x=-3.0 + 0.9 * back, y=0.25 + tremble(t), angle=2.95), STORM.light)
    draw_from_above(canvas, CIRCLE, Pose(x=-1.9 + 1.1 * back, y=-0.55 + tremble(t + 2)), STORM.light)
    return canvas


def draw_shove(t: float) -> Canvas:
    """The big triangle draws itself up and knocks the little one off its feet."""
    blow = 0.72
    after = max(t - blow, 0.0)
    jolt = 0.07 * math.exp(-4 * after) * math.sin(38 * after)
    canvas = draw_outside(Camera(x=0.0 + jolt, y=1.35 + jolt, zoom=84), STORM, t)
    draw_meadow(canvas, STORM, t)
    lunge = follow(t, (0.0, 0.0), (0.45, -0.35), (blow, 0.75), (1.4, 0.45))
    tilt = follow(t, (0.0, 0.0), (0.45, 0.12), (blow, -0.3), (1.3, 0.0))
    flown = min(after * 1.5, 1.0)
    lift = 2.6 * flown * (1 - flown)
    fallen = follow(after, (0.0, 0.0), (0.55, -1.35))
    draw_actor(canvas, LITTLE, Pose(x=0.35 + 1.9 * flown, y=lift, angle=fallen, stretch=0.95), STORM.light)
    draw_actor(canvas, BIG, Pose(x=-1.9 + lunge, angle=tilt), STORM.light)
    draw_dust(canvas, 0.45, after)
    draw_foreground(canvas, STORM, t)
    return canvas


def draw_stand_up(t: float) -> Canvas:
    """The little triangle gets up and puts itself before the circle."""
    canvas = draw_outside(Camera(x=1.3, y=0.95, zoom=116 + 5 * t, roll=-0.02), STORM, t)
    draw_meadow(canvas, STORM, t)
    draw_actor(canvas, CIRCLE, Pose(x=2.6 + tremble(t + 3), stretch=0.93), STORM.light)
    up = follow(t, (0.1, -1.0), (0.7, 0.12), (1.0, 0.0))
    tall = follow(t, (0.6, 0.95), (1.3, 1.14))
    draw_actor(canvas, LITTLE, Pose(x=1.35 + tremble(t, 0.012), angle=up, stretch=tall), STORM.light)
    shade = Paint(colour=STORM.light.shadow, alpha=0.55, soft_px=30)
    canvas.polygon(((-3, -1), (0.1 + 0.15 * t, -1), (-1.3 + 0.15 * t, 3.4), (-3, 3.4)), shade)
    return canvas


def draw_dust(canvas: Canvas, x: float, age: float, colour: str = "#E8C6A8") -> None:
    """Puff up dust where something hit, `age` seconds ago."""
    if not 0 < age < 1.2:
        return
    for step in range(7):
        away = (step - 3) * 0.28 * (1 - math.exp(-4 * age))
        spot = (x + away, 0.1 + 0.35 * age * (1 + 0.5 * math.sin(5 * step)))
        fade = 0.4 * (1 - age / 1.2)
        canvas.ellipse(spot, (0.13 + 0.3 * age, 0.11 + 0.24 * age), Paint(colour=colour, alpha=fade, soft_px=10))


def draw_chase_wide(t: float) -> Canvas:
    """Three silhouettes run along the horizon before a burning sky."""
    canvas = draw_outside(Camera(x=-1.0 + 1.5 * t, y=2.3, zoom=46, roll=0.02 * math.sin(2 * t)), BLAZE, t)
    draw_tree(canvas, BLAZE, -4.4, "#3A0F26", t)
    draw_house(canvas, BLAZE, 1.0)
    draw_meadow(canvas, BLAZE, 4 * t)
    for actor, start, rate, height in ((CIRCLE, -1.6, 3.0, 0.18), (LITTLE, -2.9, 3.0, 0.5), (BIG, -6.6, 1.9, 0.5)):
        lift, stretch = hop(t + start, rate, height)
        speed = 2.75 if actor is BIG else 2.2
        draw_actor(canvas, actor, Pose(x=start + speed * t, y=lift, stretch=stretch, angle=-0.16), BLAZE.light)
    return canvas


def draw_speed(canvas: Canvas, t: float, colour: str) -> None:
    """Streak the air with lines that rush past from right to left."""
    camera = canvas.camera
    for step in range(16):
        phase = (0.37 * step + (2.6 + 0.13 * step) * t) % 1.6
        x = camera.x + (0.9 - phase) * 640 / camera.zoom
        y = camera.y + (math.sin(8.3 * step) * 0.46) * 360 / camera.zoom
        length = (90 + 40 * math.sin(step)) / camera.zoom
        canvas.line((x, y), (x + length, y), 2.4 / camera.zoom, Paint(colour=colour, alpha=0.3, soft_px=2))


def draw_chase_little(t: float) -> Canvas:
    """Near: the little triangle and the circle run for their lives."""
    canvas = draw_outside(Camera(x=8.0 * t, y=0.85 + 0.03 * math.sin(30 * t), zoom=118, roll=0.05), BLAZE, t)
    draw_meadow(canvas, BLAZE, t)
    draw_speed(canvas, t, "#FFD9A0")
    lift, stretch = hop(t, 3.0, 0.28)
    draw_actor(canvas, LITTLE, Pose(x=8.0 * t - 0.55, y=lift, stretch=stretch, angle=-0.28), BLAZE.light)
    draw_actor(canvas, CIRCLE, Pose(x=8.0 * t + 0.85, y=0.1 * abs(math.sin(12 * t)), stretch=0.93), BLAZE.light)
    return canvas


def draw_chase_big(t: float) -> Canvas:
    """Near, from below: the big triangle bears down."""
    canvas = draw_outside(Camera(x=7.0 * t, y=1.45 + 0.05 * math.sin(24 * t), zoom=92 + 16 * t, roll=-0.09), BLAZE, t)
    draw_meadow(canvas, BLAZE, t)
    lift, stretch = hop(t, 2.25, 0.3)
    draw_actor(
        canvas, BIG, Pose(x=7.0 * t - 0.3 + 0.5 * t, y=lift, stretch=stretch, angle=-0.2, scale=1.15), BLAZE.light
    )
    draw_speed(canvas, t, "#FF9A5A")
    return canvas


def draw_chase_above(t: float) -> Canvas:
    """From above: once around the house, the big triangle closing in."""
    canvas = draw_plan(Camera(x=2.6, y=0.0, zoom=39 + 1.2 * t, roll=0.04 * t), BLAZE_FLOOR, 1.0)
    for actor, lag, scale in ((CIRCLE, 0.0, 1.0), (LITTLE, 0.42, 1.0), (BIG, 1.55 - 0.16 * t, 0.8)):
        angle = 2.6 - 1.75 * t + lag
        reach = 1 + (0.12 if actor is BIG else 0.0)
        spot = (3.5 + 5.0 * reach * math.cos(angle), 3.55 * reach * math.sin(angle))
        heading = math.atan2(-3.55 * math.cos(angle), 5.0 * math.sin(angle))
        draw_from_above(canvas, actor, Pose(x=spot[0], y=spot[1], angle=heading, scale=scale), BLAZE_FLOOR.light)
    return canvas


def draw_door_slams(t: float) -> Canvas:
    """They tumble into the house and the door bangs shut behind them."""
    bang = 1.12
    after = max(t - bang, 0.0)
    jolt = 0.08 * math.exp(-5 * after) * math.sin(40 * after)
    canvas = draw_outside(Camera(x=4.7 + jolt, y=1.45 + jolt, zoom=84 + 4 * t), BLAZE, t)
    door = follow(t, (0.75, 1.0), (bang, 0.0))
    draw_house(canvas, BLAZE, door, 0.02 * jolt)
    draw_meadow(canvas, BLAZE, t)
    for actor, arrive in ((CIRCLE, 0.5), (LITTLE, 0.8)):
        if t < arrive:
            lift, stretch = hop(t, 3.0, 0.25)
            x = follow(t, (-0.5, 0.2), (arrive, 5.25))
            size = follow(t, (arrive - 0.25, 1.0), (arrive, 0.7))
            draw_actor(canvas, actor, Pose(x=x, y=lift, stretch=stretch, angle=-0.2, scale=size), BLAZE.light)
    draw_dust(canvas, 5.2, after, "#FF9A5A")
    shade = Paint(colour=BLAZE.light.shadow, alpha=0.8, soft_px=26)
    tip = follow(t, (bang, -2.0), (2.0, 3.3))
    canvas.polygon(((-3, -1), (tip, -1), (tip - 1.5, 4.2), (-3, 4.2)), shade)
    return canvas
