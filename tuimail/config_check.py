# SPDX-License-Identifier: GPL-3.0-or-later
"""Joins what knows whether a configuration is right: its rules, the theme files, the key map. All mistakes are told at once."""

from collections.abc import Iterator
from contextlib import contextmanager

from tuimail.accounts import config
from tuimail.accounts.config import Configuration
from tuimail.accounts.lines import written
from tuimail.accounts.schema import Problem
from tuimail.model.errors import ConfigWrong
from tuimail.paths import Paths


def checked_configuration(paths: Paths) -> Configuration:
    """The configuration, with which the program opens. Raises ConfigWrong with every mistake, FileProblem."""
    return config.load(paths.config_file, lambda configuration: _beyond(configuration, paths))


@contextmanager
def every_mistake_told(paths: Paths) -> Iterator[None]:
    """Where the program cannot open for one mistake, raises ConfigWrong with all of them."""
    try:
        yield
    except ConfigWrong:
        checked_configuration(paths)
        raise


def _beyond(configuration: Configuration, paths: Paths) -> Iterator[Problem]:
    from tuimail.ui.theme import Themes

    try:
        Themes(paths.themes).load(configuration.settings.theme)
    except ConfigWrong as error:
        yield Problem(("settings", "theme"), f"`settings.theme`: {error}")
    yield from _keys(configuration)


def _keys(configuration: Configuration) -> Iterator[Problem]:
    """What is wrong with the user's own keys: each is tried on top of those that are right."""
    from tuimail.ui.keymap import make_keymap

    right: dict[str, tuple[str, ...]] = {}
    for name, keys in configuration.keys.items():
        path = ("keys", name)
        try:
            make_keymap(configuration.settings.keys, {**right, name: keys}, where=f"`{written(path)}`")
        except ConfigWrong as error:
            yield Problem(path, str(error))
        else:
            right[name] = keys
