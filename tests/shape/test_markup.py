# SPDX-License-Identifier: GPL-3.0-or-later
"""Textual reads a plain ``str`` as markup nearly everywhere: widgets get constants of ours, or `Content`."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.shape.sources import python_files, relative, tree_of

FILES = python_files("tuimail/ui")
PLAIN = {"Input", "TextArea", "Log"}
"""Widgets that show a ``str`` as it is."""
TITLES = {"border_title", "border_subtitle", "tooltip"}
"""Attributes whose text is read as markup."""
MARKUP = {
    "from_markup",
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


def _widgets(tree: ast.Module) -> set[str]:
    """The classes of Textual's widgets that a file imports."""
    return {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("textual.widgets")
        for alias in node.names
    } - PLAIN


def _contents(tree: ast.Module) -> set[str]:
    """What is annotated as Content in a file: names of functions by what they return, of variables and arguments."""
    found = set()
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name, returns=ast.Name(id="Content")):
                found.add(name)
            case ast.arg(arg=name, annotation=ast.Name(id="Content")):
                found.add(name)
            case ast.AnnAssign(target=ast.Name(id=name), annotation=ast.Name(id="Content")):
                found.add(name)
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as value) if _is_safe(value, set()):
                found.add(name)
    return found


def _is_safe(value: ast.expr, contents: set[str]) -> bool:
    match value:
        case ast.Constant(value=str(text)):
            return "[" not in text
        case ast.Constant() | ast.Starred():
            return True
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name in contents
        case ast.Call(func=ast.Name(id="Content")):
            return True
        case ast.Call(func=ast.Attribute(value=ast.Name(id="Content"), attr=name)):
            return name in {"assemble", "styled"}
        case ast.Call(func=ast.Name(id=name)) | ast.Call(func=ast.Attribute(attr=name)):
            return name in contents
        case ast.IfExp(body=one, orelse=other):
            return _is_safe(one, contents) and _is_safe(other, contents)
    return False


def _is_static(receiver: ast.expr) -> bool:
    """Whether ``receiver.update`` is that of a widget, by what it was looked up as."""
    match receiver:
        case ast.Call(func=ast.Attribute(attr="query_one"), args=[_, ast.Name(id="Static" | "Label")]):
            return True
    return False


def _questionable(path: Path) -> Iterator[str]:
    tree = tree_of(path)
    widgets, contents = _widgets(tree), _contents(tree)
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name), args=[first, *_]) if name in widgets and not _is_safe(first, contents):
                yield f"{relative(path)}:{node.lineno}: {name}({ast.unparse(first)})"
            case ast.Call(func=ast.Attribute(value=receiver, attr="update"), args=[first, *_]) if _is_static(receiver):
                if not _is_safe(first, contents):
                    yield f"{relative(path)}:{node.lineno}: update({ast.unparse(first)})"
            case ast.Call(func=ast.Attribute(attr="notify"), args=[_, *_]):
                yield f"{relative(path)}:{node.lineno}: notify: what is said in passing is a Toast of our own"
            case ast.Assign(targets=[ast.Attribute(attr=name)], value=value) if name in TITLES and not _is_safe(
                value, contents
            ):
                yield f"{relative(path)}:{node.lineno}: {name} = {ast.unparse(value)}"
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.alias(name=name) if name in MARKUP:
                yield f"{relative(path)}: {name}"


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
    ],
)
def test_the_rule_finds_what_it_is_for(source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "x.py"
    file.write_text(f"from textual.widgets import Button, Label, Static\n{source}\n")
    monkeypatch.setattr("tests.shape.test_markup.relative", str)
    assert list(_questionable(file))
