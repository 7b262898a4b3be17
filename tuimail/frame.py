# SPDX-License-Identifier: GPL-3.0-or-later
# ruff: noqa: S302, PTH105, PTH108, PTH111, PTH116, PTH117, PTH118, PTH123, SIM105
"""The cached frame: the screen that the next start will show, as a file of terminal sequences.

The next start paints it before it imports anything else, so this file imports `os` alone: `pathlib`, `contextlib` and the
like would cost more time than all that is done here.

The file holds a line that says of what it is a picture (program, configuration, store), a line that says where it fits (size
and colours of the terminal), what is to be written, and how the cursor moves on it. It tells who wrote and of what, as the
store does: it is readable by its owner only, it is read only when it is, and a picture of something that changed is removed.
"""

import marshal
import os

from tuimail import __version__

TYPE_CHECKING = False
"""As in `typing`, which is not imported here."""
if TYPE_CHECKING:
    Steps = tuple[dict[bytes, int], list[tuple[bytes, bytes]]]
    """By how many rows what a key sends moves the cursor; for the first rows what draws them without and with the cursor."""
    Picture = tuple[bytes, Steps]
    """What draws the screen, and how the cursor moves on it."""

NOTHING: "Picture" = (b"", ({}, []))
LIMIT = 1 << 20
"""Octets. A larger file is no frame."""
_NAME = "frame"
_COLOR_VARIABLES = ("TERM", "COLORTERM", "NO_COLOR", "TEXTUAL_COLOR_SYSTEM")


class Frame:
    """The cached frame below one home.

    The configuration is looked at when the object is made: one that changes later makes another picture.
    """

    def __init__(self, home: str, environment: "os._Environ[str] | dict[str, str]") -> None:
        """``home`` as ``--home`` gives it, else empty."""
        config, data, state = places(home, environment)
        self._path = os.path.join(state, _NAME)
        self._configuration = _identity(config)
        self._store = os.path.join(data, "own.sqlite")
        self._colors = [f"{name}={environment.get(name, '')}" for name in _COLOR_VARIABLES]

    def read(self, size: tuple[int, int]) -> "Picture":
        """The picture for a terminal of that size, in columns and rows; `NOTHING` when there is no frame for it.

        A frame of something else is removed.
        """
        content = _read_private(self._path)
        subject, _, rest = content.partition(b"\n")
        terminal, _, picture = rest.partition(b"\n")
        if content and subject + b"\n" != self._subject():
            self.forget()
        elif terminal + b"\n" == self._terminal(size):
            return _picture(picture)
        return NOTHING

    def keep(self, picture: "Picture", size: tuple[int, int]) -> None:
        """Keep a picture of the screen for a terminal of that size. Raises OSError."""
        content = self._subject() + self._terminal(size) + marshal.dumps(picture)
        if len(content) > LIMIT:
            return
        write_private(self._path, content)

    def forget(self) -> None:
        """Remove the frame."""
        _remove(self._path)

    def _subject(self) -> bytes:
        return _line("tuimail", __version__, self._configuration, _identity(self._store, whole=False))

    def _terminal(self, size: tuple[int, int]) -> bytes:
        return _line("x".join(map(str, size)), *self._colors)


def _picture(kept: bytes) -> "Picture":
    try:
        sequences, (keys, rows) = marshal.loads(kept)
        return bytes(sequences), (dict(keys), list(rows))
    except (ValueError, EOFError, TypeError):
        return NOTHING


def _line(*words: str) -> bytes:
    return "\t".join(words).replace("\n", " ").encode("utf-8", "surrogateescape") + b"\n"


def _identity(path: str, *, whole: bool = True) -> str:
    """What changes when a file is replaced; ``whole``: also when it is written to. Empty for a file that is not there."""
    try:
        found = os.stat(path)
    except OSError:
        return ""
    return f"{found.st_ino}" + (f".{found.st_size}.{found.st_mtime_ns}" if whole else "")


def places(home: str, environment: "os._Environ[str] | dict[str, str]") -> tuple[str, str, str]:
    """Configuration file, store and state folder, as `tuimail.paths.resolve` finds them."""
    join = os.path.join
    if chosen := home or environment.get("TUIMAIL_HOME"):
        root = os.path.expanduser(chosen)
        return join(root, "config.toml"), join(root, "data"), join(root, "state")

    def base(variable: str, usual: str) -> str:
        given = environment.get(variable, "")
        return join(given if os.path.isabs(given) else os.path.expanduser(f"~/{usual}"), "tuimail")

    return (
        join(base("XDG_CONFIG_HOME", ".config"), "config.toml"),
        base("XDG_DATA_HOME", ".local/share"),
        base("XDG_STATE_HOME", ".local/state"),
    )


def open_private(path: str) -> int:
    """A descriptor to read a file that is the user's own and that nobody else can have read or written. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    found = os.fstat(descriptor)
    if found.st_mode & 0o177077 == 0o100000 and found.st_uid == os.getuid():
        return descriptor
    os.close(descriptor)
    raise OSError(f"{path} is not private.")


def write_private(path: str, content: bytes) -> None:
    """Put a file in the place of another at once, readable by the user alone. Raises OSError."""
    beside = f"{path}.{os.getpid()}"
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
        os.replace(beside, path)
    except OSError:
        _remove(beside)
        raise


def _read_private(path: str) -> bytes:
    """A private file's content; nothing where it is too large to be a frame."""
    try:
        descriptor = open_private(path)
    except OSError:
        return b""
    try:
        return os.read(descriptor, LIMIT + 1) if os.fstat(descriptor).st_size <= LIMIT else b""
    except OSError:
        return b""
    finally:
        os.close(descriptor)


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        pass
