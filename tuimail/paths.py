# SPDX-License-Identifier: GPL-3.0-or-later
"""Where files are: the XDG base directories, or one folder for all with ``--home`` or TUIMAIL_HOME."""

import contextlib
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tuimail.model.errors import FileProblem, reason_of

_PRIVATE, _PRIVATE_FILE = 0o700, 0o600


@dataclass(frozen=True, slots=True)
class Paths:
    """The program's files and folders."""

    config_file: Path
    themes: Path
    """The user's own themes."""
    data: Path
    """The store."""
    state: Path
    """The log."""

    def create(self) -> None:
        """Make the folders that are missing, and close store and log to other users with what lies in them.

        Raises FileProblem, also where another user could write into a folder or has put a file into it.
        """
        private_folder(self.config_file.parent)
        with contextlib.suppress(OSError):  # who reads it tells why it cannot be read
            if self.config_file.stat().st_mode & stat.S_IWOTH:
                raise FileProblem(
                    f"Every user may write the configuration {self.config_file}, which names programs to run.",
                    f"Look what it says, then chmod go-w {self.config_file} closes it.",
                )
        for folder in (self.data, self.state):
            private_folder(folder, ours_alone=True)


def resolve(home: str | None = None, environment: Mapping[str, str] = os.environ) -> Paths:
    """The paths below ``home``; without it below TUIMAIL_HOME; without that by the XDG base directory specification."""
    chosen = home or environment.get("TUIMAIL_HOME")
    if chosen:
        root = _home_folder(Path(chosen)).absolute()
        return Paths(root / "config.toml", root / "themes", root / "data", root / "state")
    config = _base(environment, "XDG_CONFIG_HOME", ".config")
    data = _base(environment, "XDG_DATA_HOME", ".local/share")
    state = _base(environment, "XDG_STATE_HOME", ".local/state")
    return Paths(config / "config.toml", config / "themes", data, state)


def private_folder(folder: Path, *, ours_alone: bool = False) -> None:
    """Make a folder, closed to others, and what is missing above it; one that is there must be writable by its user only.

    ``ours_alone``: nobody but the program has business in it, so it is closed with all that lies in it. Raises FileProblem.
    """
    try:
        if not folder.is_dir():
            folder.mkdir(parents=True, mode=_PRIVATE)
            folder.chmod(_PRIVATE)
        found = folder.stat()
        if not (_is_trusted(found.st_uid) and _is_trusted(folder.lstat().st_uid)):
            raise _others(f"The folder {folder} belongs to another user", "Choose another with --home.")
        if ours_alone:
            _close(folder, found, _PRIVATE)
            found = folder.stat()
        if found.st_mode & stat.S_IWOTH or (found.st_mode & stat.S_IWGRP and found.st_gid != os.getgid()):
            raise _others(f"The folder {folder} may be written by other users", f"chmod go-w {folder} closes it.")
        if ours_alone:
            _close_all_in(folder)
    except OSError as error:
        raise FileProblem(
            f"The folder {folder} cannot be made: {reason_of(error)}.", "Check its permissions, or choose another with --home."
        ) from error


def _close_all_in(folder: Path) -> None:
    """Of a folder into which others cannot write any more. Raises FileProblem for what they put there before, and OSError."""
    with os.scandir(folder) as entries:
        for entry in entries:
            with contextlib.suppress(FileNotFoundError):  # another program of ours just removed it
                found = entry.stat(follow_symlinks=False)
                if not _is_trusted(found.st_uid):
                    raise _others(f"{entry.path} belongs to another user", "Remove it.")
                if stat.S_ISREG(found.st_mode):
                    _close(Path(entry.path), found, _PRIVATE_FILE)


def _close(path: Path, found: os.stat_result, mode: int) -> None:
    """Where it is ours, and the file system keeps modes."""
    if found.st_uid == os.geteuid() and found.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        with contextlib.suppress(PermissionError):
            path.chmod(mode)


def _is_trusted(user: int) -> bool:
    return user in (0, os.geteuid())


def _others(fault: str, advice: str) -> FileProblem:
    return FileProblem(f"{fault}, who could read your mail there or run programs in your name.", advice)


def _base(environment: Mapping[str, str], variable: str, usual: str) -> Path:
    """A relative path in a variable is to be ignored, says the specification."""
    given = Path(environment.get(variable, ""))
    return (given if given.is_absolute() else _home_folder(Path("~")) / usual) / "tuimail"


def _home_folder(path: Path) -> Path:
    """With ``~`` and ``~ada`` replaced. Raises FileProblem."""
    try:
        return path.expanduser()
    except RuntimeError as error:
        raise FileProblem(
            f"Nobody knows which home folder {path.parts[0]} is.", "Set HOME, or name a folder with --home."
        ) from error
