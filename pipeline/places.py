"""Where films are: files of this machine, or behind URLs that fsspec reads.

A film elsewhere is written as a path that begins with its scheme, `s3:/films/cut.mov`, which is what `Path` makes of the
URL `s3://films/cut.mov`; so a path stands for a film, wherever it is.
"""

import re
from pathlib import Path

_SCHEME = re.compile(r"[a-z][a-z0-9+]+:")
SCHEMES_OF_THIS_MACHINE = ("file:", "local:")
"""How URLs of this machine's own files begin."""


def is_remote(path: Path) -> bool:
    """Whether a film is behind a URL; a folder of such a name is told apart by its absolute path."""
    return not path.is_absolute() and bool(path.parts) and _SCHEME.fullmatch(path.parts[0]) is not None


def name_url(path: Path) -> str:
    """Return the URL of a film for which `is_remote` is true."""
    scheme, *rest = path.parts
    return f"{scheme}//{'/' * (scheme in SCHEMES_OF_THIS_MACHINE)}{'/'.join(rest)}"


def absolute_film(path: Path) -> Path:
    """Return the path that leads to a film from whatever folder."""
    return path if is_remote(path) else path.absolute()


def is_there(path: Path) -> bool:
    """Whether a film is where its path says, as far as can be seen; one behind a URL is believed to be."""
    try:
        return is_remote(path) or path.exists()
    except OSError:  # A disk that has gone, or a folder that may not be entered.
        return False
