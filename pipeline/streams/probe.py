"""Opening a film's file and saying what it holds, without decoding it."""

import contextlib
import hashlib
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import av.error
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Disposition, Stream
from av.video.stream import VideoStream

from pipeline import clock
from pipeline.errors import FileUnreadable, MediaDamaged, MediaError, NothingToAnalyse, NotMedia, TranscriptError
from pipeline.places import is_remote
from pipeline.streams.bounds import LEAST_BYTES_S, LONGEST_S, PICTURE_BOUND, bound_decoders, survey_file
from pipeline.streams.rate import find_frame_rate
from pipeline.streams.source import BinaryReader, describe_state, open_media, open_source
from pipeline.streams.start_timecode import check_start_timecode, find_start_timecode
from pipeline.types import SOUND_ONLY_RATE, Cut

SIDECAR_SUFFIXES = (".srt", ".vtt", ".ass", ".ssa")
"""What a subtitle file beside a film may be called, the film's own suffix replaced."""

_FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mxf,mxf_opatom,gxf,dv,flv,asf,ogg,nut,ivf,rm,wtv,yuv4mpegpipe,"
    "h264,hevc,m4v,mpegvideo,wav,w64,aiff,caf,mp3,aac,ac3,eac3,flac,dts,truehd,au"
)
"""Containers that hold one film in one file. Playlists, image sequences and text screens are left out on purpose: they
make the decoder open other files than the one a person chose, or find pictures in plain text."""

_ONE_FILE = {
    "protocol_whitelist": "file",
    "format_whitelist": _FORMATS,
    # QuickTime may say that its media lie in another file.
    "enable_drefs": "0",
    "use_absolute_path": "0",
}

_TEXT_CODECS = frozenset({"subrip", "srt", "mov_text", "ass", "ssa", "webvtt", "text"})

DAMAGE = (av.error.FFmpegError, IndexError)
"""What reading packets of a damaged file raises; the second comes from PyAV when a broken table of programs announces
streams that were not there when the file was opened."""

_FALLBACK_RATE = Fraction(25)
"""Frames a second of a picture that does not say."""

_LONGEST_DELAY_S = 1
"""Seconds by which a decoder's delay or a coder's first samples may set picture and sound apart; more is an edit."""

_GUESSED_ENDS = frozenset({"mpegts", "mpeg"})
"""Containers of which FFmpeg only guesses where streams end: it leaves out the last packet, 140 ms of sound."""

_HASH_BYTES = 1 << 22

_TAIL_S = 10
"""How much of a film's end is read to find out where it ends."""


def probe_cut(
    path: Path,
    *,
    title: str | None = None,
    transcript: Path | None = None,
    start_timecode: str | None = None,
    tell_read: Callable[[int], None] = lambda read_bytes: None,
) -> Cut:
    """Read what a film's file says of itself.

    Film time 0 is that of `find_origin_s`. The duration is where the longer of picture and sound ends.

    Args:
        path: the media file; it is only read.
        title: what to call it; the file's name without its suffix if None.
        transcript: its subtitle file. If None, a file beside the film with the same name and one of
            `SIDECAR_SUFFIXES` is taken, then the film's own text track.
        start_timecode: the label of film time 0; if None, what the container states.
        tell_read: called with how much of the file has been read, bytes: all of it is, once; what it raises ends that.

    Returns:
        The cut.

    Raises:
        FileUnreadable: the file is missing, empty, a folder, or may not be read.
        NotMedia: no container format recognises it.
        MediaTooLarge: it claims larger pictures or more streams than any film has.
        NothingToAnalyse: it holds neither picture nor sound.
        MediaDamaged: it is cut short, or nothing in it has a time.
        TranscriptError: the subtitle file named is not there.
        TimecodeError: the start timecode given is none that the film's rate shows.
    """
    if transcript is not None and not transcript.is_file():
        raise TranscriptError(
            f"There is no subtitle file {transcript.name!r}.", "Check the path, or leave the transcript out."
        )
    with open_container(path) as container:
        picture, sound = find_picture(container), find_sound(container)
        if picture is None and sound is None:
            raise NothingToAnalyse(
                f"{path.name!r} holds neither picture nor sound.",
                "Choose the film itself rather than a companion file.",
            )
        transcript = transcript or find_sidecar(path)
        present = (picture is not None, sound is not None, transcript is not None or bool(find_text_tracks(container)))
        rate = None if picture is None else find_picture_rate(picture)
        if start_timecode is not None:
            start_timecode = check_start_timecode(start_timecode, clock.find_label_rate(rate or SOUND_ONLY_RATE))
        return Cut(
            cut_id=_hash_file(path, tell_read),
            path=path,
            title=title or path.stem,
            duration_s=_find_duration(container, path, picture, sound),
            frame_rate=rate,
            start_timecode=start_timecode or _find_start_timecode(container, path, picture, sound),
            width=0 if picture is None else picture.codec_context.width,
            height=0 if picture is None else picture.codec_context.height,
            streams=tuple(
                name for name, there in zip(("frames", "audio", "transcript"), present, strict=True) if there
            ),
            transcript_path=transcript,
            audio_channels=0 if sound is None else sound.codec_context.layout.nb_channels,
        )


def open_container(path: Path, *, source: BinaryReader | None = None) -> InputContainer:
    """Open a media file for reading, and nothing but that file.

    Args:
        path: the media file.
        source: what gives its bytes, in order; if None, they are read from the path, in any order.

    Returns:
        The open container; the caller closes it.

    Raises:
        FileUnreadable, NotMedia, MediaTooLarge, MediaDamaged: as `probe_cut`.
    """
    check_readable(path)
    try:
        options = survey_file(path, _ONE_FILE)
        container = open_media(path, source=source, options=PICTURE_BOUND, container_options=options)
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise _explain_failure(path) from error
    bound_decoders(container)
    return container


def find_picture(container: InputContainer) -> VideoStream | None:
    """Return the picture's stream: the largest that is no cover art or thumbnail; None if there is none."""
    still = Disposition.attached_pic | Disposition.timed_thumbnails
    streams = [s for s in container.streams.video if s.codec_context is not None and not s.disposition & still]
    return max(streams, key=lambda s: s.codec_context.width * s.codec_context.height, default=None)


def find_sound(container: InputContainer) -> AudioStream | None:
    """Return the sound's stream: the one marked as default, else the first; None if there is none."""
    streams = [s for s in container.streams.audio if s.codec_context is not None]
    return max(streams, key=lambda s: bool(s.disposition & Disposition.default), default=None)


def find_text_tracks(container: InputContainer) -> list[Stream]:
    """Return the subtitle streams made of text, the default one first; those made of pictures cannot be read."""
    streams = [s for s in container.streams.subtitles if s.codec_context and s.codec_context.name in _TEXT_CODECS]
    return sorted(streams, key=lambda s: not s.disposition & Disposition.default)


def find_origin_s(picture: Stream | None, sound: Stream | None) -> Fraction:
    """Return film time 0 in the container's time, seconds.

    It is the picture's first presentation time, whatever a decoder's delay adds to it, so that frame n comes on show at
    n / rate; the sound's where there is no picture. Where the picture begins more than a second after the sound (an
    empty edit, a late track), the sound before it belongs to the film, as players have it, and its seconds have no
    picture: time 0 moves back by as many whole frames as lie between the two beginnings.
    """
    picture_s, sound_s = _find_start_s(picture), _find_start_s(sound)
    if picture_s is None or sound_s is None or picture_s - sound_s <= _LONGEST_DELAY_S:
        return next((start_s for start_s in (picture_s, sound_s) if start_s is not None), Fraction(0))
    rate = find_picture_rate(picture) if isinstance(picture, VideoStream) else _FALLBACK_RATE
    lead = clock.seconds_to_frame(float(picture_s - sound_s), rate)  # Measured: edit lists count in milliseconds.
    return picture_s - clock.frame_to_seconds(lead, rate)


def find_end_s(stream: Stream) -> Fraction | None:
    """Return where a stream says it ends, in the container's time, seconds; None if it does not say."""
    if not stream.duration or stream.time_base is None or stream.container.format.name in _GUESSED_ENDS:
        return None
    return ((stream.start_time or 0) + stream.duration) * stream.time_base


def _find_start_s(stream: Stream | None) -> Fraction | None:
    """Return when a stream's first frame is presented, in the container's time, seconds."""
    if stream is None or stream.time_base is None or stream.start_time is None:
        return None
    return stream.start_time * stream.time_base


def check_readable(path: Path) -> None:
    """Refuse what is no file that can be read, with the reason."""
    try:
        if not is_remote(path) and path.is_dir():
            raise FileUnreadable(f"{path.name!r} is a folder.", "Choose the film's file inside it.")
        with open_source(path) as file:
            if not file.read(1):
                raise FileUnreadable(f"{path.name!r} is empty.", "Copy or export the film again.")
    except FileNotFoundError as error:
        raise FileUnreadable(f"There is no file {str(path)!r}.", "Check the path.") from error
    except PermissionError as error:
        raise FileUnreadable(f"{path.name!r} may not be read.", "Ask for permission to read it.") from error
    except (OSError, ValueError) as error:
        raise FileUnreadable(f"{path.name!r} cannot be read.", f"The system says: {error}.") from error


def _explain_failure(path: Path) -> MediaError:
    """Say why no container opened: an unfinished MP4 is told from what was never a film."""
    with open_source(path) as file:
        head = file.read(12)
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide"):
        return MediaDamaged(
            f"{path.name!r} is incomplete: the index of the film is missing.",
            "The copy or export was probably cut short; copy or export it again.",
        )
    return NotMedia(
        f"{path.name!r} is not a film.", "Choose a video or sound file such as .mp4, .mov, .mkv, .webm or .wav."
    )


def _hash_file(path: Path, tell_read: Callable[[int], None]) -> str:
    """Return the first 16 hex digits of the SHA-256 of a file's bytes."""
    digest, read = hashlib.sha256(), 0
    with open_source(path) as file:
        while block := file.read(_HASH_BYTES):
            digest.update(block)
            read += len(block)
            tell_read(read)
    return digest.hexdigest()[:16]


def find_sidecar(path: Path) -> Path | None:
    """Return the subtitle file that lies beside a film under the same name, if any; not beside one that is elsewhere."""
    if is_remote(path):
        return None
    candidates = (path.with_suffix(suffix) for suffix in SIDECAR_SUFFIXES)
    return next((candidate for candidate in candidates if candidate.is_file()), None)


def find_picture_rate(picture: VideoStream) -> Fraction:
    """Return the exact frame rate of a picture."""
    return find_frame_rate(picture) or _FALLBACK_RATE


def _find_duration(
    container: InputContainer, path: Path, picture: VideoStream | None, sound: AudioStream | None
) -> Fraction:
    """Return seconds from film time 0 to the end of the longer of picture and sound."""
    origin_s = find_origin_s(picture, sound)
    streams = [stream for stream in (picture, sound) if stream is not None]
    ends_s = [end_s for end_s in map(find_end_s, streams) if end_s is not None]
    if len(ends_s) < len(streams):
        ends_s.append(_find_end_of_all(container, streams))
    end_s = max(ends_s)
    if (end_s - origin_s) * LEAST_BYTES_S > describe_state(path)[0]:  # So small a file holds no such film.
        with contextlib.suppress(*DAMAGE):
            container.seek(container.start_time or 0)
        end_s = min(end_s, _find_last_packet(container, streams) or origin_s)
    if end_s <= origin_s:
        raise MediaDamaged(f"{path.name!r} lasts no time at all.", "Copy or export the film again.")
    if end_s - origin_s > LONGEST_S:
        raise MediaDamaged(f"{path.name!r} claims to last longer than a day.", "Copy or export the film again.")
    return end_s - origin_s


def _find_end_of_all(container: InputContainer, streams: Sequence[Stream]) -> Fraction:
    """Return where the last of the streams ends, seconds of the container, where not all of them say so.

    Matroska states one duration for all, and its writers disagree on whether it counts from 0 or from the first stamp:
    it is believed where the two are the same. In any other container the duration leaves out who does not say.
    """
    start, lasts = container.start_time or 0, container.duration
    if lasts and start == 0 and container.format.name.startswith("matroska"):
        return Fraction(lasts, av.time_base)
    if lasts:
        for end in (start + lasts, lasts):
            with contextlib.suppress(*DAMAGE):
                container.seek(max(start, end - _TAIL_S * av.time_base))
                if (end_s := _find_last_packet(container, streams)) is not None:
                    return end_s
        return Fraction(start + lasts, av.time_base)
    return _find_last_packet(container, streams) or Fraction(0)


def _find_last_packet(container: InputContainer, streams: Sequence[Stream]) -> Fraction | None:
    """Return where the last packet of the streams ends, seconds of the container, by reading on to the file's end."""
    end_s = None
    try:
        for packet in container.demux(*streams):
            if packet.pts is not None:
                packet_end_s = (packet.pts + (packet.duration or 0)) * packet.time_base
                end_s = packet_end_s if end_s is None else max(end_s, packet_end_s)
    except DAMAGE:
        pass  # What was read before the damage still tells how far the film goes.
    return end_s


def _find_start_timecode(
    container: InputContainer, path: Path, picture: VideoStream | None, sound: AudioStream | None
) -> str | None:
    """Return the label of film time 0 that the container states."""
    # A decoder's delay puts the first frame a little after the movie's time 0, whose label is meant for it all the same.
    is_late = (_find_start_s(picture or sound) or 0) > _LONGEST_DELAY_S
    first_s = find_origin_s(picture, sound) if is_late else Fraction(0)
    rate = clock.find_label_rate(SOUND_ONLY_RATE if picture is None else find_picture_rate(picture))
    return find_start_timecode(container, path, rate, first_s=first_s)
