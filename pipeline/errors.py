"""Everything that can go wrong with a film, as one tree.

    FilmError(message, hint)            what a person did or has, and what to do about it: exit code 2
    |-- MediaError                      the file
    |   |-- FileUnreadable              missing, empty, a folder, no permission
    |   |-- NotMedia                    no container or decoder recognises it
    |   |-- MediaTooLarge               it claims larger pictures or more streams than a film has
    |   |-- NothingToAnalyse            neither picture nor sound in it
    |   `-- MediaDamaged                it opens, but nothing can be decoded
    |-- TranscriptError                 subtitles that cannot be read
    |-- TimecodeError                   a timecode that the film's rate never shows
    |-- ExportError                     a format that cannot hold what it was given, or nothing to put in it
    |-- ModelError                      weights missing, or made for other measurements
    |-- DataError                       training or rating data missing or of the wrong shape
    |-- TrailerError                    nothing that a trailer may show, or an edit that its rules do not allow
    |-- LibraryError                    an id that is not in the library, a library that cannot be opened
    |-- SettingError                    an environment variable with a value that makes no sense
    |-- WorkLost                        the processes that did the work were lost, or had too little memory
    |   `-- SchedulerLost               whoever gave them the work was
    `-- Cancelled                       a person stopped the work

Anything else that is raised is a bug, is logged with its traceback, and exits with 1.
"""


class FilmError(Exception):
    """Something a person can put right: a sentence on what happened and one on what to do.

    Args:
        message: what happened, in a full sentence.
        hint: what to do about it, in a full sentence.
    """

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        """Message and hint on one line."""
        return f"{self.message} {self.hint}"


class MediaError(FilmError):
    """The file of a cut cannot be used."""


class FileUnreadable(MediaError):
    """The file is missing, empty, a folder, or may not be read."""


class NotMedia(MediaError):
    """No container format recognises the file."""


class MediaTooLarge(MediaError):
    """The file claims larger pictures or more streams than any film has: it would fill the memory."""


class NothingToAnalyse(MediaError):
    """The file holds neither picture nor sound."""


class MediaDamaged(MediaError):
    """The file opens, but not one picture or sound can be decoded."""


class TranscriptError(FilmError):
    """Subtitles that cannot be read."""


class TimecodeError(FilmError):
    """A timecode that is none, or that the film's rate never shows."""


class ExportError(FilmError):
    """A format cannot hold the timeline that it was given, or there is nothing to put in it."""


class ModelError(FilmError):
    """Weights are missing, or were trained for other measurements."""


class DataError(FilmError):
    """Training or rating data are missing or not of the expected shape."""


class TrailerError(FilmError):
    """A trailer that cannot be made, or an edit of one that its rules do not allow."""


class LibraryError(FilmError):
    """The library does not hold what was asked for, or cannot be opened."""


class SettingError(FilmError):
    """An environment variable holds a value that makes no sense."""


class WorkLost(FilmError):
    """The processes that did the work were lost, or had too little memory for it."""


class SchedulerLost(WorkLost):
    """The scheduler that gave out the work was lost; the work goes on when there is one again."""


class Cancelled(FilmError):
    """A person stopped the work."""

    def __init__(self, message: str = "The work was cancelled.", hint: str = "Start it again at any time.") -> None:
        super().__init__(message, hint)
