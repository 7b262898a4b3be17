# SPDX-License-Identifier: GPL-3.0-or-later
"""Every file of a mail corpus is taken apart without an error, and nothing unsafe comes out."""

import time
from pathlib import Path

import pytest

from tuimail.mime.choose import attachments, body_parts, has_attachment
from tuimail.mime.envelope import envelope_of
from tuimail.mime.parse import parse


@pytest.mark.corpus
def test_every_file(corpus: Path) -> None:
    slowest = (0.0, "")
    count = 0
    for path in sorted(corpus.rglob("*")):
        if not path.is_file():
            continue
        raw = path.read_bytes()
        start = time.perf_counter()
        message = parse(raw)
        envelope = envelope_of(message.headers)
        bodies = [message.text(part.section) for part in body_parts(message.root)]
        contents = [message.content(part.section) for part in attachments(message.root)]
        slowest = max(slowest, (time.perf_counter() - start, path.name))
        count += 1
        assert all(part.size == len(message.encoded(part.section or "TEXT")) for part in message.root.walk())
        assert "\x1b" not in envelope.subject + "".join(value for _, value in message.headers)
        assert bodies or contents or has_attachment(message.root) or message.root.children, path
    assert count
    print(f"{count} files, slowest {slowest[0] * 1000:.0f} ms: {slowest[1]}")
