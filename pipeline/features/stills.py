"""The picture details: what is measured of the still of each second."""

import threading
from pathlib import Path

import cv2
import numpy as np

from pipeline.types import Bytes, Floats

FACES = "haarcascade_frontalface_alt2.xml"
SMALLEST_FACE = 1 / 7
"""Smaller faces, as a share of the picture's height, are not looked for: they hold nobody's eye, and are often no faces."""

_EDGE_THRESHOLDS = (80, 160)
_STROKE_CONTRAST = 40
_GROUND_DEVIATION = 10
_SUBTITLES_FROM = 0.8

_detectors = threading.local()


def measure_still(pixels: Bytes) -> Floats:
    """Measure one still.

    Args:
        pixels: (H, W, 3) uint8 RGB.

    Returns:
        (9,) float32, in the order of `PICTURE_DETAILS`.

    Source: Pech-Pacheco et al. (2000) for the variance of the Laplacian; Viola and Jones (2001) for faces, with the
    cascade of Lienhart that OpenCV carries; Canny (1986) for edges.
    """
    luma = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)
    height = len(luma)
    smallest = max(12, round(height * SMALLEST_FACE))
    faces = _face_detector().detectMultiScale(luma, scaleFactor=1.2, minNeighbors=4, minSize=(smallest, smallest))
    red, green, blue = cv2.split(pixels)
    largest = np.maximum(np.maximum(red, green), blue).astype(np.float32)
    least = np.minimum(np.minimum(red, green), blue)
    return np.array(
        [
            np.log10(1 + cv2.Laplacian(luma, cv2.CV_32F).var()),
            max((face[3] for face in faces), default=0) / height,
            (luma < 32).mean(),
            (luma >= 192).mean(),
            ((largest - least) / np.maximum(largest, 1)).mean(),
            (cv2.Canny(luma, *_EDGE_THRESHOLDS) > 0).mean(),
            max(_measure_text(luma, operation) for operation in (cv2.MORPH_TOPHAT, cv2.MORPH_BLACKHAT)),
            _measure_plainness(luma),
            _measure_stripes(luma),
        ],
        np.float32,
    )


def _measure_text(luma: Bytes, operation: int) -> float:
    """Add up the widths of what looks like lines of type: thin strokes, close together in a long low box on even ground.

    The bottom fifth does not count: subtitles stand there.
    """
    height, width = luma.shape
    side = max(3, height // 12 | 1)
    strokes = cv2.morphologyEx(luma, operation, np.ones((side, side), np.uint8)) > _STROKE_CONTRAST
    joined = cv2.morphologyEx(strokes.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((1, max(3, height // 14)), np.uint8))
    total = 0
    for left, top, across, down, area in cv2.connectedComponentsWithStats(joined)[2][1:]:
        if not (0.012 * height <= down <= 0.12 * height and across >= 3 * down and area >= 0.5 * across * down):
            continue
        above, below = luma[max(0, top - 2)], luma[min(height - 1, top + down + 1)]
        ground = np.concatenate([line[left : left + across] for line in (above, below)])
        if top + down < _SUBTITLES_FROM * height and ground.std() <= _GROUND_DEVIATION:
            total += across
    return float(total / width)


def _measure_plainness(luma: Bytes) -> float:
    """Return the share of pixels whose brightness is within 3 of the commonest one."""
    counts = np.bincount(luma.ravel(), minlength=256).astype(np.float64)
    near = np.convolve(counts, np.ones(7), "same")
    return float(near.max() / luma.size)


def _measure_stripes(luma: Bytes) -> float:
    """Return the share of the upper half's variance that its columns' means explain; 0 for an even picture."""
    upper = luma[: len(luma) // 2].astype(np.float32)
    variance = upper.var()
    return float(upper.mean(axis=0).var() / variance) if variance > 1 else 0.0


def _face_detector() -> cv2.CascadeClassifier:
    """Return this thread's detector: one cannot be used by two at once."""
    if not hasattr(_detectors, "faces"):
        cv2.setNumThreads(1)  # Chunks are measured side by side already.
        folder = Path(cv2.__file__).parent / "data"
        _detectors.faces = cv2.CascadeClassifier(str(folder / FACES))
    faces: cv2.CascadeClassifier = _detectors.faces
    return faces
