"""A watermark that is burned into pictures."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from pipeline.types import Bytes, Floats

ALPHA = 0.55
"""How much of the picture under a letter is covered."""


@dataclass(frozen=True, kw_only=True)
class Watermark:
    """What is mixed into a corner of every picture.

    Attributes:
        top: first row, pixels.
        left: first column, pixels.
        colour: (H, W, 3) float32, what is mixed in, already weighted.
        keep: (H, W, 1) float32 in 0..1, how much of the picture stays.
    """

    top: int
    left: int
    colour: Floats
    keep: Floats


FONT = str(files("font_source_sans_pro") / "files" / "SourceSansPro-Semibold.ttf")
"""Latin, Greek and Cyrillic; Pillow's own font knows no accents."""


def draw_watermark(words: Sequence[str], *, size: tuple[int, int]) -> Watermark | None:
    """Draw words for the lower left corner of pictures: white letters with a dark edge.

    Args:
        words: what to say; empty words are left out.
        size: (width, height) of the pictures, pixels.

    Returns:
        The watermark, never wider than the pictures; None if there is nothing to say.
    """
    text = "  ·  ".join(word.strip() for word in words if word.strip())
    width, height = size
    letters = max(8, min(width, height) // 26)
    margin = letters // 2
    if not text or width < 4 * letters or height < 3 * letters:
        return None
    font = ImageFont.truetype(FONT, letters)
    while len(text) > 1 and font.getlength(text) > width - 4 * margin:
        text = text[:-2].rstrip() + "…"
    box = font.getbbox(text, stroke_width=2)
    image = Image.new("RGBA", (int(box[2] - box[0]) + 2, int(box[3] - box[1]) + 2), (0, 0, 0, 0))
    ImageDraw.Draw(image).text(
        (1 - box[0], 1 - box[1]), text, font=font, fill=(255, 255, 255, 255), stroke_width=2, stroke_fill=(0, 0, 0, 255)
    )
    drawn = np.asarray(image, np.float32)[: height - margin, : width - margin]
    alpha = drawn[..., 3:] * np.float32(ALPHA / 255)
    return Watermark(top=height - margin - drawn.shape[0], left=margin, colour=drawn[..., :3] * alpha, keep=1 - alpha)


def stamp_picture(picture: Bytes, mark: Watermark | None) -> Bytes:
    """Burn a watermark into a picture: (H, W, 3) uint8; the one given is left as it is."""
    if mark is None:
        return picture
    stamped = np.array(picture)
    rows = slice(mark.top, mark.top + mark.keep.shape[0])
    columns = slice(mark.left, mark.left + mark.keep.shape[1])
    stamped[rows, columns] = np.round(stamped[rows, columns] * mark.keep + mark.colour).astype(np.uint8)
    return stamped
