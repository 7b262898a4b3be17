# SPDX-License-Identifier: GPL-3.0-or-later
"""Every HTML file of the corpus renders safely at several widths."""

import os
import re
from itertools import pairwise
from pathlib import Path

import pytest

from tuimail.render.html import render_html

DANGEROUS = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@pytest.mark.corpus
@pytest.mark.parametrize("width", [40, 80, 132])
def test_html_of_the_corpus(width: int) -> None:
    files = sorted(Path(os.environ["TUIMAIL_CORPUS"]).rglob("*.htm*"))
    assert files
    for file in files:
        rendered = render_html(file.read_text(encoding="utf-8", errors="replace"), width=width)
        assert ("", "") not in pairwise(line.text for line in rendered.lines), file
        for line in rendered.lines:
            assert not DANGEROUS.search(line.text), file
            assert all(0 <= span.start < span.end <= len(line.text) for span in line.spans), file
            assert all(span.link is None or span.link < len(rendered.links) for span in line.spans), file
