# SPDX-License-Identifier: GPL-3.0-or-later
"""Generated messages of every class, small, go through all of the program but its screen, within bounds of time and memory."""

from tests.hostile.running import take_all

SECONDS = 60
"""CPU time for one message. The slowest takes about one second; what grows with the square of the size takes minutes."""
KINDS = (
    *("multiparts within multiparts", "messages within messages", "many parts", "many fields", "long subject of words"),
    *("words of many charsets", "comments within comments", "recipients", "continued parameters", "charsets", "compressed"),
    *("one line", "marks on one letter", "control characters", "deep HTML", "tables within tables", "many rules"),
    *("files of one name", "dates that are none", "an answer to answers", "a folded calendar", "a long selector", "tabs"),
    *("tricks everywhere", "paths everywhere", "lone surrogates everywhere", "only NUL", "nothing"),
)
"""Of the generated messages, of which `make hostile` takes all, in their real size."""


def test_no_generated_message_does_harm() -> None:
    taken = list(take_all([f"bomb:1:{kind}" for kind in KINDS], SECONDS, "engine"))
    assert len(taken) == len(KINDS)
    assert {one.name: one.failure for one in taken if one.failure} == {}
