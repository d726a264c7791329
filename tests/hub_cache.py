"""A TensorFlow Hub cache with SavedModels that have the signatures and shapes of the encoders, and small weights."""

import hashlib
from pathlib import Path

import tensorflow as tf

from models.hub_encoders import HANDLES, SIZES

HEARD_HZ = 16_000


class Pictures(tf.Module):
    """The mean colour of a picture, in the first three of 1,280 numbers; refuses pixels that are not from 0 to 1."""

    @tf.function(input_signature=[tf.TensorSpec([None, 224, 224, 3], tf.float32)])
    def __call__(self, pictures: tf.Tensor) -> tf.Tensor:
        """Encode (N, 224, 224, 3)."""
        tf.debugging.assert_less_equal(tf.reduce_max(pictures), 1.0)
        colour = tf.reduce_mean(pictures, axis=[1, 2])
        return tf.pad(colour, [[0, 0], [0, SIZES["frames"] - 3]])


class Sound(tf.Module):
    """The loudness of 0.96 s every 0.48 s, in the first of 1,024 numbers; refuses samples beyond full scale."""

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32)])
    def __call__(self, samples: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """Encode (S,): scores, vectors, and the spectrogram."""
        tf.debugging.assert_less_equal(tf.reduce_max(tf.abs(samples)), 1.5)
        frames = tf.signal.frame(samples, HEARD_HZ * 96 // 100, HEARD_HZ * 48 // 100)
        loudness = tf.sqrt(tf.reduce_mean(frames**2, axis=1, keepdims=True))
        vectors = tf.pad(loudness, [[0, 0], [0, SIZES["audio"] - 1]])
        return tf.pad(loudness, [[0, 0], [0, 520]]), vectors, loudness


class Lines(tf.Module):
    """Which of 512 buckets a line's words fall into."""

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
    def __call__(self, lines: tf.Tensor) -> tf.Tensor:
        """Encode N strings."""
        words = tf.strings.to_hash_bucket_fast(tf.strings.split(tf.strings.lower(lines)), SIZES["transcript"])
        return tf.reduce_sum(tf.one_hot(words, SIZES["transcript"]), axis=1)


def write_hub_cache(folder: Path) -> Path:
    """Write the three SavedModels where TensorFlow Hub looks for the encoders, and return the folder."""
    for stream, module in (("frames", Pictures()), ("audio", Sound()), ("transcript", Lines())):
        tf.saved_model.save(module, str(folder / hash_handle(HANDLES[stream])))
    return folder


def hash_handle(handle: str) -> str:
    """The name of the folder in which TensorFlow Hub keeps what a handle names."""
    return hashlib.sha1(handle.encode(), usedforsecurity=False).hexdigest()
