# SPDX-License-Identifier: GPL-3.0-or-later
"""What is about to read much compresses only where the line is slower than compressing."""

import pytest

from tests.backends.imap.scripted import Line, playing
from tuimail.backends.imap import distance
from tuimail.backends.imap.backend import ImapBackend


@pytest.mark.parametrize(
    ("offered", "near", "questions", "compresses"),
    [(b"COMPRESS=DEFLATE", 60.0, 1, False), (b"COMPRESS=DEFLATE", 0.0, 8, True), (b"IDLE", 0.0, 0, False)],
    ids=["near", "far", "not offered"],
)
async def test_only_a_long_line_is_compressed(
    monkeypatch: pytest.MonkeyPatch, *, offered: bytes, near: float, questions: int, compresses: bool
) -> None:
    monkeypatch.setattr(distance, "_NEAR", near)

    async def script(line: Line) -> None:
        await line.sign_in(b"IMAP4rev1 NAMESPACE " + offered)
        for _ in range(questions):
            await line.answer(b"NOOP")
        if compresses:
            await line.answer(b"COMPRESS DEFLATE", status=b"NO not now")
        await line.answer(b"STATUS", b"* STATUS Work (MESSAGES 2)\r\n")
        line.hang_up()

    async with playing(script) as played:
        backend = ImapBackend(played.address, played.secret, compress=False)
        await backend.connect()
        await backend.compress_if_far()
        assert (await backend.status("Work")).messages == 2
        await backend.close()
