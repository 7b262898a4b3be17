# SPDX-License-Identifier: GPL-3.0-or-later
"""A small share of what ``make fuzz`` does, always the same, and everything that it ever found."""

import os
from random import Random

import pytest

from tests.fuzz.mutate import mutated
from tests.fuzz.targets import TARGETS, found, seeds

INPUTS = int(os.environ.get("TUIMAIL_FUZZ_INPUTS", "150"))
"""For each target."""


@pytest.mark.parametrize("name", TARGETS)
def test_changed_input_is_read_safely(name: str) -> None:
    target, examples = TARGETS[name], seeds(name)
    for data in examples:
        target.try_(data)
    random = Random(name)
    for _ in range(INPUTS):
        data = mutated(random, examples, target.words)
        try:
            target.try_(data)
        except Exception as error:
            error.add_note(f"by {data!r}")
            raise


def test_what_was_found_belongs_to_a_target() -> None:
    from tests.fuzz.targets import _FOLDER

    if _FOLDER.is_dir():
        assert {path.name for path in _FOLDER.iterdir()} <= {name.replace(" ", "-") for name in TARGETS}
    assert all(isinstance(data, bytes) for name in TARGETS for data in found(name))
