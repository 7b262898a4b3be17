# SPDX-License-Identifier: GPL-3.0-or-later
"""Where files are: the XDG base directories, or one folder for all with ``--home`` or TUIMAIL_HOME."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tuimail.model.errors import FileProblem

_PRIVATE = 0o700


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
        """Make the folders that are missing, closed to other users. Raises FileProblem."""
        for folder in (self.config_file.parent, self.data, self.state):
            private_folder(folder)


def resolve(home: str | None = None, environment: Mapping[str, str] = os.environ) -> Paths:
    """The paths below ``home``; without it below TUIMAIL_HOME; without that by the XDG base directory specification."""
    chosen = home or environment.get("TUIMAIL_HOME")
    if chosen:
        root = Path(chosen).expanduser().absolute()
        return Paths(root / "config.toml", root / "themes", root / "data", root / "state")
    config = _base(environment, "XDG_CONFIG_HOME", ".config")
    data = _base(environment, "XDG_DATA_HOME", ".local/share")
    state = _base(environment, "XDG_STATE_HOME", ".local/state")
    return Paths(config / "config.toml", config / "themes", data, state)


def private_folder(folder: Path) -> None:
    """Make a folder and what is missing above it; the folder itself is closed to others. Raises FileProblem."""
    try:
        if not folder.is_dir():
            folder.mkdir(parents=True, mode=_PRIVATE)
            folder.chmod(_PRIVATE)
    except OSError as error:
        raise FileProblem(
            f"The folder {folder} cannot be made: {error.strerror}.", "Check its permissions, or choose another with --home."
        ) from error


def _base(environment: Mapping[str, str], variable: str, usual: str) -> Path:
    """A relative path in a variable is to be ignored, says the specification."""
    given = Path(environment.get(variable, ""))
    return (given if given.is_absolute() else Path.home() / usual) / "tuimail"
