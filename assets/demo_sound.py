"""The instruments and noises of the demo film, synthesised: every one is a function that returns mono samples.

All samples are float32 at 48 kHz, around a peak of 1.
"""

import re
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]

SOUND_HZ = 48_000
_STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}


def pitch_to_hz(pitch: str) -> float:
    """`A4` to 440; sharps are `#`, flats `b`."""
    letter, sign, octave = re.fullmatch(r"([A-G])([#b]?)(\d)", pitch).groups()  # type: ignore[union-attr]
    step = _STEPS[letter] + {"#": 1, "b": -1, "": 0}[sign] + 12 * (int(octave) - 4)
    return float(440.0 * 2 ** ((step - 9) / 12))


def _samples(values: npt.ArrayLike) -> Samples:
    """Anything numpy reads, as samples."""
    return np.asarray(values, dtype=np.float32)


def _clock(seconds: float) -> Samples:
    """The time of every sample: (N,) float32 seconds."""
    return _samples(np.arange(round(seconds * SOUND_HZ)) / SOUND_HZ)


def _partials(time: Samples, hz: float, levels: Sequence[float], vibrato: float = 0.0) -> Samples:
    """A sum of harmonics with the given levels, leaving out what no loudspeaker should play."""
    phase = 2 * np.pi * hz * time.astype(np.float64)
    if vibrato:
        phase += vibrato * np.sin(2 * np.pi * 5.2 * time) * np.clip(time * 3, 0, 1)
    tone = np.zeros(len(time))
    for number, level in enumerate(levels, start=1):
        if hz * number < 9000:
            tone += level * np.sin(number * phase)
    return _samples(tone / max(sum(levels), 1e-9))


def _envelope(time: Samples, attack: float, hold: float, release: float) -> Samples:
    """Rise for `attack` seconds, stay until `hold`, and fall away exponentially with the time constant `release`."""
    rise = np.clip(time / attack, 0, 1)
    fall = np.exp(-np.clip(time - hold, 0, None) / release)
    end = np.clip((time[-1] - time) / 0.02, 0, 1)
    return _samples(rise * fall * end)


def play_box(hz: float, seconds: float) -> Samples:
    """A music box: a struck comb that rings on."""
    time = _clock(1.8)
    ring = np.exp(-time * 3.2)
    tone = np.sin(2 * np.pi * hz * time) + 0.3 * np.sin(4 * np.pi * hz * time) * ring
    tone += 0.16 * np.sin(2 * np.pi * 5.4 * hz * time) * ring**4
    return _samples(0.7 * tone * _envelope(time, 0.003, 0.0, 0.42))


def play_flute(hz: float, seconds: float) -> Samples:
    """A soft flute with a little vibrato."""
    time = _clock(seconds + 0.4)
    return _samples(_partials(time, hz, (1.0, 0.22, 0.1, 0.03), 0.25) * _envelope(time, 0.07, seconds * 0.9, 0.1))


def play_pad(hz: float, seconds: float) -> Samples:
    """Slow strings: three voices a little out of tune."""
    time = _clock(seconds + 1.0)
    levels = [1 / n**1.7 for n in range(1, 9)]
    voices = sum(_partials(time, hz * detune, levels) for detune in (0.9965, 1.0, 1.0038))
    return _samples(voices * _envelope(time, min(0.35, seconds / 3), seconds, 0.3) / 2.2)


def play_brass(hz: float, seconds: float) -> Samples:
    """Low brass that swells into the note."""
    time = _clock(seconds + 0.5)
    dull = _partials(time, hz, [1 / n**1.8 for n in range(1, 10)])
    bright = _partials(time, hz, [1 / n**0.9 for n in range(1, 16)])
    swell = np.clip(time / max(seconds, 0.2), 0, 1)
    return _samples((dull + (bright - dull) * 0.7 * swell) * _envelope(time, 0.06, seconds * 0.92, 0.12))


def play_strings(hz: float, seconds: float) -> Samples:
    """A short bow stroke."""
    time = _clock(seconds + 0.25)
    tone = _partials(time, hz, [1 / n**1.05 for n in range(1, 14)])
    return _samples(tone * _envelope(time, 0.012, seconds * 0.45, 0.09))


def play_tremolo(hz: float, seconds: float) -> Samples:
    """Bows that shiver on one note and grow."""
    time = _clock(seconds + 0.3)
    tone = _partials(time, hz, [1 / n**1.35 for n in range(1, 10)])
    shiver = 0.62 + 0.38 * np.sin(2 * np.pi * 11.5 * time)
    swell = 0.35 + 0.65 * np.clip(time / max(seconds, 0.1), 0, 1)
    return _samples(tone * shiver * swell * _envelope(time, 0.1, seconds, 0.1))


def play_bass(hz: float, seconds: float) -> Samples:
    """A plucked bass."""
    time = _clock(seconds + 0.5)
    return _samples(_partials(time, hz, (1.0, 0.5, 0.25, 0.12, 0.06)) * _envelope(time, 0.008, 0.08, 0.28))


def play_drum(hz: float, seconds: float) -> Samples:
    """A big drum: a tone that falls to `hz`, and the skin's slap."""
    time = _clock(0.7)
    fall = 2 * np.pi * np.cumsum(hz * (1 + 1.6 * np.exp(-time * 28))) / SOUND_HZ
    slap = _noise(len(time), 200, 2500, 3) * np.exp(-time * 70) * 0.35
    return _samples((np.sin(fall) * np.exp(-time * 7.5) + slap) * _envelope(time, 0.002, 0.5, 0.1))


INSTRUMENTS: Mapping[str, Callable[[float, float], Samples]] = {
    "box": play_box,
    "flute": play_flute,
    "pad": play_pad,
    "brass": play_brass,
    "strings": play_strings,
    "tremolo": play_tremolo,
    "bass": play_bass,
    "drum": play_drum,
}
"""What a track of the score can be played on."""


def _noise(count: int, low_hz: float, high_hz: float, seed: int) -> Samples:
    """Noise between two frequencies with gentle edges, peak 1: (count,)."""
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(count))
    hz = np.maximum(np.fft.rfftfreq(count, 1 / SOUND_HZ), 1.0)
    shape = 1 / np.sqrt(1 + (low_hz / hz) ** 4) / np.sqrt(1 + (hz / high_hz) ** 4)
    noise = np.fft.irfft(spectrum * shape, count)
    return _samples(noise / np.abs(noise).max())


def make_step(seconds: float) -> Samples:
    """A small hop's landing."""
    time = _clock(0.16)
    knock = np.sin(2 * np.pi * 320 * time * (1 - 0.6 * time)) * np.exp(-time * 42)
    return _samples(0.7 * knock + 0.4 * _noise(len(time), 500, 2200, 11) * np.exp(-time * 60))


def make_stomp(seconds: float) -> Samples:
    """The big triangle's step: felt more than heard."""
    time = _clock(0.6)
    thud = np.sin(2 * np.pi * np.cumsum(46 + 60 * np.exp(-time * 30)) / SOUND_HZ) * np.exp(-time * 9)
    return _samples(thud + 0.35 * _noise(len(time), 60, 700, 12) * np.exp(-time * 18))


def make_impact(seconds: float) -> Samples:
    """A blow."""
    time = _clock(0.9)
    body = np.sin(2 * np.pi * np.cumsum(52 + 130 * np.exp(-time * 22)) / SOUND_HZ) * np.exp(-time * 6)
    return _samples(body + 0.6 * _noise(len(time), 90, 3200, 13) * np.exp(-time * 16))


def make_crash(seconds: float) -> Samples:
    """Walls that fall: one blow and many small ones after it."""
    time = _clock(2.2)
    rubble = _noise(len(time), 70, 2600, 14) * np.exp(-time * 2.4)
    patter = np.zeros(len(time))
    for start in np.random.default_rng(15).uniform(0.1, 1.5, 22):
        patter += np.where(time > start, np.exp(-np.clip(time - start, 0, None) * 38), 0) * (1 - start / 2)
    boom = np.sin(2 * np.pi * np.cumsum(38 + 90 * np.exp(-time * 9)) / SOUND_HZ) * np.exp(-time * 2.6)
    fall = 0.8 * boom + rubble * (0.4 + 0.5 * np.clip(patter, 0, 1.5))
    return _samples(fall * _envelope(time, 0.004, 2.0, 0.3))


def make_slam(seconds: float) -> Samples:
    """A door that falls shut."""
    time = _clock(0.7)
    wood = np.sin(2 * np.pi * 92 * time) * np.exp(-time * 13) + 0.5 * np.sin(2 * np.pi * 171 * time) * np.exp(
        -time * 19
    )
    return _samples(wood + 0.7 * _noise(len(time), 120, 4000, 16) * np.exp(-time * 40))


def make_creak(seconds: float) -> Samples:
    """A hinge that wants oil."""
    time = _clock(max(seconds, 0.3))
    hz = 240 + 90 * np.sin(2 * np.pi * 0.7 * time) + 25 * np.sin(2 * np.pi * 13 * time)
    phase = np.cumsum(hz) / SOUND_HZ
    stick = np.exp(-((phase % 1.0) * 7))
    swell = np.sqrt(np.clip(np.sin(np.pi * time / time[-1]), 0, 1))
    return _samples(0.6 * (stick - stick.mean()) * swell)


def make_heartbeat(seconds: float) -> Samples:
    """Two soft thumps."""
    time = _clock(0.7)
    first = np.sin(2 * np.pi * 54 * time) * np.exp(-time * 20)
    later = np.clip(time - 0.24, 0, None)
    second = 0.7 * np.sin(2 * np.pi * 48 * later) * np.exp(-later * 20)
    return _samples(first + second)


def make_wind(seconds: float) -> Samples:
    """Wind that comes and goes."""
    time = _clock(max(seconds, 0.5))
    gust = 0.55 + 0.45 * np.sin(2 * np.pi * time / 2.7 - 1)
    edges = np.clip(time / 0.3, 0, 1) * np.clip((time[-1] - time) / 0.3, 0, 1)
    return _samples(_noise(len(time), 180, 620, 17) * gust * edges)


def make_rain(seconds: float) -> Samples:
    """Thin rain."""
    time = _clock(max(seconds, 0.5))
    edges = np.clip(time / 0.4, 0, 1) * np.clip((time[-1] - time) / 0.4, 0, 1)
    return _samples(_noise(len(time), 1400, 5200, 18) * edges)


def make_birds(seconds: float) -> Samples:
    """Two birds answer each other."""
    time = _clock(max(seconds, 0.6))
    song = np.zeros(len(time))
    random = np.random.default_rng(19)
    for start in np.arange(0.15, time[-1] - 0.3, 0.62):
        for note in range(int(random.integers(2, 5))):
            local = np.clip(time - start - 0.09 * note, 0, 0.075)
            chirp = np.sin(2 * np.pi * (2500 + 240 * random.uniform(-1, 2)) * local + 40 * local**2 * 900)
            song += chirp * np.sin(np.pi * local / 0.075) ** 2 * random.uniform(0.4, 1.0)
    return _samples(0.5 * song)


def make_whoosh(seconds: float) -> Samples:
    """Something that flies past."""
    time = _clock(max(seconds, 0.4))
    rise = np.sin(np.pi * np.clip(time / time[-1], 0, 1)) ** 3
    return _samples(_noise(len(time), 350, 1800, 20) * rise)


def make_crickets(seconds: float) -> Samples:
    """Crickets in the grass."""
    time = _clock(max(seconds, 0.5))
    pulse = np.clip(np.sin(2 * np.pi * 19 * time), 0, 1) ** 2 * (np.sin(2 * np.pi * 1.3 * time) > -0.2)
    edges = np.clip(time / 0.3, 0, 1) * np.clip((time[-1] - time) / 0.3, 0, 1)
    return _samples(np.sin(2 * np.pi * 4100 * time) * pulse * edges)


NOISES: Mapping[str, Callable[[float], Samples]] = {
    "step": make_step,
    "stomp": make_stomp,
    "impact": make_impact,
    "crash": make_crash,
    "slam": make_slam,
    "creak": make_creak,
    "heartbeat": make_heartbeat,
    "wind": make_wind,
    "rain": make_rain,
    "birds": make_birds,
    "whoosh": make_whoosh,
    "crickets": make_crickets,
}
"""What can be heard beside the music; each is given how long it should last, where it has no length of its own."""
