# SPDX-License-Identifier: GPL-3.0-or-later
"""Random histories of a user, a server and crashes: what must hold after every single step."""

import shutil
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp
from typing import TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.store.mailbox import NAMES, Carrier, Mailbox, mail
from tuimail.backends.port import FlagUpdate
from tuimail.model.action import Action, Copy, CreateFolder, DeleteFolder, Expunge, Move, RenameFolder, SetFlags
from tuimail.model.errors import InputWrong
from tuimail.model.flags import DELETED, FLAGGED, SEEN
from tuimail.model.ids import MessageId
from tuimail.model.uidset import UidSet
from tuimail.store.database import CACHE, Connection
from tuimail.store.folders import ListedFolder

PICK = st.integers(0, 1000)
FLAGS = st.frozensets(st.sampled_from([SEEN, FLAGGED, "$Later"]), max_size=2)
T = TypeVar("T")
View = dict[str, tuple[tuple[int, int], list[tuple[int, set[str]]]]]


def chosen(things: list[T], pick: int) -> T:
    """One of them."""
    return things[pick % len(things)]


class Histories(RuleBasedStateMachine):
    """One account; the server does what it is asked for, or refuses, and other programs change things meanwhile."""

    def __init__(self) -> None:
        super().__init__()
        self.path = Path(mkdtemp())
        self.box = Mailbox.make(self.path)
        self.uid = 0
        self.pull = 1

    @initialize(count=st.integers(1, 6))
    def begin(self, count: int) -> None:
        for _ in range(count):
            self.deliver("INBOX", frozenset(), 0)

    @rule(folder=st.sampled_from(NAMES), flags=FLAGS, name=st.integers(0, 5))
    def deliver(self, folder: str, flags: frozenset[str], name: int) -> None:
        known = self.box.store.folders.on_server(self.box.account)
        if folder in known:
            self.uid += 1
            message = mail(self.uid, f"note{name}", flags=flags)
            self.box.store.arrivals.insert(self.box.account, known[folder].id, [message], self.pull)

    def shown(self) -> list[MessageId]:
        """Every message in any list."""
        return [MessageId(number) for name in self.box.tree() for number in self.box.ids(name)]

    def some(self, pick: int) -> tuple[MessageId, ...]:
        """A few messages that are shown."""
        ids = self.shown()
        return tuple(ids[pick % max(len(ids), 1) :][: 1 + pick % 3])

    def perform(self, *actions: Action) -> None:
        """A gesture; taking it back before anything was sent must leave no trace."""
        before = self.view()
        done = self.box.store.actions.perform(actions, "Done")
        if done.undo is not None:
            after = self.view()
            self.box.store.actions.undo(done.undo)
            assert self.view() == before
            self.box.store.actions.perform(self.again(actions), "Done")
            if not any(isinstance(action, Copy) for action in actions):
                assert self.view() == after

    def again(self, actions: tuple[Action, ...]) -> list[Action]:
        """The same gesture; a folder that was to be made lost its row and gets another."""
        fresh = {
            action.folder: self.box.store.folders.add_waiting(self.box.account, "/")
            for action in actions
            if isinstance(action, CreateFolder)
        }
        return [
            replace(action, folder=fresh[action.folder])
            if isinstance(action, CreateFolder | Move) and action.folder in fresh
            else action
            for action in actions
        ]

    @rule(pick=PICK, add=FLAGS, remove=FLAGS)
    def set_flags(self, pick: int, add: frozenset[str], remove: frozenset[str]) -> None:
        self.perform(SetFlags(self.some(pick), add, remove - add))

    @rule(pick=PICK, to=PICK, flags=FLAGS)
    def flag_and_move(self, pick: int, to: int, flags: frozenset[str]) -> None:
        target = self.box.folder(chosen(self.box.tree(), to))
        self.perform(SetFlags(self.some(pick), flags), Move(self.some(pick), target), SetFlags(self.some(pick), remove=flags))

    @rule(pick=PICK, to=PICK)
    def copy(self, pick: int, to: int) -> None:
        self.perform(Copy(self.some(pick), self.box.folder(chosen(self.box.tree(), to))))

    @rule(pick=PICK)
    def expunge(self, pick: int) -> None:
        self.perform(Expunge(self.some(pick)))

    @rule(pick=PICK, name=st.sampled_from(["New", "Newer", "Lists/new"]))
    def create_and_move(self, pick: int, name: str) -> None:
        if self.box.store.folders.by_name(self.box.account, name) is None:
            folder = self.box.store.folders.add_waiting(self.box.account, "/")
            self.perform(CreateFolder(folder, name), Move(self.some(pick), folder))

    @rule(name=st.sampled_from(["Groups", "Lists", "Lists/other"]))
    def rename(self, name: str) -> None:
        tree = self.box.tree()
        old = next((known for known in tree if known in ("Lists", "Groups")), None)
        if old and name not in tree and not name.startswith(f"{old}/"):
            self.perform(RenameFolder(self.box.folder(old), old, name))

    @rule(name=st.sampled_from(["New", "Lists/python"]))
    def delete_folder(self, name: str) -> None:
        folder = self.box.store.folders.by_name(self.box.account, name)
        if folder is not None:
            self.perform(DeleteFolder(folder.id))

    @rule()
    def undo(self) -> None:
        try:
            self.box.store.actions.undo()
        except InputWrong:
            assert not self.box.store.actions.perform([], "Nothing").undo

    @rule(refused=st.booleans())
    def carry_one(self, refused: bool) -> None:
        for waiting in self.box.store.actions.waiting(self.box.account)[:1]:
            if refused:
                self.box.store.actions.start(waiting.id)
                self.box.store.actions.fail(waiting.id)
            else:
                Carrier(self.box).carry(waiting.id, waiting.action)

    @rule()
    def start_one(self) -> None:
        for waiting in self.box.store.actions.waiting(self.box.account)[:1]:
            self.box.store.actions.start(waiting.id)

    @rule(pick=PICK)
    def vanish(self, pick: int) -> None:
        for message, place in self.box.store.messages.places(self.some(pick)).items():
            if place.folder is not None and place.uid is not None:
                self.box.store.arrivals.vanish(place.folder, UidSet.of([place.uid]), self.pull)
                assert message in {row.id for row in self.box.store.arrivals.in_limbo(self.box.account)}

    @rule(pick=PICK, to=st.sampled_from(NAMES))
    def moved_by_another(self, pick: int, to: str) -> None:
        target = self.box.store.folders.on_server(self.box.account).get(to)
        for message, place in self.box.store.messages.places(self.some(pick)).items():
            row = self.box.row(message)
            if place.folder is None or place.uid is None or target is None:
                continue
            self.box.store.arrivals.vanish(place.folder, UidSet.of([place.uid]), self.pull)
            self.uid += 1
            again = mail(self.uid, "again", flags=row.flags)
            born = self.box.store.arrivals.insert(self.box.account, target.id, [again], self.pull).fresh
            if born:
                self.box.store.arrivals.settle({message: born[0]}, [])

    @rule()
    def settle(self) -> None:
        self.pull += 1
        gone = [row.id for row in self.box.store.arrivals.in_limbo(self.box.account)]
        for number in self.box.store.arrivals.settle({}, gone):
            lost = next(one.id for one in self.box.store.actions.waiting(self.box.account) if one.id == number)
            self.box.store.actions.fail(lost)

    @rule(pick=PICK, flags=FLAGS, deleted=st.booleans())
    def server_flags(self, pick: int, flags: frozenset[str], deleted: bool) -> None:
        for place in self.box.store.messages.places(self.some(pick)).values():
            if place.folder is not None and place.uid is not None:
                told = FlagUpdate(place.uid, flags | {DELETED} if deleted else flags)
                self.box.store.arrivals.set_flags(place.folder, [told])

    @rule(pick=PICK)
    def uid_not_told(self, pick: int) -> None:
        for message, place in self.box.store.messages.places(self.some(pick)).items():
            if place.folder is not None:
                self.box.store.arrivals.placed(message, place.folder, None)

    @rule(folder=st.sampled_from(NAMES))
    def new_uidvalidity(self, folder: str) -> None:
        known = self.box.store.folders.on_server(self.box.account)
        if folder in known:
            self.box.store.arrivals.forget_uids(known[folder].id, self.pull)

    @rule(
        without=st.sampled_from(["", "Archive", "Lists/python"]), more=st.sampled_from(["", "New", "Archive", "Lists/python"])
    )
    def listing(self, without: str, more: str) -> None:
        known = self.box.store.folders.on_server(self.box.account)
        names = sorted({*known, more} - {without, ""})
        told = [ListedFolder(name, "/", None, True, True) for name in names]
        self.box.store.folders.apply_listing(self.box.account, told, {}, [known[without].id] if without in known else [])

    @rule(clean=st.booleans())
    def restart(self, clean: bool) -> None:
        before = self.view()
        self.box.reopen(clean=clean)
        assert self.view() == before

    def view(self) -> View:
        """Everything that is on the screen."""
        return {
            name: (self.box.counts(name), [(number, self.box.flags(MessageId(number))) for number in self.box.ids(name)])
            for name in self.box.tree()
        }

    @invariant()
    def counts_are_those_of_the_rows(self) -> None:
        for name in self.box.tree():
            unread = self.box.store.messages.unread_in(self.box.folder(name))
            assert self.box.counts(name) == (len(self.box.ids(name)), len(unread)), name

    @invariant()
    def counts_by_server_state_are_those_of_the_rows(self) -> None:
        with Connection(self.path / CACHE) as connection:
            counted = {
                row[0]: (row[1], row[2])
                for row in connection.execute(
                    "SELECT server_folder, count(*), sum(instr(server_flags, '\\Seen') = 0) FROM messages"
                    " WHERE uid IS NOT NULL GROUP BY server_folder"
                )
            }
        for folder in self.box.store.folders.on_server(self.box.account).values():
            assert self.box.store.folders.server_counts(folder.id) == counted.get(folder.id, (0, 0)), folder.name

    @invariant()
    def no_message_is_shown_twice_or_nowhere(self) -> None:
        shown = self.shown()
        assert len(shown) == len(set(shown))
        waiting = [one.action for one in self.box.store.actions.waiting(self.box.account)]
        doomed = {number for action in waiting if isinstance(action, Expunge) for number in action.messages}
        hidden_folder = any(isinstance(action, DeleteFolder) for action in waiting)
        for folder in self.box.store.folders.on_server(self.box.account).values():
            for message in self.box.store.messages.at(folder.id, self.box.store.arrivals.uids(folder.id)).values():
                deleted = DELETED in self.box.flags(message)
                assert message in shown or message in doomed or deleted or hidden_folder

    @invariant()
    def what_waits_is_marked(self) -> None:
        waiting = [one.action for one in self.box.store.actions.waiting(self.box.account)]
        named: set[int] = set()
        for action in waiting:
            match action:
                case Copy(messages, _, copies):
                    named |= {*messages, *copies}
                case SetFlags(messages=messages) | Move(messages=messages) | Expunge(messages=messages):
                    named |= set(messages)
        for row in self.box.store.messages.rows(self.shown()):
            assert row is not None
            assert row.waiting == (row.id in named)

    def teardown(self) -> None:
        self.box.store.close()
        shutil.rmtree(self.path)


Histories.TestCase.settings = settings(max_examples=30, stateful_step_count=40, deadline=None, derandomize=True)
TestHistories = Histories.TestCase
