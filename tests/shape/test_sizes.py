# SPDX-License-Identifier: GPL-3.0-or-later
"""Files, functions and classes stay small enough to be read in one go. What is larger stands here with its reason."""

import ast
from collections.abc import Iterator

from tests.shape.sources import python_files, relative, tree_of

FILE_LINES = 320
"""The aim is about 300."""
FUNCTION_LINES = 40
PUBLIC_METHODS = 20

LARGER: dict[str, str] = {
    "tuimail/backends/port.py: class MailBackend": "a mail server has that many verbs; implementations are split by command",
    "tuimail/backends/imap/backend.py: class ImapBackend": "implements MailBackend; each method hands on to its command's file",
    "tuimail/sync/local_mailbox.py": "one short method for each that a mail server has",
    "tuimail/sync/local_mailbox.py: class LocalMailbox": "implements MailBackend, for mail that no server keeps",
    "tuimail/ui/widgets/message_body.py: class MessageBody": "one method for each thing that a key does in the reader",
}
"""``path`` or ``path: function name`` or ``path: class Name`` → why."""


def _sizes() -> Iterator[tuple[str, int, int]]:
    """Every file, function and class with its size and the aim."""
    for path in python_files("tuimail"):
        name, tree = relative(path), tree_of(path)
        yield name, len(path.read_text(encoding="utf-8").splitlines()), FILE_LINES
        for node in ast.walk(tree):
            match node:
                case ast.FunctionDef() | ast.AsyncFunctionDef():
                    yield f"{name}: {node.name}", (node.end_lineno or node.lineno) - node.lineno + 1, FUNCTION_LINES
                case ast.ClassDef():
                    yield f"{name}: class {node.name}", len(_public_methods(node)), PUBLIC_METHODS


def _public_methods(node: ast.ClassDef) -> set[str]:
    functions = (item for item in node.body if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef))
    return {function.name for function in functions if not function.name.startswith("_")}


def test_what_is_large_stands_in_the_table_with_its_reason() -> None:
    over = {name: f"{size}, aim {aim}" for name, size, aim in _sizes() if size > aim}
    unexplained = [f"{name} ({size})" for name, size in over.items() if name not in LARGER]
    assert not unexplained, "larger than the aim: " + "; ".join(unexplained)


def test_the_table_holds_nothing_that_became_small() -> None:
    over = {name for name, size, aim in _sizes() if size > aim}
    assert not [name for name in LARGER if name not in over]
