"""HDR pictures brought to the SDR that the measurements are made for: tone-mapped to BT.709 by lookup tables.

A film is measured alike whether it is delivered in SDR, in PQ or in HLG: HDR reference white, 203 cd/m2, takes the place
of SDR white; what is up to half as bright is left as it is, and highlights up to 1000 cd/m2 are bent below white.

Source: SMPTE ST 2084 (PQ); ARIB STD-B67 and ITU-R BT.2100-2 table 5 (HLG, its system gamma 1.2 at 1000 cd/m2);
ITU-R BT.2408 section 2.1 (reference white); ITU-R BT.2390-10 section 5.4.1 (the curve, an EETF, on the largest component);
ITU-R BT.2087 (BT.2020 to BT.709); ITU-R BT.1886 (the display's gamma, 2.4).
"""

from functools import cache

import numpy as np
import numpy.typing as npt
from av.video.reformatter import ColorPrimaries, ColorTrc

from pipeline.types import Bytes, Floats

HDR_TRANSFERS = frozenset({int(ColorTrc.SMPTE2084), int(ColorTrc.ARIB_STD_B67)})
"""The transfer characteristics, by FFmpeg's numbers, whose pictures must be tone-mapped."""

REFERENCE_WHITE_NITS = 203.0
PEAK_NITS = 1000.0
"""What is brighter is taken for this bright: HLG's nominal peak and that of most PQ masters."""

_PQ_PEAK_NITS = 10_000.0
_SYSTEM_GAMMA = 1.2
_DISPLAY_GAMMA = 2.4
_LUMINANCE = np.array([0.2627, 0.6780, 0.0593], np.float32)
_STEPS = 4096

_TO_BT709 = {
    int(ColorPrimaries.BT2020): np.array(
        [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]], np.float32
    ),
    int(ColorPrimaries.SMPTE432): np.array(
        [[1.2249, -0.2247, 0.0], [-0.0420, 1.0419, 0.0], [-0.0197, -0.0786, 1.0979]], np.float32
    ),
    int(ColorPrimaries.BT709): np.eye(3, dtype=np.float32),
}
"""From linear light in other primaries (P3-D65 among them) to linear light in BT.709's."""


def tone_map(pictures: npt.NDArray[np.uint16], *, transfer: int, primaries: int) -> Bytes:
    """Show HDR pictures on an SDR display.

    Args:
        pictures: (..., 3) uint16, R'G'B' as coded in the film, 255 * 256 for the code of full signal.
        transfer: one of `HDR_TRANSFERS`.
        primaries: FFmpeg's number of the film's primaries; those of BT.2020 if unknown.

    Returns:
        (..., 3) uint8 R'G'B' in BT.709, 255 for SDR white.
    """
    if transfer == ColorTrc.SMPTE2084:
        light = _pq_table()[pictures]
    else:
        light = _hlg_table()[pictures]
        light *= np.power(light @ _LUMINANCE, _SYSTEM_GAMMA - 1)[..., None] * (PEAK_NITS / REFERENCE_WHITE_NITS)
    brightest = light.max(axis=-1) * (REFERENCE_WHITE_NITS / PEAK_NITS)
    light *= _gain_table()[np.rint(np.sqrt(np.minimum(brightest, 1)) * (_STEPS - 1)).astype(np.intp)][..., None]
    light = light @ _TO_BT709.get(primaries, _TO_BT709[int(ColorPrimaries.BT2020)]).T
    # The square root spreads the table's steps evenly over what the eye, and the gamma, tell apart.
    shown: Bytes = _code_table()[np.rint(np.sqrt(np.clip(light, 0, 1)) * (_STEPS - 1)).astype(np.intp)]
    return shown


@cache
def _pq_table() -> Floats:
    """Return the light of every PQ code, reference white 1: (65536,) float32."""
    return (_pq_to_light(_list_codes()) * (_PQ_PEAK_NITS / REFERENCE_WHITE_NITS)).astype(np.float32)


@cache
def _hlg_table() -> Floats:
    """Return the light of the scene for every HLG code, by the inverse OETF, 0..1: (65536,) float32."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    code = _list_codes()
    return np.where(code <= 0.5, code**2 / 3, (np.exp((code - c) / a) + b) / 12).astype(np.float32)


def _list_codes() -> npt.NDArray[np.float64]:
    """Return what each 16-bit value stands for, 0..1: (65536,) float64."""
    return np.minimum(np.arange(65_536) / (255 * 256), 1)


@cache
def _gain_table() -> Floats:
    """Return what light is multiplied by, for the square root of the largest component over the peak: (4096,) float32.

    In PQ codes over the peak's, e up to the knee stays e; above, a Hermite spline that leaves the knee with slope 1
    reaches white's code, w, at the peak with slope 0; the knee lies at 1.5 w - 0.5.
    """
    peak, white = _light_to_pq(np.array([PEAK_NITS, REFERENCE_WHITE_NITS]) / _PQ_PEAK_NITS)
    light = np.linspace(0, 1, _STEPS) ** 2
    code, end = _light_to_pq(light * (PEAK_NITS / _PQ_PEAK_NITS)) / peak, white / peak
    knee = 1.5 * end - 0.5
    t = np.clip((code - knee) / (1 - knee), 0, 1)
    bent = (2 * t**3 - 3 * t**2 + 1) * knee + (t**3 - 2 * t**2 + t) * (1 - knee) + (3 * t**2 - 2 * t**3) * end
    shown = _pq_to_light(np.where(code < knee, code, bent) * peak) * (_PQ_PEAK_NITS / PEAK_NITS)
    gain = np.ones(_STEPS)
    np.divide(shown, light, out=gain, where=code >= knee)
    return gain.astype(np.float32)


@cache
def _code_table() -> Bytes:
    """Return the code that shows the square of each step's light on a display of gamma 2.4: (4096,) uint8."""
    return np.rint(255 * np.linspace(0, 1, _STEPS) ** (2 / _DISPLAY_GAMMA)).astype(np.uint8)


def _pq_to_light(code: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return light over 10,000 cd/m2 for PQ codes in 0..1."""
    m1, m2, c1, c2, c3 = _pq_constants()
    root = np.maximum(code, 0) ** (1 / m2)
    light: npt.NDArray[np.float64] = (np.maximum(root - c1, 0) / (c2 - c3 * root)) ** (1 / m1)
    return light


def _light_to_pq(light: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return PQ codes in 0..1 for light over 10,000 cd/m2."""
    m1, m2, c1, c2, c3 = _pq_constants()
    root = light**m1
    code: npt.NDArray[np.float64] = ((c1 + c2 * root) / (1 + c3 * root)) ** m2
    return code


def _pq_constants() -> tuple[float, float, float, float, float]:
    """Return m1, m2, c1, c2 and c3 of SMPTE ST 2084."""
    return 2610 / 16_384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
