# SPDX-License-Identifier: GPL-3.0-or-later
"""What the documents name is there."""

import re
from pathlib import Path

import pytest

from tests.shape.sources import ROOT, relative

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
_LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)\s#]+)")
_FILE = re.compile(r"`((?:tuimail|tests|docs|themes|\.ci)/[\w./-]+)`")
_TARGET = re.compile(r"`make ([a-z]+)")


@pytest.mark.parametrize("document", DOCUMENTS, ids=relative)
def test_links_lead_somewhere(document: Path) -> None:
    assert not [link for link in _LINK.findall(document.read_text()) if not (document.parent / link).exists()]


@pytest.mark.parametrize("document", DOCUMENTS, ids=relative)
def test_files_that_are_named_exist(document: Path) -> None:
    assert not [name for name in _FILE.findall(document.read_text()) if not (ROOT / name).exists()]


@pytest.mark.parametrize("document", DOCUMENTS, ids=relative)
def test_make_knows_the_targets_that_are_named(document: Path) -> None:
    targets = set(re.findall(r"(?m)^([a-z]+):", (ROOT / "Makefile").read_text()))
    assert set(_TARGET.findall(document.read_text())) <= targets
