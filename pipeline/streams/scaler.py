"""Decoded pictures brought to one measuring size: the letterbox cropped off, upright, SDR RGB."""

from collections.abc import Mapping
from fractions import Fraction
from typing import cast

import numpy as np
from av.buffer import Buffer
from av.filter import Graph
from av.video.frame import VideoFrame
from av.video.reformatter import Colorspace

from pipeline.footage import Crop
from pipeline.streams.tonemap import HDR_TRANSFERS, tone_map
from pipeline.types import GRID_HZ, Bytes

MEASURED_WIDTH_PX = 160
MEASURED_HEIGHT_PX = 96
"""The size pictures are measured at, whatever the film's. On Big Buck Bunny, quadrant luminance differs from the full
picture's by 0.04 of 255 and the hash in 0.7 % of its bits; larger sizes gain nothing."""

STILL_BOX_PX = (256, 144)
"""Stills are made to fit in, whatever their proportions."""

_SCALING = "area"
_PIXELS = "gbrp16le"
"""Planes of 16 bits, 256 times the 8-bit values: swscale makes them in less than half the time it takes for rounded RGB of
8 bits, and does not round on the way. Packed RGB of 16 bits comes out in wrong colours where chroma is interpolated in full."""

_HALF, _WHITEST = 128, 255 * 256 + 127
"""What rounds 16 bits to 8, and the largest value that is rounded to 255."""

_SD_WIDTH_PX = 1280
_SD_HEIGHT_PX = 576
"""Untagged pictures narrower than the first and no higher than the second are taken for BT.601, others for BT.709.

Source: `pl_color_system_guess_ycbcr` of libplacebo, which mpv and VLC play with.
"""

_KNOWN_MATRICES = frozenset(
    {
        0,  # RGB: there is no matrix
        int(Colorspace.ITU709),
        int(Colorspace.FCC),
        int(Colorspace.ITU601),
        int(Colorspace.SMPTE170M),
        int(Colorspace.SMPTE240M),
        int(Colorspace.BT2020),
    }
)
"""What swscale converts by itself when a picture is tagged so. It refuses pictures with any other tag."""


class PictureScaler:
    """Crops decoded pictures and scales them, inside the decoder's own libraries.

    Matrix and range are those the picture is tagged with; what is tagged to be turned or mirrored is measured as a
    person sees it; only HDR pictures are touched outside the decoder's libraries, to be tone-mapped.

    Args:
        crop: the part to keep, of the picture as stored; None for all of it.
        pixel_aspect: width of a pixel over its height, to scale pictures to stills of the proportions in which they are
            shown; None to scale them to the measuring size, whatever their proportions.
        box_px: (width, height) in which pictures of their own proportions are made to fit.
        is_shown: whether pictures are for looking at, and may be rounded on the way, which is quicker.
    """

    def __init__(
        self,
        crop: Crop | None,
        *,
        pixel_aspect: Fraction | None = None,
        box_px: tuple[int, int] = STILL_BOX_PX,
        is_shown: bool = False,
    ) -> None:
        self._crop = crop
        self._is_shown = is_shown
        self._box_px = box_px
        self._pixel_aspect = pixel_aspect
        self._graph: Graph | None = None
        self._made_for: tuple[int | str, ...] = ()
        self._is_hdr = False

    def scale(self, frame: VideoFrame) -> Bytes:
        """Return a decoded picture as (H, W, 3) uint8 RGB; (96, 160, 3) at the measuring size."""
        made_for = (
            frame.width,
            frame.height,
            frame.format.name,
            frame.colorspace,
            frame.color_range,
            frame.color_trc,
            frame.rotation,
        )
        if self._graph is None or made_for != self._made_for:
            self._is_hdr = frame.color_trc in HDR_TRANSFERS
            self._graph, self._made_for = self._build_graph(frame), made_for
        self._graph.vpush(frame)
        if self._is_shown and not self._is_hdr:
            return np.asarray(self._graph.vpull().to_ndarray(), np.uint8)
        picture = np.asarray(self._graph.vpull().to_ndarray(), np.uint16)
        if self._is_hdr:
            return tone_map(picture, transfer=frame.color_trc, primaries=frame.color_primaries)
        np.minimum(picture, _WHITEST, out=picture)
        picture += _HALF
        picture >>= 8
        return picture.astype(np.uint8)

    def _build_graph(self, frame: VideoFrame) -> Graph:
        """Chain crop, scale, conversion to RGB and turning for pictures like this one."""
        graph = Graph()
        graph.threads = 1  # Pictures are small; threads of the decoder are worth more.
        nodes = [
            graph.add_buffer(
                width=frame.width,
                height=frame.height,
                format=frame.format,
                time_base=frame.time_base or Fraction(1, GRID_HZ),
            )
        ]
        crop = self._find_crop(frame)
        if crop is not None:
            nodes.append(graph.add("crop", f"{crop.width}:{crop.height}:{crop.left}:{crop.top}"))
        if frame.colorspace not in _KNOWN_MATRICES:
            # A name of the input's own would not do: negotiation fails on tags that swscale has no matrix for.
            nodes.append(graph.add("setparams", f"colorspace={_guess_matrix(frame)}"))
        turns = _find_turns(frame)
        is_sideways = any(name == "transpose" for name, _ in turns)
        width, height = self._choose_size(frame, is_sideways=is_sideways)
        nodes.append(graph.add("scale", f"{width}:{height}:flags={_SCALING}"))
        nodes.append(graph.add("format", "rgb24" if self._is_shown and not self._is_hdr else _PIXELS))
        nodes += [graph.add(name, arguments) for name, arguments in turns]
        nodes.append(graph.add("buffersink"))
        graph.link_nodes(*nodes).configure()
        return graph

    def _find_crop(self, frame: VideoFrame) -> Crop | None:
        """Return the part of a picture to keep; a picture of another size than the crop was measured on is kept whole."""
        fits = self._crop is not None and self._crop.stored == (frame.width, frame.height)
        return self._crop if fits else None

    def _choose_size(self, frame: VideoFrame, *, is_sideways: bool) -> tuple[int, int]:
        """Return the size to scale a picture to before it is turned, pixels."""
        if self._pixel_aspect is None:
            size = (MEASURED_WIDTH_PX, MEASURED_HEIGHT_PX)
            return size[::-1] if is_sideways else size
        box = self._box_px[::-1] if is_sideways else self._box_px
        crop = self._find_crop(frame)
        stored = (frame.width, frame.height) if crop is None else (crop.width, crop.height)
        shown = (stored[0] * self._pixel_aspect, Fraction(stored[1]))
        factor = min(box[0] / shown[0], box[1] / shown[1])
        return max(2, round(shown[0] * factor)), max(2, round(shown[1] * factor))


def _guess_matrix(frame: VideoFrame) -> str:
    """Return the matrix that a picture without a usable tag was most likely made with, by FFmpeg's name."""
    if frame.color_trc in HDR_TRANSFERS:
        return "bt2020nc"
    is_hd = frame.width >= _SD_WIDTH_PX or frame.height > _SD_HEIGHT_PX
    return "bt709" if is_hd else "smpte170m"


def _find_turns(frame: VideoFrame) -> list[tuple[str, str]]:
    """Return the filters, with their arguments, that make a picture stand as its display matrix says.

    The rules are those by which the ffmpeg program turns pictures; an angle that is not a multiple of 90 degrees is
    ignored, as most players do.
    """
    side_data = cast("Mapping[str, Buffer]", frame.side_data)  # PyAV's own annotation is wrong
    data = side_data.get("DISPLAYMATRIX")
    if data is None:
        return []
    matrix = np.frombuffer(bytes(data), np.int32)
    clockwise = -frame.rotation % 360
    mirrored = [("hflip", "")] if matrix[0] < 0 else []
    upended = [("vflip", "")] if matrix[4] < 0 else []
    match clockwise:
        case 90:
            return [("transpose", "cclock_flip" if matrix[3] > 0 else "clock")]
        case 180:
            return mirrored + upended
        case 270:
            return [("transpose", "clock_flip" if matrix[3] < 0 else "cclock")]
        case 0:
            return upended
    return []
