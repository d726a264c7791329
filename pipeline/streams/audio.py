"""Sound: 48 kHz stereo, placed in film time by its presentation stamps."""

import math
from collections import deque
from fractions import Fraction

import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler

from pipeline.types import SOUND_HZ, Floats

_SLACK = SOUND_HZ // 50
"""Samples (20 ms) by which stamps may drift from the samples counted before they are believed instead."""

_LOUDEST = 8.0
"""Full scale is 1; mixing channels down may pass it. What lies beyond this is damage in a floating-point track."""

_LOWEST_HZ, _HIGHEST_HZ = 1_000, 1_000_000
"""Rates of sound; at others a file of a few bytes would fill the memory."""


class SoundTrack:
    """The sound of every second, gathered while frames are decoded.

    Mono is heard from both channels alike; more than two channels are mixed down by swresample's standard matrix, which
    may pass full scale. Before a late start and in gaps there is silence; where packets were damaged, seconds of which
    half and more are lost are left empty instead.

    Args:
        origin_s: film time 0 in the container's time, seconds.
        duration_s: where the film ends, seconds; what sounds later is left out.
    """

    def __init__(self, *, origin_s: Fraction, duration_s: Fraction) -> None:
        self._origin_s = origin_s
        self._end = math.ceil(duration_s * SOUND_HZ)
        self._chunks: deque[tuple[int, Floats]] = deque()
        self._lost: list[tuple[int, int]] = []
        self._filled = 0
        self._leap: tuple[int, Floats] | None = None
        self._resampler: AudioResampler | None = None
        self._made_for: tuple[int, str, str] | None = None
        self._is_broken = False
        self.is_finished = False
        self.is_empty = True

    def reached_s(self) -> float:
        """Seconds of film time up to which the sound is known."""
        return math.inf if self.is_finished else self._filled / SOUND_HZ

    def add(self, frame: AudioFrame) -> None:
        """Take the next decoded frame; one at a rate that no sound has is damage."""
        if not _LOWEST_HZ <= frame.sample_rate <= _HIGHEST_HZ:
            self._is_broken = True
            return
        made_for = (frame.sample_rate, frame.format.name, frame.layout.name)
        if made_for != self._made_for:
            self._flush()
            layout = "mono" if frame.layout.nb_channels == 1 else "stereo"
            self._resampler = AudioResampler(format="fltp", layout=layout, rate=SOUND_HZ)
            self._made_for = made_for
        if self._resampler is not None:
            for resampled in self._resampler.resample(frame):
                self._place(resampled)

    def note_damage(self) -> None:
        """Remember that a packet could not be decoded."""
        self._is_broken = True

    def finish(self) -> None:
        """Take the end of the stream."""
        self.is_finished = True
        self._flush()
        if self._leap is not None:
            self._lay(*self._leap)

    def take_second(self, second: int) -> Floats | None:
        """Hand over the sound of one second, once; seconds are asked for in order.

        Returns:
            (M, 2) float32, M <= 48,000, full scale 1; None where the sound has ended or was lost.
        """
        start, end = second * SOUND_HZ, (second + 1) * SOUND_HZ
        known = min(end, self._filled)
        if known <= start:
            self._filled = end  # What comes too late for its second is left out.
            return None
        sound = np.zeros((known - start, 2), np.float32)
        while self._chunks and self._chunks[0][0] < end:
            at, chunk = self._chunks.popleft()
            if at + len(chunk) > end:
                self._chunks.appendleft((end, chunk[end - at :]))
                chunk = chunk[: end - at]
            if at + len(chunk) > start:
                chunk = chunk[max(0, start - at) :]
                at = max(at, start)
                sound[at - start : at - start + len(chunk)] = chunk
        self._lost = [span for span in self._lost if span[1] > start]
        lost = sum(
            min(end, lost_until) - max(start, lost_from) for lost_from, lost_until in self._lost if lost_from < end
        )
        is_lost = lost >= SOUND_HZ // 2
        self._filled = max(self._filled, end) if known < end and not self.is_finished else self._filled
        return None if is_lost else sound

    def _flush(self) -> None:
        """Take what the resampler still holds."""
        # Let go first: a resampler that could not be set up for a damaged frame cannot be emptied either.
        resampler, self._resampler, self._made_for = self._resampler, None, None
        if resampler is not None:
            for resampled in resampler.resample(None):
                self._place(resampled)

    def _place(self, frame: AudioFrame) -> None:
        """Put resampled sound where its stamp says, or right behind the last when it lies within the slack.

        A stamp that leaps ahead is believed when the next one agrees: a single one astray would silence all until then.
        """
        samples = _clean_samples(frame)
        stamp = self._filled
        if frame.pts is not None and frame.time_base is not None:
            stamp = round((frame.pts * frame.time_base - self._origin_s) * SOUND_HZ)
        if self._leap is not None:
            (leap, leaping), self._leap = self._leap, None
            is_true = abs(stamp - leap - len(leaping)) <= _SLACK
            self._lay(leap if is_true else self._filled, leaping)
        if stamp - self._filled > _SLACK:
            self._leap = (stamp, samples)
        else:
            self._lay(stamp, samples)

    def _lay(self, start: int, samples: Floats) -> None:
        """Lay samples down from a place on, as far as nothing lies there and the film goes."""
        if self._filled and abs(start - self._filled) <= _SLACK:
            start = self._filled
        if self._is_broken and start > self._filled:
            self._lost.append((self._filled, start))
        self._is_broken = False
        self.is_empty = False
        samples = samples[max(0, self._filled - start) : max(0, self._end - start)]
        start = max(start, self._filled)
        if len(samples):
            self._chunks.append((start, samples))
            self._filled = start + len(samples)


def _clean_samples(frame: AudioFrame) -> Floats:
    """Return the samples of resampled sound, both channels, without what cannot be sound: (M, 2) float32."""
    samples: Floats = frame.to_ndarray().astype(np.float32, copy=False).T
    if not np.abs(samples).max(initial=0) <= _LOUDEST:  # Put so that what is no number is caught as well.
        samples = np.clip(np.nan_to_num(samples, nan=0, posinf=0, neginf=0), -_LOUDEST, _LOUDEST)
    return np.repeat(samples, 2, axis=1) if samples.shape[1] == 1 else samples
