# SPDX-License-Identifier: GPL-3.0-or-later
# ruff: noqa: PTH103, PTH116, PTH118, PTH120, S302
"""What a start compiles, compiled once: modules, regular expressions, methods of dataclasses, types; all in one file.

A start imports some 500 modules. Python looks for each in several folders and reads it from a file of its own, if it may write
such files (not with ``PYTHONDONTWRITEBYTECODE``, not in a folder that is read-only); the regular expressions, the methods that
`dataclasses` and `namedtuple` write, and types that are written as text it compiles anew each time. With all that in one file
the imports take half as long.

The file ``compiled`` is written on leaving when something was missing: beside Python's own files where the program is the
user's own, so that it serves each home, else in the state folder. It holds code that is run, so it is used only when it is
private. It is for one Python with one ``sys.path`` and one version of the program, and a module is taken from it as long as its
source has the size and the time of change that it had. Nothing that the user typed or reads gets in: what is compiled after
`settle` is not noted.
"""

import marshal
import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader
from types import CodeType, ModuleType
from typing import Any, NamedTuple

from tuimail import __version__
from tuimail.frame import open_private, write_private

_NAME = "compiled"
_LENGTH = 8
"""Octets at the begin of the file, which tell how many the table has that follows; behind it stands the code."""
_DAMAGED = (OSError, EOFError, ValueError, TypeError)
_Module = tuple[str, bool, tuple[int, int], int, int]
"""Path of the source, whether it is a package, `_stamp` of the source, begin and length of the code."""
_Pattern = tuple[int, list[int], int, dict[str, int], tuple[str | None, ...]]
"""What `_sre.compile` makes a pattern of: flags, code, number of groups, their numbers by name, their names."""


class _Table(NamedTuple):
    """What the file has."""

    modules: dict[str, _Module]
    methods: dict[str, CodeType]
    """By their text."""
    expressions: dict[str, CodeType]
    """By their text."""
    patterns: dict[tuple[str | bytes, int], _Pattern]
    """By text and flags."""
    notes: dict[str, bytes]
    """What the program itself had to work out, by name."""


def folder_for(package: str, state: str) -> str:
    """Where to keep the file of a program whose code is in the folder ``package``; ``state``: where the user's state is."""
    cache = os.path.join(package, "__pycache__")
    try:
        if os.stat(package).st_uid == os.getuid() and os.access(package, os.W_OK):
            os.makedirs(cache, exist_ok=True)
            return cache if os.stat(cache).st_uid == os.getuid() and os.access(cache, os.W_OK) else state
    except OSError:
        pass
    return state


class Compiled:
    """The file in one folder. A finder, as `sys.meta_path` has them."""

    def __init__(self, folder: str) -> None:
        self._path = os.path.join(folder, _NAME)
        self._before = frozenset(sys.modules)
        self._descriptor, self._begin = -1, 0
        self._table = _Table({}, {}, {}, {}, {})
        self.notes: dict[str, bytes] = {}
        """What earlier starts noted; what is put here is kept."""
        self._new_methods: list[str] = []
        self._new_expressions: list[str] = []
        self._new_patterns: list[tuple[str | bytes, int]] = []
        self._settled = False

    def use(self) -> None:
        """From now on import from the file, as far as it has what is wanted; note what it has not."""
        try:
            self._read()
        except _DAMAGED:
            self._table = _Table({}, {}, {}, {}, {})
        self.notes.update(self._table.notes)
        sys.meta_path.insert(0, self)
        self._keep_patterns()
        self._keep_expressions()

    def use_for_classes(self) -> None:
        """The same for what `dataclasses` compiles, which is imported for it."""
        self._keep_methods()

    def settle(self) -> None:
        """The program is imported: note no more patterns, methods and expressions."""
        self._settled = True

    def keep(self) -> None:
        """Write the file anew where this start had to compile something, or a later import."""
        sources = {name: path for name, module in list(sys.modules.items()) if (path := self._source(name, module))}
        missing = {name: path for name, path in sources.items() if not self._has(name)}
        if missing or self._new_methods or self._new_expressions or self._new_patterns or self.notes != self._table.notes:
            try:
                write_private(self._path, self._content(missing))
            except (*_DAMAGED, ImportError, SyntaxError):
                return

    def find_spec(
        self,
        name: str,
        path: Sequence[str] | None = None,  # noqa: ARG002
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        """How to import a module that the file has."""
        if not self._has(name):
            return None
        source, is_package, *_ = self._table.modules[name]
        spec = ModuleSpec(name, _Loader(name, source, self), origin=source, is_package=is_package)
        spec.has_location = True
        spec.cached = self._path
        if spec.submodule_search_locations is not None:
            spec.submodule_search_locations.append(os.path.dirname(source))
        return spec

    def marshalled(self, name: str) -> bytes:
        """A module's code. Raises OSError."""
        *_, begin, length = self._table.modules[name]
        return os.pread(self._descriptor, length, self._begin + begin)

    def _has(self, name: str) -> bool:
        found = self._table.modules.get(name)
        return found is not None and _stamp(found[0]) == found[2]

    def _source(self, name: str, module: ModuleType) -> str:
        """The source of a module that belongs into the file; empty where it does not."""
        spec = getattr(module, "__spec__", None)
        if name in self._before or spec is None or spec.name != name or not isinstance(spec.loader, SourceFileLoader):
            return ""
        return spec.origin or ""

    # ── the file ────────────────────────────────────────────────────────────────────────────────

    def _read(self) -> None:
        self._descriptor = open_private(self._path)
        length = int.from_bytes(os.read(self._descriptor, _LENGTH), "big")
        self._begin = _LENGTH + length
        if self._begin > os.fstat(self._descriptor).st_size:
            raise EOFError(self._path)
        whose, *table = marshal.loads(os.read(self._descriptor, length))
        if whose == _whose():
            self._table = _Table(*table)

    def _content(self, missing: dict[str, str]) -> bytes:
        """The file with these modules, by name and source, in addition."""
        modules: dict[str, _Module] = {}
        codes: list[bytes] = []
        end = 0

        def add(name: str, source: str, stamp: tuple[int, int], code: bytes) -> None:
            nonlocal end
            modules[name] = (source, source.endswith("__init__.py"), stamp, end, len(code))
            codes.append(code)
            end += len(code)

        for name, (source, _, stamp, *_) in self._table.modules.items():
            if name not in missing and self._has(name):
                add(name, source, stamp, self.marshalled(name))
        for name, source in missing.items():
            add(name, source, _stamp(source), marshal.dumps(SourceFileLoader(name, source).get_code(name)))
        methods = {**self._table.methods, **{text: _compile(text) for text in self._new_methods}}
        expressions = {**self._table.expressions, **{text: _compile(text, "eval") for text in self._new_expressions}}
        patterns = {**self._table.patterns, **{key: _compile_pattern(*key) for key in self._new_patterns}}
        table = marshal.dumps((_whose(), modules, methods, expressions, patterns, self.notes))
        return b"".join([len(table).to_bytes(_LENGTH, "big"), table, *codes])

    # ── what Python compiles while it imports ───────────────────────────────────────────────────

    def _keep_patterns(self) -> None:
        """Lay the table over what `re` compiles with."""
        import _sre  # type: ignore[import-not-found]
        import re

        compiler = getattr(re, "_compiler", None)
        if compiler is None:
            return
        at_once = compiler.compile

        def compile_pattern(pattern: Any, flags: int = 0) -> Any:
            if type(pattern) not in (str, bytes) or flags & (re.DEBUG | re.LOCALE):
                return at_once(pattern, flags)
            key = (pattern, int(flags))
            if (known := self._table.patterns.get(key)) is not None:
                return _sre.compile(pattern, *known)
            if not self._settled:
                self._new_patterns.append(key)
            return at_once(pattern, flags)

        compiler.compile = compile_pattern

    def _keep_methods(self) -> None:
        """Lay the table over what `dataclasses` runs the text of its methods with."""
        import dataclasses

        def run(text: str, names: dict[str, Any], into: dict[str, Any]) -> None:
            code = self._table.methods.get(text)
            if code is None:
                code = _compile(text)
                if not self._settled:
                    self._new_methods.append(text)
            exec(code, names, into)  # noqa: S102  what dataclasses itself would do

        dataclasses.exec = run  # type: ignore[attr-defined]

    def _keep_expressions(self) -> None:
        """Lay the table over what `typing` compiles types with that are written as text, and `namedtuple` its methods."""
        import collections
        import typing

        def compiled(text: Any, file: str, mode: str, **options: Any) -> Any:
            if type(text) is not str or (file, mode, options) != ("<string>", "eval", {}):
                return compile(text, file, mode, **options)
            code = self._table.expressions.get(text)
            if code is None:
                code = _compile(text, mode)
                if not self._settled:
                    self._new_expressions.append(text)
            return code

        typing.compile = compiled  # type: ignore[attr-defined]
        collections.eval = lambda text, names: eval(compiled(text, "<string>", "eval"), names)  # type: ignore[attr-defined]  # noqa: S307


class _Loader(SourceFileLoader):
    """Loads a module from the file, and from its source where the file is damaged."""

    def __init__(self, name: str, path: str, compiled: Compiled) -> None:
        super().__init__(name, path)
        self._compiled = compiled

    def get_code(self, fullname: str) -> CodeType | None:
        """A module's code."""
        try:
            code = marshal.loads(self._compiled.marshalled(fullname))
        except _DAMAGED:
            code = None
        return code if isinstance(code, CodeType) else super().get_code(fullname)


def _whose() -> tuple[str, str, int, tuple[str, ...]]:
    """For what the file is."""
    return (__version__, sys.version, sys.flags.optimize, tuple(sys.path))


def _stamp(path: str) -> tuple[int, int]:
    """Size and time of change (ns) of a file; of one that cannot be read none that a file has."""
    try:
        found = os.stat(path)
    except OSError:
        return -1, 0
    return found.st_size, found.st_mtime_ns


def _compile(text: str, mode: str = "exec") -> CodeType:
    return compile(text, "<string>", mode, dont_inherit=True)


def _compile_pattern(pattern: str | bytes, flags: int) -> _Pattern:
    """As `re._compiler.compile` does it, but for the last step."""
    from re import _compiler, _parser  # type: ignore[attr-defined]

    parsed = _parser.parse(pattern, flags)
    numbers = dict(parsed.state.groupdict)
    names: list[str | None] = [None] * parsed.state.groups
    for name, number in numbers.items():
        names[number] = name
    code = list(map(int, _compiler._code(parsed, flags)))
    return int(flags | parsed.state.flags), code, parsed.state.groups - 1, numbers, tuple(names)
