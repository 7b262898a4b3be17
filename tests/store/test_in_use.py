# SPDX-License-Identifier: GPL-3.0-or-later
"""A store that was not closed in good order is checked by the next start, unless another program has it open."""

from pathlib import Path

from tuimail.store.in_use import was_left
from tuimail.store.store import Store


def test_one_program(tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    assert not was_left(tmp_path)
    store.close(clean=True)
    assert not was_left(tmp_path)
    Store.open(tmp_path).close()
    assert was_left(tmp_path)
    Store.open(tmp_path).close(clean=True)
    assert not was_left(tmp_path)


def test_a_command_beside_the_program(tmp_path: Path) -> None:
    program, command = Store.open(tmp_path), Store.open(tmp_path)
    command.close(clean=True)
    assert not was_left(tmp_path)
    another = program.another()
    another.close()
    program.close()  # as if it had been killed
    assert was_left(tmp_path)


def test_the_last_one_says_whether_it_was_clean(tmp_path: Path) -> None:
    program, command = Store.open(tmp_path), Store.open(tmp_path)
    program.close(clean=True)
    command.close(clean=True)
    assert not was_left(tmp_path)
