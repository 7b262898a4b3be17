# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes Textual cheaper to import; as `tuimail.lean`, to be asked for before that. Without it a start is slower, nothing else.

Textual imports its command palette, and with that its trees and menus, with the app: a tenth of its modules, which are shown
late or never. And when a class of widgets is defined, it looks at every attribute of all classes that it is based on. Private
parts of Textual 8.2 are replaced.
"""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any

_PALETTE = ("CommandListItem", "CommandPalette", "DiscoveryHit", "Hit", "Hits", "Provider", "SimpleProvider")
_LATE: Mapping[str, tuple[str, ...]] = {
    "platformdirs": ("user_downloads_path",),
    "rich.table": ("Table",),
    "textual.command": _PALETTE,
}
"""Modules that are not needed for a screen, and what of them Textual wants to have at hand."""


class _Late(type):
    """Of a class or function whose module is not imported yet; that is done when it is called, or asked for anything."""

    def __call__(cls, *given: Any, **named: Any) -> Any:
        return cls._found()(*given, **named)

    def __getattr__(cls, name: str) -> Any:
        return getattr(cls._found(), name)

    def _found(cls) -> Any:
        if cls.__name__ not in _LATE.get(cls.__module__, ()):
            raise NotImplementedError(f"{cls.__name__} was derived from a class that was not there.")
        return getattr(import_module(cls.__module__), cls.__name__)


@contextmanager
def imported_late() -> Iterator[None]:
    """Within this, who imports those modules gets something that stands for them; afterwards everybody gets the modules."""
    standing = {name: _standing_for(name) for name in _LATE if name not in sys.modules}
    sys.modules.update(standing)
    try:
        yield
    finally:
        for name, module in standing.items():
            if sys.modules.get(name) is module:
                del sys.modules[name]


def _standing_for(module: str) -> ModuleType:
    made = ModuleType(module)
    for name in _LATE[module]:
        setattr(made, name, _Late(name, (), {"__module__": module}))
    return made


def define_quickly() -> None:
    """From now on, look at each attribute of a class once, however many widgets are based on that class."""
    from textual.dom import DOMNode

    if DOMNode.__init_subclass__.__func__.__module__ == "textual.dom":  # type: ignore[attr-defined]
        DOMNode.__init_subclass__ = classmethod(_define)  # type: ignore[assignment]


def _define(cls: Any, inherit_css: bool = True, inherit_bindings: bool = True, inherit_component_classes: bool = True) -> None:
    """As `DOMNode.__init_subclass__`."""
    from textual.binding import BindingsMap
    from textual.dom import DOMNode

    super(DOMNode, cls).__init_subclass__()
    cls._inherit_css = inherit_css
    cls._inherit_bindings = inherit_bindings
    cls._inherit_component_classes = inherit_component_classes
    bases = cls._css_bases(cls)
    cls._css_type_name = bases[0].__name__
    cls._css_type_names = frozenset(base.__name__ for base in bases)
    cls._reactives = {}
    computed: set[str] = set()
    bindings: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        own = _Own.of(base)
        cls._reactives.update(own.reactives)
        computed |= own.computed
        if issubclass(base, DOMNode):
            if not base._inherit_bindings:
                bindings.clear()
            bindings.update((key, list(bound)) for key, bound in own.bindings.items())
    cls._computes = frozenset(computed)
    cls._merged_bindings = BindingsMap.from_keys(bindings)


class _Own:
    """What a class itself has, without those that it is based on."""

    known: dict[type, "_Own"] = {}  # noqa: RUF012  shared on purpose

    def __init__(self, kind: type) -> None:
        from textual.binding import BindingsMap
        from textual.reactive import Reactive

        attributes = vars(kind)
        self.reactives = {name: value for name, value in attributes.items() if isinstance(value, Reactive)}
        self.computed = {name.lstrip("_")[8:] for name in attributes if name.startswith(("_compute_", "compute_"))}
        self.bindings = BindingsMap(attributes.get("BINDINGS", [])).key_to_bindings

    @classmethod
    def of(cls, kind: type) -> "_Own":
        """The same for each class, looked for once."""
        found = cls.known.get(kind)
        if found is None:
            found = cls.known[kind] = cls(kind)
        return found
