# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever the user, other programs, the network and the server do: in the end both sides agree, nothing is lost or doubled."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.sync.history import History
from tests.sync.memory_server import Traits
from tests.sync.world import World
from tuimail.sync import delta, fill

_numbers = st.integers(0, 5)
_THEIRS = ("deliver", "their_move", "their_move", "their_copy", "their_flag", "their_expunge", "their_rename", "renumber")
_OURS = ("flag", "flag", "move", "move", "copy", "copy", "expunge", "undo", "create", "rename")
_LOST = ("lost_move", "lost_copy", "lost_flag", "lost_append", "lost_rename", "lost_undo")
_CROSSED = ("raced_move", "raced_copy", "raced_flag", "renumbered_flag", "renumbered_move", "replace")
_EVENTS = ("sweep", "push", "look", "fill", "crash", "refused_push", "lost_push", "lost_sweep", "raced_sweep", "raced_push")
_steps = st.one_of(
    *(st.tuples(st.sampled_from(names), _numbers, _numbers) for names in (_THEIRS, _OURS, _LOST, _CROSSED, _EVENTS))
)
_traits = st.builds(
    lambda move, uidplus, sync, object_id, list_status: Traits(
        move, uidplus, sync != "plain", sync == "qresync", object_id, list_status
    ),
    st.booleans(),
    st.booleans(),
    st.sampled_from(["plain", "condstore", "qresync"]),
    st.booleans(),
    st.booleans(),
)


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delta, "SCREENFUL", 2)
    monkeypatch.setattr(fill, "_CHUNKS", (1, 2))


async def play(folder: Path, traits: Traits, steps: list[tuple[str, int, int]]) -> World:
    world = World(folder, traits)
    try:
        history = History(world)
        for number in range(4):
            await history.play("deliver", number, 0)
        await world.quiet()
        for step in steps:
            await history.play(*step)
        await world.quiet()
        history.check()
    finally:
        world.close()
    return world


_BARE = Traits(move=False, uidplus=False, condstore=False, qresync=False, object_id=False, list_status=False)


# What a move left behind is not what was moved.
@example(traits=_BARE, steps=[("move", 1, 0), ("lost_move", 0, 1), ("flag", 1, 0)])
@example(traits=_BARE, steps=[("move", 2, 0), ("raced_sweep", 1, 3), ("move", 2, 0), ("lost_move", 0, 0), ("lost_move", 4, 0)])
# What the first of two attempts without an answer did is found after the second.
@example(traits=_BARE, steps=[("lost_move", 0, 1), ("sweep", 0, 0), ("lost_move", 0, 0)])
# The target of a move without an answer is there under another name and UIDVALIDITY: that it may be done is told.
@example(traits=_BARE, steps=[*[("deliver", 0, 0)] * 7, ("lost_move", 2, 0), ("renumbered_flag", 0, 0), ("their_rename", 0, 0)])
# Our COPY is done, and another program moves its source with the \Deleted that we set.
@example(traits=replace(_BARE, uidplus=True), steps=[("lost_move", 4, 0), ("sweep", 0, 0), ("raced_sweep", 1, 0)])
# A message is moved on while it is looked for.
@example(
    traits=replace(_BARE, move=True, list_status=True),
    steps=[("move", 1, 0), ("lost_move", 0, 1), ("lost_sweep", 1, 1), ("raced_sweep", 3, 2)],
)
# A copy that is looked for after a new UIDVALIDITY is not taken for the one that our COPY without an answer made.
@example(
    traits=_BARE,
    steps=[
        ("their_copy", 1, 0),
        ("lost_move", 0, 5),
        ("raced_sweep", 0, 4),
        ("renumbered_flag", 2, 0),
        ("lost_move", 1, 3),
    ],
)
# What our COPY made was seen under a row of its own, and got a wish; then its folder was renumbered.
@example(
    traits=_BARE,
    steps=[
        ("move", 0, 1),
        ("lost_move", 0, 1),
        ("sweep", 0, 0),
        ("lost_move", 0, 0),
        ("renumbered_flag", 1, 2),
    ],
)
# A folder is empty by the time that it is read.
@example(
    traits=replace(_BARE, condstore=True, qresync=True),
    steps=[("deliver", 0, 0), ("renumber", 2, 0), ("raced_push", 5, 3), ("lost_move", 0, 1), ("sweep", 1, 0)],
)
# Our copy is moved on while it is looked for, into a folder that was looked at already.
@example(traits=_BARE, steps=[("lost_copy", 0, 5), ("raced_sweep", 5, 1), ("lost_move", 0, 1)])
# A message was moved to where our copy of it, without an answer, was to go: it is not told as deleted.
@example(
    traits=replace(_BARE, uidplus=True, list_status=True),
    steps=[("renumbered_flag", 0, 0), ("lost_sweep", 1, 4), ("their_move", 0, 1), ("lost_copy", 0, 2)],
)
# Another program's copy lacks a flag that our move would have taken along: the message is not deleted in its favour.
@example(traits=_BARE, steps=[("their_copy", 2, 0), ("lost_flag", 2, 0), ("raced_move", 2, 0)])
# COPY was answered, and nothing went: no message that comes to the target later is its doing.
@example(traits=replace(_BARE, uidplus=True), steps=[("raced_copy", 1, 0), ("flag", 1, 0)])
# An append without an answer, whose older copy is not found at once, is not repeated.
@example(traits=_BARE, steps=[("copy", 0, 0), ("replace", 0, 0)])
# The user moves on what a move without an answer made.
@example(traits=_BARE, steps=[("lost_move", 3, 2), ("move", 2, 0), ("sweep", 0, 0), ("lost_move", 2, 0)])
# Nothing is put into a folder that is being renamed, and a second rename waits for the first.
@example(traits=replace(_BARE, object_id=True), steps=[("lost_rename", 0, 0), ("lost_append", 1, 1), ("push", 0, 0)])
# A folder that another program renamed is not made anew under its old name.
@example(traits=replace(_BARE, object_id=True), steps=[("their_rename", 0, 0), ("move", 1, 0), ("push", 0, 0)])
# Our copy is moved on while the folder of its source, which has a new UIDVALIDITY, is not yet read in full.
@example(
    traits=_BARE,
    steps=[
        ("deliver", 0, 0),
        ("their_move", 1, 0),
        ("lost_copy", 0, 1),
        ("renumbered_move", 0, 0),
        ("raced_sweep", 1, 0),
    ],
)
# A message that is moved during a look is seen at two places: which one it is, is told as unclear.
@example(
    traits=replace(_BARE, condstore=True, qresync=True),
    steps=[
        *[("deliver", 0, 0), ("deliver", 1, 0), ("deliver", 1, 0)],
        *[("their_move", 0, 2), ("lost_move", 0, 0), ("lost_move", 1, 0), ("flag", 0, 0)],
        *[("renumbered_flag", 0, 0), ("raced_sweep", 3, 4), ("raced_move", 0, 0)],
    ],
)
@settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(traits=_traits, steps=st.lists(_steps, min_size=10, max_size=30))
def test_both_sides_come_to_agree(tmp_path: Path, traits: Traits, steps: list[tuple[str, int, int]]) -> None:
    asyncio.run(play(tmp_path / "store", traits, steps))
