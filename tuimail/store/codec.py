# SPDX-License-Identifier: GPL-3.0-or-later
"""Model values ↔ columns."""

from typing import TypeVar

import msgspec

from tuimail.model.action import (
    Action,
    Append,
    Copy,
    CreateFolder,
    DeleteFolder,
    Expunge,
    Move,
    RenameFolder,
    SetFlags,
    Subscribe,
)
from tuimail.model.address import Address
from tuimail.model.flags import Flags
from tuimail.model.ids import MessageId
from tuimail.model.message import Envelope

_ACTIONS: dict[str, type[Action]] = {
    kind.__name__: kind for kind in (SetFlags, Move, Copy, Expunge, Append, CreateFolder, RenameFolder, DeleteFolder, Subscribe)
}
T = TypeVar("T")


def dump(value: object) -> str:
    """A model value as JSON."""
    return msgspec.json.encode(value).decode()


def load(text: str, kind: type[T]) -> T:
    """The inverse of `dump`."""
    return msgspec.json.decode(text, type=kind)


def dump_actions(actions: tuple[Action, ...]) -> str:
    """Actions of any kind as a JSON list of [kind, body]."""
    return dump([(type(action).__name__, action) for action in actions])


def load_actions(text: str) -> tuple[Action, ...]:
    """The inverse of `dump_actions`."""
    return tuple(load_action(kind, bytes(body).decode()) for kind, body in load(text, list[tuple[str, msgspec.Raw]]))


def load_action(kind: str, body: str) -> Action:
    """One action from its kind and JSON body."""
    return load(body, _ACTIONS[kind])


def dump_flags(flags: Flags) -> str:
    """Flags in one order, so that equal sets are equal columns."""
    return " ".join(sorted(flags))


def load_flags(text: str) -> Flags:
    """The inverse of `dump_flags`."""
    return frozenset(text.split())


def dump_addresses(envelope: Envelope) -> str:
    """From, Reply-To, To, Cc and Bcc as five lists of [name, email]."""
    fields = (envelope.from_, envelope.reply_to, envelope.to, envelope.cc, envelope.bcc)
    return dump([[(address.name, address.email) for address in field] for field in fields])


_addresses = msgspec.json.Decoder(list[list[tuple[str, str]]])


def load_addresses(text: str) -> list[tuple[Address, ...]]:
    """The inverse of `dump_addresses`."""
    return [tuple(Address(name, email) for name, email in field) for field in _addresses.decode(text)]


def ids_json(ids: tuple[MessageId, ...] | list[MessageId] | set[MessageId]) -> str:
    """Ids for ``json_each(?)``, which takes any number of them."""
    return dump(list(ids))
