# SPDX-License-Identifier: GPL-3.0-or-later
"""Which key does what: a preset, the user's own keys over it, and reading of key sequences.

Keys are written by the character they type (``?``, ``G``), by Textual's names where they type none (``enter``, ``pagedown``,
``ctrl+e``), and ``space``. Keys of a sequence are separated by spaces: ``g i``.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from textual.keys import Keys

from tuimail.model.errors import ConfigWrong
from tuimail.ui.commands import BY_NAME, CHAINS, COMMANDS, Command, Place
from tuimail.ui.presets import PRESETS

Sequence = tuple[str, ...]

_NAMED = frozenset(str(key.value) for key in Keys) | {"space"}
_MODIFIED = re.compile(r"^(?:ctrl\+|alt\+|shift\+)+(?:[^\s+]|\+|[a-z][a-z0-9_]+)$")


def key_of(key: str, character: str | None) -> str:
    """A key event as it is written in bindings. Both arguments are those of `textual.events.Key`."""
    if character == " " or key == "space":
        return "space"
    if character is not None and len(character) == 1 and character.isprintable():
        return character
    return key


@dataclass(frozen=True, slots=True)
class Found:
    """What a key led to."""

    command: Command | None = None
    """To be performed now."""
    pending: Sequence = ()
    """Keys of an unfinished sequence; the hints show how it can go on."""
    taken: bool = False
    """The key was used up, if only to end a sequence that leads nowhere."""


class Keymap:
    """Bindings per place. Made by `make_keymap`."""

    def __init__(self, keys: Mapping[str, tuple[Sequence, ...]]) -> None:
        self._keys = dict(keys)
        self._bindings: dict[Place, dict[Sequence, Command]] = {place: {} for place in Place}
        for name, sequences in keys.items():
            for place in BY_NAME[name].places:
                self._bindings[place].update(dict.fromkeys(sequences, BY_NAME[name]))

    def keys_of(self, name: str) -> tuple[str, ...]:
        """The keys of a command as the user would write them; empty where it has none."""
        return tuple(" ".join(sequence) for sequence in self._keys.get(name, ()))

    def find(self, place: Place, keys: Sequence, *, typing: bool = False) -> Found:
        """Look a key sequence up for the focused pane. ``typing``: a text field has the focus, so keys that type do nothing."""
        own = place is Place.COMPOSER and len(keys[0]) > 1 and any(keys == one[: len(keys)] for one in self._bindings[place])
        if typing and types_text(keys[0]) and not own:
            return Found()
        for around in CHAINS[place]:
            bindings = self._bindings[around]
            if command := bindings.get(keys):
                return Found(command, taken=True)
            if any(sequence[: len(keys)] == keys for sequence in bindings):
                return Found(pending=keys, taken=True)
        return Found(taken=len(keys) > 1)

    def continuations(self, place: Place, keys: Sequence) -> list[tuple[str, Command]]:
        """How an unfinished sequence can go on: the next key and what it leads to."""
        return [
            (" ".join(sequence[len(keys) :]), command)
            for around in CHAINS[place]
            for sequence, command in self._bindings[around].items()
            if len(sequence) > len(keys) and sequence[: len(keys)] == keys
        ]

    def commands(self, place: Place, *, typing: bool = False) -> list[tuple[str, Command]]:
        """Every command of the focused pane with its first key that works there, in the table's order.

        ``typing``: a text field has the focus.
        """
        found = []
        for command in COMMANDS:
            usable = (
                sequence
                for sequence in self._keys.get(command.name, ())[: None if typing else 1]
                if self.find(place, sequence, typing=typing).command is command
            )
            sequence = next(usable, None)
            if sequence is not None:
                found.append((" ".join(sequence), command))
        return found


class KeyReader:
    """Reads keys one by one and remembers the beginning of a sequence."""

    def __init__(self, keymap: Keymap) -> None:
        self.keymap = keymap
        self.pending: Sequence = ()

    def feed(self, place: Place, key: str, *, typing: bool = False) -> Found:
        """Take one key, written as `key_of` does. Escape ends an unfinished sequence."""
        keys = (*self.pending, key)
        if self.pending and key == "escape":
            self.pending = ()
            return Found(taken=True)
        found = self.keymap.find(place, keys, typing=typing)
        self.pending = found.pending
        return found


def types_text(key: str) -> bool:
    """Whether the key would type a character, or edit, in a text field."""
    return len(key) == 1 or key in _EDITING


_EDITING = frozenset(
    {"space", "enter", "backspace", "delete", "left", "right", "up", "down", "home", "end", "pageup", "pagedown"}
    | {f"ctrl+{letter}" for letter in "acdefhkuvwxyz"}
    | {f"ctrl+{key}" for key in ("left", "right", "backspace", "delete")}
    | {f"shift+{key}" for key in ("left", "right", "up", "down", "home", "end")}
)


def make_keymap(preset: str = "default", own: Mapping[str, Iterable[str]] | None = None, *, where: str = "[keys]") -> Keymap:
    """A preset with the user's keys over it. A key that the user gives to one command is taken from others at the same place.

    Raises ConfigWrong for an unknown preset, command or key, and where two of the user's keys collide.
    ``where`` begins the error's message.
    """
    if preset not in PRESETS:
        raise ConfigWrong(f"keys: there is no preset {preset!r}.", _nearest(preset, PRESETS))
    chosen = {command.name: tuple(map(parse_keys, PRESETS[preset].get(command.name, command.keys))) for command in COMMANDS}
    given = {name: _parse_own(name, keys, where) for name, keys in (own or {}).items()}
    for name, sequences in given.items():
        for other in chosen:
            if other != name and other not in given and set(BY_NAME[other].places) & set(BY_NAME[name].places):
                chosen[other] = tuple(sequence for sequence in chosen[other] if sequence not in sequences)
    chosen |= given
    _refuse_collisions(chosen, where)
    return Keymap(chosen)


def _parse_own(name: str, keys: Iterable[str], where: str) -> tuple[Sequence, ...]:
    if name not in BY_NAME:
        raise ConfigWrong(f"{where}: there is no command {name!r}.", _nearest(name, BY_NAME))
    try:
        return tuple(map(parse_keys, keys))
    except ValueError as error:
        raise ConfigWrong(f"{where}: {name}: {error}.", "Write keys as in: e, ctrl+e, pagedown, space, g i.") from None


def parse_keys(text: str) -> Sequence:
    """Read ``"g i"`` or ``"ctrl+e"``. Raises ValueError."""
    keys = tuple(text.split())
    if not keys:
        raise ValueError("a key is missing")
    for key in keys:
        if not (len(key) == 1 and key.isprintable()) and key not in _NAMED and not _MODIFIED.match(key):
            raise ValueError(f"{key!r} is no key")
    return keys


def _refuse_collisions(chosen: Mapping[str, tuple[Sequence, ...]], where: str) -> None:
    for place in Place:
        taken: dict[Sequence, str] = {}
        for name, sequences in chosen.items():
            if place not in BY_NAME[name].places:
                continue
            for sequence in sequences:
                if sequence in taken and taken[sequence] != name:
                    raise ConfigWrong(f"{where}: {' '.join(sequence)!r} is bound to both {taken[sequence]} and {name}.")
                taken[sequence] = name
        for sequence, name in taken.items():
            for length in range(1, len(sequence)):
                if sequence[:length] in taken:
                    shorter = taken[sequence[:length]]
                    raise ConfigWrong(f"{where}: the key of {shorter} begins the sequence {' '.join(sequence)!r} of {name}.")


def _nearest(word: str, known: Iterable[str]) -> str:
    close = get_close_matches(word, list(known), n=1)
    return f"Did you mean {close[0]!r}?" if close else f"Known: {', '.join(known)}."
