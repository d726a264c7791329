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

_detectors = threading.local()


def measure_still(pixels: Bytes) -> Floats:
    """Measure one still.

    Args:
        pixels: (H, W, 3) uint8 RGB.

    Returns:
        (6,) float32, in the order of `PICTURE_DETAILS`.

    Source: Pech-Pacheco et al. (2000) for the variance of the Laplacian; Viola and Jones (2001) for faces, with the
    cascade of Lienhart that OpenCV carries; Canny (1986) for edges.
    """
    luma = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    height = len(luma)
    smallest = max(12, round(height * SMALLEST_FACE))
    faces = _face_detector().detectMultiScale(luma, scaleFactor=1.2, minNeighbors=4, minSize=(smallest, smallest))
    largest, least = pixels.max(axis=2).astype(np.float32), pixels.min(axis=2)
    return np.array(
        [
            np.log10(1 + cv2.Laplacian(luma, cv2.CV_32F).var()),
            max((face[3] for face in faces), default=0) / height,
            (luma < 32).mean(),
            (luma >= 192).mean(),
            ((largest - least) / np.maximum(largest, 1)).mean(),
            (cv2.Canny(luma, *_EDGE_THRESHOLDS) > 0).mean(),
        ],
        np.float32,
    )


def _face_detector() -> cv2.CascadeClassifier:
    """Return this thread's detector: one cannot be used by two at once."""
    if not hasattr(_detectors, "faces"):
        cv2.setNumThreads(1)  # Chunks are measured side by side already.
        folder = Path(cv2.__file__).parent / "data"
        _detectors.faces = cv2.CascadeClassifier(str(folder / FACES))
    faces: cv2.CascadeClassifier = _detectors.faces
    return faces
