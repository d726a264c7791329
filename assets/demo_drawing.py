"""Draws anti-aliased shapes by their signed distance, seen through a camera.

A shape is covered where its signed distance (pixels, negative inside) is below half a pixel; the same distance gives
rounded corners, soft shadows and the light along an edge. Coordinates are those of the stage: x to the right, y up.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Point = tuple[float, float]

WIDTH_PX, HEIGHT_PX = 640, 360
_COLUMNS = np.arange(WIDTH_PX, dtype=np.float32) + 0.5
_ROWS = (np.arange(HEIGHT_PX, dtype=np.float32) + 0.5)[:, None]
_VIGNETTE = 1 - 0.22 * np.clip(
    ((_COLUMNS / WIDTH_PX - 0.5) ** 2 + (_ROWS / HEIGHT_PX - 0.5) ** 2 - 0.12) / 0.38, 0, 1
).astype(np.float32)
# The same grain in every picture: it hides the steps of an 8-bit gradient and costs the encoder next to nothing.
_GRAIN = np.random.default_rng(1944).triangular(-0.7, 0, 0.7, (HEIGHT_PX, WIDTH_PX, 1)).astype(np.float32)


@dataclass(frozen=True, kw_only=True)
class Camera:
    """Where the stage is seen from.

    Attributes:
        x: the stage's x in the middle of the picture.
        y: the stage's y in the middle of the picture.
        zoom: pixels a unit of the stage.
        roll: radians the camera leans, counter-clockwise.
    """

    x: float
    y: float
    zoom: float
    roll: float = 0.0

    def project(self, points: Sequence[Point]) -> Floats:
        """Stage to picture: (N, 2) points to (N, 2) float32 pixels, the origin at the top left."""
        away = np.asarray(points, dtype=np.float32) - np.array([self.x, self.y], dtype=np.float32)
        cos, sin = np.cos(self.roll), np.sin(self.roll)
        x = away[:, 0] * cos + away[:, 1] * sin
        y = away[:, 1] * cos - away[:, 0] * sin
        return np.stack([WIDTH_PX / 2 + self.zoom * x, HEIGHT_PX / 2 - self.zoom * y], axis=1).astype(np.float32)

    def behind(self, nearness: float, wide_zoom: float = 40.0) -> "Camera":
        """The camera for a layer far behind the stage, which moves and grows less (nearness 0..1)."""
        zoom = wide_zoom + (self.zoom - wide_zoom) * nearness
        return replace(self, x=self.x * nearness, y=2.6 + (self.y - 2.6) * nearness, zoom=zoom)


@dataclass(frozen=True, kw_only=True)
class Paint:
    """What a shape is filled with.

    Attributes:
        colour: `#RRGGBB`.
        lower: the colour at the bottom of the shape, for a gradient; the same colour when None.
        alpha: opacity, 0..1.
        soft_px: how wide the edge is, pixels; 1 is sharp.
        rim: the colour of the light along the edge that faces it; no light when None.
        light: where the light comes from, as a direction on the stage.
        rim_px: how far the light reaches into the shape, pixels.
    """

    colour: str
    lower: str | None = None
    alpha: float = 1.0
    soft_px: float = 1.0
    rim: str | None = None
    light: Point = (-0.6, 0.8)
    rim_px: float = 8.0


@lru_cache(maxsize=256)
def colour_to_rgb(colour: str) -> Floats:
    """`#RRGGBB` to (3,) float32 in [0, 1]."""
    return np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)], dtype=np.float32)


def mix_colours(first: str, second: str, share: float) -> str:
    """The colour that lies `share` (0..1) of the way from the first to the second."""
    rgb = colour_to_rgb(first) + (colour_to_rgb(second) - colour_to_rgb(first)) * np.float32(np.clip(share, 0, 1))
    return "#" + "".join(f"{round(float(channel) * 255):02X}" for channel in rgb)


class Canvas:
    """One picture being painted: (H, W, 3) float32 in [0, 1], later shapes over earlier ones."""

    def __init__(self, camera: Camera, pixels: Floats | None = None) -> None:
        self.camera = camera
        self.pixels = np.zeros((HEIGHT_PX, WIDTH_PX, 3), dtype=np.float32) if pixels is None else pixels

    def through(self, camera: Camera) -> "Canvas":
        """The same picture seen through another camera."""
        return Canvas(camera, self.pixels)

    def sky(self, top: str, middle: str, bottom: str) -> None:
        """Fill the picture with a gradient of three colours, the middle one a little below half."""
        stops = np.stack([colour_to_rgb(top), colour_to_rgb(middle), colour_to_rgb(bottom)])
        rows = _ROWS[:, 0] / HEIGHT_PX
        gradient = np.stack([np.interp(rows, (0.0, 0.55, 0.9), stops[:, i]) for i in range(3)], axis=1)
        self.pixels[:] = gradient[:, None, :]

    def polygon(self, points: Sequence[Point], paint: Paint, corner: float = 0.0) -> None:
        """Fill a closed polygon whose corners are rounded outwards by `corner` units."""
        corners, reach = self.camera.project(points), corner * self.camera.zoom
        box = self._box(corners.min(axis=0), corners.max(axis=0), reach + paint.soft_px + 1)
        if box is None:
            return
        x, y = _COLUMNS[box[1]], _ROWS[box[0]]
        nearest = np.full((y.shape[0], x.shape[0]), np.inf, dtype=np.float32)
        inside = np.zeros(nearest.shape, dtype=np.bool_)
        for (ax, ay), (bx, by) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
            nearest = np.minimum(nearest, _segment_distance_squared(x, y, (ax, ay), (bx, by)))
            if ay != by:
                inside ^= ((ay > y) != (by > y)) & (x < (bx - ax) * (y - ay) / (by - ay) + ax)
        distance = np.where(inside, -1, 1) * np.sqrt(nearest) - reach
        self._fill(box, distance.astype(np.float32), paint)

    def line(self, start: Point, end: Point, width: float, paint: Paint) -> None:
        """Draw a straight stroke with round ends, `width` units wide."""
        ends, reach = self.camera.project([start, end]), width * self.camera.zoom / 2
        box = self._box(ends.min(axis=0), ends.max(axis=0), reach + paint.soft_px + 1)
        if box is None:
            return
        squared = _segment_distance_squared(_COLUMNS[box[1]], _ROWS[box[0]], tuple(ends[0]), tuple(ends[1]))
        self._fill(box, np.sqrt(squared) - np.float32(reach), paint)

    def ellipse(self, centre: Point, radii: Point, paint: Paint, angle: float = 0.0) -> None:
        """Fill an ellipse with the given half axes (units), turned counter-clockwise by `angle` radians."""
        middle = self.camera.project([centre])[0]
        rx, ry = (max(radius * self.camera.zoom, 0.1) for radius in radii)
        box = self._box(middle, middle, max(rx, ry) + paint.soft_px + 1)
        if box is None:
            return
        x, y = _COLUMNS[box[1]] - middle[0], _ROWS[box[0]] - middle[1]
        turn = angle - self.camera.roll
        u, v = x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)
        scaled = np.hypot(u / rx, v / ry)
        slope = np.maximum(np.hypot(u / rx**2, v / ry**2), 1e-6)
        # Exact for a circle, and to first order along the edge of an ellipse.
        distance = np.where(scaled < 1e-3, -min(rx, ry), scaled * (scaled - 1) / slope)
        self._fill(box, distance.astype(np.float32), paint)

    def glow(self, centre: Point, radius: float, colour: str, alpha: float) -> None:
        """Add light that falls off as a Gaussian, `radius` units to where it is a tenth."""
        if alpha <= 0:
            return
        middle, reach = self.camera.project([centre])[0], radius * self.camera.zoom
        box = self._box(middle, middle, 1.6 * reach)
        if box is None:
            return
        squared = (_COLUMNS[box[1]] - middle[0]) ** 2 + (_ROWS[box[0]] - middle[1]) ** 2
        light = (alpha * np.exp(-2.3 * squared / reach**2)).astype(np.float32)[..., None] * colour_to_rgb(colour)
        region = self.pixels[box]
        region += (1 - region) * light

    def ridge(self, height: Callable[[Floats], Floats], paint: Paint) -> None:
        """Fill everything below a height that is given for every x of the stage."""
        camera = self.camera
        x = camera.x + (_COLUMNS - WIDTH_PX / 2) / camera.zoom
        top = HEIGHT_PX / 2 - camera.zoom * (height(x) - camera.y) + np.tan(camera.roll) * (_COLUMNS - WIDTH_PX / 2)
        rows = slice(int(np.clip(top.min() - paint.soft_px, 0, HEIGHT_PX)), HEIGHT_PX)
        cover = np.clip((_ROWS[rows] - top) / paint.soft_px + 0.5, 0, 1) * paint.alpha
        below = np.clip((_ROWS[rows] - top.min()) / 150, 0, 1)
        self._blend((rows, slice(None)), cover.astype(np.float32), paint, below.astype(np.float32))

    def wash(self, colour: str, alpha: float) -> None:
        """Lay one colour over the whole picture."""
        self.pixels += (colour_to_rgb(colour) - self.pixels) * np.float32(alpha)

    def finish(self) -> npt.NDArray[np.uint8]:
        """The picture as (H, W, 3) uint8 RGB, its corners darkened."""
        levels = self.pixels * _VIGNETTE[..., None] * 255 + _GRAIN
        return np.clip(np.rint(levels), 0, 255).astype(np.uint8)

    @staticmethod
    def _box(low: Floats, high: Floats, margin: float) -> tuple[slice, slice] | None:
        """The rows and columns that a shape can touch; None when it lies outside the picture."""
        left, top = (max(int(edge - margin), 0) for edge in low)
        right, bottom = min(int(high[0] + margin) + 1, WIDTH_PX), min(int(high[1] + margin) + 1, HEIGHT_PX)
        return (slice(top, bottom), slice(left, right)) if left < right and top < bottom else None

    def _fill(self, box: tuple[slice, slice], distance: Floats, paint: Paint) -> None:
        """Blend a paint in where the distance is negative, and light the edge that faces the light."""
        cover = np.clip(0.5 - distance / paint.soft_px, 0, 1) * np.float32(paint.alpha)
        if min(cover.shape) < 2:
            return
        rows = np.linspace(0, 1, cover.shape[0], dtype=np.float32)[:, None]
        self._blend(box, cover, paint, rows)
        if paint.rim is not None:
            down, right = np.gradient(distance)
            length = np.maximum(np.hypot(down, right), 1e-6)
            facing = np.clip((right * paint.light[0] - down * paint.light[1]) / length, 0, 1)
            edge = np.clip(1 + distance / paint.rim_px, 0, 1) ** 2 * facing * cover
            lit = Paint(colour=paint.rim)
            self._blend(box, edge.astype(np.float32), lit, rows)

    def _blend(self, box: tuple[slice, slice], cover: Floats, paint: Paint, lower_share: Floats) -> None:
        """Move the pixels of a box towards the paint by `cover`; `lower_share` says how much of the lower colour."""
        region, colour = self.pixels[box], colour_to_rgb(paint.colour)
        if paint.lower is None:
            region += (colour - region) * cover[..., None]
        else:
            fill = colour + (colour_to_rgb(paint.lower) - colour) * lower_share[..., None]
            region += (fill - region) * cover[..., None]


def _segment_distance_squared(x: Floats, y: Floats, a: Point, b: Point) -> Floats:
    """The squared distance of every pixel from the segment a-b: (rows, columns) float32."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    along = np.clip(((x - a[0]) * dx + (y - a[1]) * dy) / max(dx * dx + dy * dy, 1e-9), 0, 1)
    squared: Floats = ((x - a[0] - along * dx) ** 2 + (y - a[1] - along * dy) ** 2).astype(np.float32)
    return squared
