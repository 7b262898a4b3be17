# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes dataclasses cheap to define: most of the methods that the decorator writes are compiled when first called.

`dataclasses` compiles up to seven methods for each class, one by one. A start of the program defines some 170 classes and calls
few of those methods; the compiling alone was an eighth of it. Up to Python 3.12 all of it goes through one private function,
which is replaced here; later versions compile a class in one go, and nothing is done. Nothing else changes: when a method is
called for the first time, the one that the decorator would have made takes its place.
"""

import dataclasses
from collections.abc import Callable
from typing import Any

_LATER = frozenset({"__repr__", "__eq__", "__hash__", "__setattr__", "__delattr__", "__lt__", "__le__", "__gt__", "__ge__"})
"""Not ``__init__``, which is called for nearly every class."""
_Method = Callable[..., Any]


def compile_methods_later() -> None:
    """From now on, where this Python allows it."""
    at_once = getattr(dataclasses, "_create_fn", None)
    if at_once is not None and at_once.__module__ == "dataclasses":
        dataclasses._create_fn = _deferring(at_once)  # type: ignore[attr-defined]


def _deferring(at_once: Callable[..., _Method]) -> Callable[..., _Method]:
    def create(name: str, args: list[str], body: list[str], **names: Any) -> _Method:
        if name not in _LATER:
            return at_once(name, args, body, **names)
        made: list[_Method] = []

        def first_call(self: object, *given: object) -> Any:
            if not made:
                made.append(at_once(name, args, body, **names))
                _replace(type(self), name, first_call, made[0])
            return made[0](self, *given)

        first_call.__name__ = first_call.__qualname__ = name
        return first_call

    return create


def _replace(kind: type, name: str, old: _Method, new: _Method) -> None:
    """Put the method in its place. A representation is wrapped by `dataclasses` once more, and stays behind the wrapper."""
    for base in kind.__mro__:
        if base.__dict__.get(name) is old:
            new.__qualname__ = old.__qualname__
            setattr(base, name, new)
