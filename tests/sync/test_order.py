# SPDX-License-Identifier: GPL-3.0-or-later
"""In which order waiting actions are carried."""

from tuimail.model.action import Action, ActionState, CreateFolder, DeleteFolder, Move, SetFlags
from tuimail.model.ids import AccountId, ActionId, FolderId, MessageId
from tuimail.store.actions import WaitingAction
from tuimail.sync.order import in_order


def _flag(*messages: int) -> Action:
    return SetFlags(tuple(map(MessageId, messages)), frozenset({"trip"}))


def _order(*actions: Action, lost: int = 0) -> list[int]:
    """Numbers from 0, as they are carried when the answer of this one was lost."""
    queue = [
        WaitingAction(ActionId(number), AccountId(1), action, "", ActionState.WAITING, attempt=7 if number == lost else 0)
        for number, action in enumerate(actions)
    ]
    return [one.id for one in in_order(queue)]


def test_what_lost_its_answer_comes_last() -> None:
    assert _order(_flag(1), _flag(2), _flag(3)) == [1, 2, 0]
    assert _order(_flag(1), _flag(2), _flag(3), lost=1) == [0, 2, 1]


def test_nothing_changes_places_with_what_it_hangs_on() -> None:
    archive = Move((MessageId(1),), FolderId(2))
    assert _order(_flag(1), archive, _flag(3)) == [0, 1, 2]
    assert _order(archive, _flag(1)) == [0, 1]
    create = CreateFolder(FolderId(2), "Work")
    assert _order(create, archive) == [0, 1]
    assert _order(create, _flag(1)) == [1, 0]
    assert _order(_flag(1), DeleteFolder(FolderId(2)), _flag(3)) == [0, 1, 2]
