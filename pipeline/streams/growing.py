"""Reading a film that is still being written: a recording, an export on its way."""

import time
from collections.abc import Callable, Generator
from fractions import Fraction
from pathlib import Path

from av.container import InputContainer
from av.video.stream import VideoStream

from pipeline.errors import FileUnreadable, MediaDamaged, NotMedia
from pipeline.footage import Chunk, Pictures, Sound
from pipeline.places import is_remote
from pipeline.streams.audio import SoundTrack
from pipeline.streams.bounds import LONGEST_S
from pipeline.streams.frames import PictureTrack
from pipeline.streams.probe import (
    check_readable,
    find_origin_s,
    find_picture,
    find_picture_rate,
    find_sound,
    open_container,
)
from pipeline.streams.read import add_sound, decode_pictures, demux_packets
from pipeline.streams.scaler import PictureScaler

_POLL_S = 0.1
"""How often a file is asked whether it has grown."""


_READABLE = (
    "A film can be followed while it is written as MKV, MPEG-TS, MXF, AVI or fragmented MP4 or MOV; analyse any other once it is "
    "finished."
)


class GrowingFile:
    """A file that ends only once it has not grown for a while.

    Args:
        path: the file.
        patience_s: how long it may stand still, seconds.
        keep_on: asked at every read whether to go on; when it says no, the file ends.
    """

    def __init__(self, path: Path, *, patience_s: float, keep_on: Callable[[], bool] = lambda: True) -> None:
        self._file = path.open("rb", buffering=0)
        self._patience_s = patience_s
        self._keep_on = keep_on
        self._has_ended = False

    def read(self, size: int, /) -> bytes:
        """Return what there is, at most so many bytes; wait for more at the end. Once it has ended it stays so."""
        waited_since_s = time.monotonic()
        while not self._has_ended and self._keep_on():
            if found := self._file.read(size):
                return found
            if time.monotonic() - waited_since_s >= self._patience_s:
                break
            time.sleep(_POLL_S)
        self._has_ended = True  # FFmpeg asks more than once.
        return b""

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def read_growing(
    path: Path, *, patience_s: float, keep_on: Callable[[], bool] = lambda: True
) -> Generator[Pictures | Sound]:
    """Decode a film while it is written, from its beginning on, picture and sound together.

    The container must be readable from its beginning: MKV, MPEG-TS, MXF, AVI and fragmented MP4 and MOV are. Black bars are
    taken for picture, since they can only be told from a whole film.

    Args:
        path: the file.
        patience_s: how long it may stand still before it counts as finished, seconds.
        keep_on: asked at every read whether to go on.

    Yields:
        Pictures as they settle on the grid, and the sound of each second, each in order; of the two, whichever comes first.
        Closing the generator closes the file.

    Raises:
        FileUnreadable, NotMedia, MediaTooLarge, MediaDamaged: it cannot be read from its beginning on.
    """
    check_growing(path)
    file = GrowingFile(path, patience_s=patience_s, keep_on=keep_on)
    try:
        with _open_growing(path, file) as container:
            is_empty = True
            for part in _read_container(container):
                is_empty = False
                yield part
            if is_empty and keep_on():  # Its index lies behind all that it is about, which has gone by.
                raise MediaDamaged(f"Nothing in {path.name!r} can be read from its beginning on.", _READABLE)
    finally:
        file.close()


def check_growing(path: Path) -> None:
    """Refuse what cannot be followed, as far as that can be seen at once.

    Raises:
        FileUnreadable: there is no such file, nothing in it yet, or it lies elsewhere.
    """
    if is_remote(path):
        raise FileUnreadable("Only a film on this machine can be followed.", "Leave --live out, or copy the film here.")
    check_readable(path)


def _open_growing(path: Path, file: GrowingFile) -> InputContainer:
    """Open a file from its beginning on, and say what helps where that cannot be done."""
    try:
        return open_container(path, source=file)
    except (MediaDamaged, NotMedia) as error:
        raise type(error)(error.message, _READABLE) from error


def _read_container(container: InputContainer) -> Generator[Pictures | Sound]:
    """Decode picture and sound in the order in which they are stored."""
    picture, sound = find_picture(container), find_sound(container)
    origin_s = find_origin_s(picture, sound)
    shown = None if picture is None else _track_picture(picture, origin_s)
    heard = SoundTrack(origin_s=origin_s, duration_s=Fraction(LONGEST_S))
    second = 0
    for packet in demux_packets(container, *(stream for stream in (picture, sound) if stream is not None)):
        index = None if packet is None else packet.stream.index
        if picture is not None and shown is not None and index in (None, picture.index):
            for frame in decode_pictures(picture, [packet]):
                if frame is None:
                    shown.note_damage()
                else:
                    shown.add(frame)
            if packet is None:
                shown.finish()
            if shown.count_waiting():
                yield shown.take_pictures()
        if sound is not None and index in (None, sound.index):
            add_sound(heard, sound, packet)
            while heard.reached_s() >= second + 1:
                samples = heard.take_second(second)
                if samples is None and heard.is_finished:
                    break
                if samples is not None and len(samples):
                    yield Sound(second=second, samples=samples)
                second += 1


def _track_picture(picture: VideoStream, origin_s: Fraction) -> PictureTrack:
    """Return the grid on which the frames are laid, as long as a film may be."""
    return PictureTrack(
        chunk=Chunk(start_s=Fraction(0), stop_s=None, seek_to=None),
        origin_s=origin_s,
        duration_s=Fraction(LONGEST_S),
        frame_s=1 / find_picture_rate(picture),
        scaler=PictureScaler(None),
    )
