"""Plays the score of the demo film and mixes the sound of a whole cut."""

from collections.abc import Sequence

import numpy as np
from demo_score import Cue
from demo_sound import INSTRUMENTS, NOISES, SOUND_HZ, Samples, pitch_to_hz


def render_cue(cue: Cue, seconds: float) -> Samples:
    """Play a cue.

    Args:
        cue: what to play.
        seconds: how long its shot is; the beats fill it.

    Returns:
        (N, 2) float32, longer than the shot: the last notes ring on.
    """
    beat = seconds / cue.beats
    sound = np.zeros((round((seconds + 3) * SOUND_HZ), 2), dtype=np.float32)
    for number, (instrument, gain, notes) in enumerate(cue.tracks):
        pan = (-0.25, 0.25, -0.1, 0.1)[number % 4]
        position = 0.0
        for note in notes.split():
            chord, length = note.split(":")
            for pitch in [] if chord == "-" else chord.split("+"):
                samples = INSTRUMENTS[instrument](pitch_to_hz(pitch), float(length) * beat)
                _add(sound, samples * np.float32(gain), position * beat, pan)
            position += float(length)
    for noise, gain, start, duration in cue.noises:
        _add(sound, NOISES[noise](duration * beat) * np.float32(gain), start * beat, 0.15)
    return sound


def _add(sound: Samples, samples: Samples, start_s: float, pan: float) -> None:
    """Add mono samples to (N, 2) stereo sound at a time, panned -1 (left) to 1."""
    first = round(start_s * SOUND_HZ)
    samples = samples[: len(sound) - first]
    angle = (pan + 1) * np.pi / 4
    sound[first : first + len(samples), 0] += samples * np.float32(np.cos(angle) * np.sqrt(2))
    sound[first : first + len(samples), 1] += samples * np.float32(np.sin(angle) * np.sqrt(2))


def mix_sound(placed: Sequence[tuple[Cue, float, float]], seconds: float) -> Samples:
    """Mix the cues of a whole cut, with a room around them.

    Args:
        placed: (cue, start, length) of every shot, seconds.
        seconds: how long the cut is.

    Returns:
        (N, 2) float32 at 48 kHz, peak at most 0.68.
    """
    dry = np.zeros((round(seconds * SOUND_HZ), 2), dtype=np.float32)
    for cue, start_s, length_s in placed:
        sound, first = render_cue(cue, length_s), round(start_s * SOUND_HZ)
        sound = sound[: len(dry) - first]
        dry[first : first + len(sound)] += sound
    mixed = dry + 0.16 * _reverberate(dry)
    mixed -= mixed.mean(axis=0)
    # Quiet passages stay as they are; the loudest peaks bend instead of breaking.
    limited = 0.68 * np.tanh(mixed / 0.68)
    count = np.arange(len(dry)) / SOUND_HZ
    ends = np.clip(count / 0.05, 0, 1) * np.clip(count[::-1] / 0.8, 0, 1)
    return (limited * ends[:, None]).astype(np.float32)


def _reverberate(sound: Samples, seconds: float = 1.5) -> Samples:
    """The echo of a wooden hall: sound convolved with noise that dies away."""
    count = round(seconds * SOUND_HZ)
    time = np.arange(count) / SOUND_HZ
    echo = np.empty_like(sound)
    size = 1 << (len(sound) + count - 1).bit_length()
    for channel in range(2):
        response = np.random.default_rng(30 + channel).standard_normal(count) * np.exp(-time * 4.6)
        response = np.convolve(response, np.ones(6) / 6, mode="same")
        response /= np.sqrt((response**2).sum())
        spectrum = np.fft.rfft(sound[:, channel], size) * np.fft.rfft(response, size)
        echo[:, channel] = np.fft.irfft(spectrum, size)[: len(sound)]
    return echo
