"""Encoders whose answers people can read: MobileNetV2 and YAMNet with their classes, from files that lie with the data."""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf

WINDOW, HOP = 15_600, 7_680
"""Samples at 16 kHz that YAMNet is given at once, and from one start to the next."""


class Teachers:
    """The two, with the interface of the encoders; their vectors are scores of classes.

    Args:
        folder: where the files are.

    Attributes:
        names: what they are.
        pictures: the 1,001 classes of pictures.
        sounds: the 521 classes of sounds.
    """

    def __init__(self, folder: Path) -> None:
        self.names = {"frames": "MobileNetV2", "audio": "YAMNet", "transcript": "none"}
        self.pictures = (folder / "imagenet_labels.txt").read_text().splitlines()
        with (folder / "yamnet_class_map.csv").open() as rows:
            self.sounds = [row["display_name"] for row in csv.DictReader(rows, delimiter="\t")]
        self._see = tf.lite.Interpreter(str(folder / "mobilenet_v2_1.0_224_quant.tflite"))
        self._hear = tf.lite.Interpreter(str(folder / "yamnet.tflite"))

    def encode_pictures(self, pictures: np.ndarray) -> np.ndarray:
        """Score N pictures; the network was quantised to bytes, 0 to 255."""
        return np.stack([_run(self._see, np.rint(picture * 255).astype(np.uint8)[None]) for picture in pictures])

    def encode_sound(self, samples: np.ndarray) -> np.ndarray:
        """Score the sound every 0.48 s."""
        padded = np.pad(samples, (0, WINDOW))
        starts = range(0, max(len(samples) - WINDOW, 0) + HOP, HOP)
        return np.stack([_run(self._hear, padded[start : start + WINDOW]) for start in starts])

    def encode_lines(self, lines: Sequence[str]) -> np.ndarray:
        """No teacher reads."""
        return np.zeros((len(lines), 1), np.float32)


def _run(interpreter: tf.lite.Interpreter, array: np.ndarray) -> np.ndarray:
    """Run a network on one input."""
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], array)
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])[0].astype(np.float32)
