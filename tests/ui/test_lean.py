# SPDX-License-Identifier: GPL-3.0-or-later
"""What makes Textual cheaper to import changes nothing of what is imported."""

import subprocess
import sys

from tests.shape.sources import ROOT

DEFINED = """
from textual.dom import DOMNode

plain = DOMNode.__dict__["__init_subclass__"].__func__

from tuimail.screen import _import_screen

_import_screen()
quick = DOMNode.__dict__["__init_subclass__"].__func__
assert quick is not plain

def told(kind):
    bindings = kind._merged_bindings.key_to_bindings
    names = (kind._css_type_name, kind._css_type_names, kind._computes, kind._inherit_bindings)
    return list(kind._reactives.items()), list(bindings.items()), names

def below(kind):
    for one in kind.__subclasses__():
        yield one
        yield from below(one)

kinds = set(below(DOMNode))
for kind in kinds:
    now = told(kind)
    plain(kind, kind._inherit_css, kind._inherit_bindings, kind._inherit_component_classes)
    assert told(kind) == now, kind
print(len(kinds))
"""
LATE = """
import sys
from tuimail.screen import _import_screen

_import_screen()
import textual.app

assert "textual.command" not in sys.modules
standing = textual.app.CommandPalette
assert callable(standing.is_open)
from textual.command import CommandPalette

assert type(standing(id="one")) is CommandPalette
assert standing.is_open == CommandPalette.is_open
from tuimail.ui.palette import Palette

assert issubclass(Palette, CommandPalette)
try:
    textual.app.ThemeProvider(None)
except NotImplementedError as error:
    print(error)
"""


def _ran(script: str) -> str:
    ran = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert not ran.returncode, ran.stderr
    return ran.stdout.strip()


def test_classes_have_what_textual_gives_them() -> None:
    assert int(_ran(DEFINED)) > 40


def test_what_is_imported_late_is_there_when_it_is_wanted() -> None:
    assert _ran(LATE) == "ThemeProvider was derived from a class that was not there."
