# SPDX-License-Identifier: GPL-3.0-or-later
"""Textual reads a plain ``str`` as markup nearly everywhere: widgets get constants of ours, or `Content`."""

import ast
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.shape.sources import ROOT, python_files, relative, tree_of

FILES = python_files("tuimail/ui")
PLAIN = {"Input", "TextArea", "Log"}
"""Widgets that show a ``str`` as it is."""
TITLES = {"border_title", "border_subtitle", "tooltip", "content", "renderable"}
"""Attributes whose text is read as markup."""
MARKUP = {
    "from_markup",
    "to_content",
    "from_text",
    "render_str",
    "visualize",
    "MarkupError",
    "escape_markup",
    "RichLog",
    "Markdown",
    "MarkdownViewer",
    "DataTable",
    "OptionList",
    "Tooltip",
}
"""Names that bring markup with them, and widgets that can hold much of it: there are others of our own."""
HITS = {"Hit": 4, "DiscoveryHit": 3}
"""Entries of Textual's palette, and where they hold a sentence that is read as markup; so is what they show, if it is a str."""
NO_WIDGETS = {"modules", "_reactives", "bindings", "_bindings", "places", "_keys"}
"""What else is updated: names of dictionaries and sets."""
Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


def _widgets(tree: ast.Module) -> set[str]:
    """The classes of Textual's widgets that a file imports."""
    return {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("textual.widgets")
        for alias in node.names
    } - PLAIN


@cache
def _defined(tree: ast.Module) -> dict[str, bool]:
    """The functions in a file; whether each of that name returns Content."""
    found: dict[str, bool] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found[node.name] = found.get(node.name, True) and _is_content(node.returns)
    return found


@cache
def _functions(tree: ast.Module) -> set[str]:
    """The functions in a file, and those that it imports from the program, that return Content."""
    found = dict(_defined(tree))
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(module=str(module), names=names) if module.startswith("tuimail.ui"):
                file = ROOT / f"{module.replace('.', '/')}.py"
                there = _defined(tree_of(file)) if file.exists() else {}
                found |= {one.asname or one.name: there.get(one.name, False) for one in names}
    return {name for name, is_content in found.items() if is_content}


class _Scope:
    """What is Content in a function: by annotation, or because nothing else is assigned to it there."""

    def __init__(self, tree: ast.Module, inside: ast.AST) -> None:
        self.functions = _functions(tree)
        self.names: set[str] = set()
        nodes = list(_own_nodes(inside))
        arguments = [(node.arg, _annotated(node.annotation)) for node in nodes if isinstance(node, ast.arg)]
        assigned = [pair for node in nodes for pair in _assigned(node)]
        stored = Counter(node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))
        explained = Counter(name for name, _ in assigned)
        known = [(name, value) for name, value in (*arguments, *assigned) if stored[name] == explained[name]]
        for _ in range(3):  # what is assigned to one may be another
            safe = {name for name, _ in known}
            self.names = safe - {name for name, value in known if not self.is_safe(value)}

    def is_safe(self, value: ast.expr) -> bool:
        """Whether a value is Content, or a text of ours without a bracket."""
        match value:
            case ast.Constant(value=str(text)):
                return "[" not in text
            case ast.Constant():
                return True
            case ast.Name(id=name):
                return name in self.names
            case ast.Call(func=ast.Name(id="Content")):
                return True
            case ast.Call(func=ast.Attribute(value=ast.Name(id="Content"), attr=name)):
                return name in {"assemble", "styled"}
            case ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name(id="Content")), attr="join" | "stylize")):
                return True
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(value=ast.Name(id="self"), attr=name)):
                return name in self.functions
            case ast.IfExp(body=one, orelse=other):
                return self.is_safe(one) and self.is_safe(other)
        return False


def _assigned(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Names, and what is assigned to them; what another statement stores, as a loop does, is not explained."""
    match node:
        case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation):
            yield name, _annotated(annotation)
        case ast.NamedExpr(target=ast.Name(id=name), value=value) | ast.Assign(targets=[ast.Name(id=name)], value=value):
            yield name, value
        case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)) if len(names) == len(values):
            yield from ((name.id, value) for name, value in zip(names, values, strict=True) if isinstance(name, ast.Name))


def _annotated(annotation: ast.expr | None) -> ast.expr:
    """What is safe only where the annotation says Content."""
    return ast.Constant(None) if _is_content(annotation) else ast.Name("?")


def _is_content(annotation: ast.expr | None) -> bool:
    return isinstance(annotation, ast.Name) and annotation.id == "Content"


def _own_nodes(inside: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a function, or of a module, without those of functions in it."""
    for node in ast.iter_child_nodes(inside):
        if not isinstance(node, Function):
            yield node
            yield from _own_nodes(node)


def _terminal(receiver: ast.expr) -> str:
    """The last name of what has a method."""
    match receiver:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Subscript(value=value):
            return _terminal(value)
    return ""


def _questionable(path: Path) -> Iterator[str]:
    tree = tree_of(path)
    widgets = _widgets(tree)
    for inside in (tree, *(node for node in ast.walk(tree) if isinstance(node, Function))):
        scope = _Scope(tree, inside)
        for node in _own_nodes(inside):
            for what in _wrong(node, widgets, scope):
                yield f"{relative(path)}:{getattr(node, 'lineno', 0)}: {what}"
    for method in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        if method.name == "render" and (method.returns is None or ast.unparse(method.returns) == "str"):
            yield f"{relative(path)}:{method.lineno}: render() gives a str"
    for kind in (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)):
        if any(_terminal(base) in widgets for base in kind.bases):
            yield from (f"{relative(path)}:{kind.lineno}: {kind.name}: {what}" for what in _made_of(kind, tree))


def _made_of(kind: ast.ClassDef, tree: ast.Module) -> Iterator[str]:
    """What a widget of our own gives to the one of Textual's that it is based on, and may be read as markup."""
    for method in (one for one in kind.body if isinstance(one, ast.FunctionDef)):
        scope = _Scope(tree, method)
        for call in ast.walk(method):
            match call:
                case ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name("super")), attr="__init__"), args=[first, *_]):
                    if not scope.is_safe(first):
                        yield ast.unparse(call)


def _wrong(node: ast.AST, widgets: set[str], scope: _Scope) -> Iterator[str]:
    """Texts in a node that may be read as markup."""
    match node:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=args, keywords=keywords) if name in widgets:
            shown = [*args[:1], *(one.value for one in keywords if one.arg in (None, "content", "label", "renderable"))]
            yield from (f"{name}({ast.unparse(one)})" for one in shown if not scope.is_safe(one))
        case ast.Call(func=ast.Name(id=name), args=args, keywords=keywords) if name in HITS:
            if len(args) > HITS[name] and ast.unparse(args[HITS[name]]) != "command.help":
                yield f"{name}: its help is {ast.unparse(args[HITS[name]])}"
            if len(args) <= HITS[name] or any(one.arg in ("help", None) for one in keywords):
                yield f"{name}: give its help by place"
        case ast.Call(func=ast.Attribute(value=receiver, attr="update"), args=[first], keywords=[]):
            if _terminal(receiver) not in NO_WIDGETS and not scope.is_safe(first):
                yield f"update({ast.unparse(first)})"
        case ast.Call(func=ast.Attribute(attr="notify"), args=[_, *_]):
            yield "notify: what is said in passing is a Toast of our own"
        case ast.Call(func=ast.Name(id="setattr"), args=[_, ast.Constant(value=name), value]) if name in TITLES:
            yield f"setattr {name}"
        case (
            ast.Assign(targets=[ast.Attribute(attr=name)], value=value)
            | ast.AnnAssign(target=ast.Attribute(attr=name), value=ast.expr() as value)
        ) if name in TITLES and not scope.is_safe(value):
            yield f"{name} = {ast.unparse(value)}"
        case ast.Import(names=names) if any(one.name.startswith("textual.widgets") for one in names):
            yield "import widgets by their names"
        case ast.ImportFrom(module="textual", names=names) if any(one.name == "widgets" for one in names):
            yield "import widgets by their names"
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.alias(name=name) if name in MARKUP:
            yield name


@pytest.mark.parametrize("path", FILES, ids=relative)
def test_no_text_from_outside_can_be_markup(path: Path) -> None:
    assert not list(_questionable(path))


@pytest.mark.parametrize(
    "source",
    [
        "Static(subject)",
        "Static(f'{subject}')",
        "Label('[b]' + subject)",
        "Button(str(subject))",
        "self.query_one('#x', Static).update(subject)",
        "self.border_title = subject",
        "self.notify(subject)",
        "Content.from_markup(subject)",
        "Static(Content.from_markup(subject))",
        "Static(*subjects)",
        "Static(content=subject)",
        "Static(**given)",
        "text = subject; Static(text)",
        "text = Content('x')\nif x: text = subject\nStatic(text)",
        "text, other = subject, Content('x'); Static(text)",
        "for text in subjects: Static(text)",
        "text = Content('x')\nfor text in subjects: Static(text)",
        "def one(text: Content): pass\ndef two(text: str): Static(text)",
        "def one(text: Content):\n for text in subjects: Static(text)",
        "def one(text: Content):\n text += subject\n Static(text)",
        "def words(text): return text\nStatic(words(subject))",
        "def words(text) -> str: return text\nStatic(words(subject))",
        "class Words(Static):\n def __init__(self, text: str): super().__init__(text)",
        "from textual import widgets\nwidgets.Static(subject)",
        "import textual.widgets as w",
        "from textual.widgets import Static as S\nS(subject)",
        "shown.update(subject)",
        "self._files.update(f'{subject}')",
        "self.screen.border_subtitle = f'{subject}'",
        "setattr(self, 'tooltip', subject)",
        "self.render_str(subject)",
        "class Words(Widget):\n def render(self) -> str: return subject",
        "Hit(1, shown, act, 'x', subject)",
        "DiscoveryHit(shown, act, 'x', help=subject)",
    ],
)
def test_the_rule_finds_what_it_is_for(source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "x.py"
    file.write_text(f"from textual.widgets import Button, Label, Static\n{source}\n")
    monkeypatch.setattr("tests.shape.test_markup.relative", str)
    assert list(_questionable(file))
