# SPDX-License-Identifier: GPL-3.0-or-later
"""A server that cannot delete single messages: they stay marked and hidden, until the user has all such removed."""

from pathlib import Path

from tests.ui.harness import desk
from tuimail.demo.faults import Faults
from tuimail.demo.servers import DemoServers
from tuimail.model.flags import DELETED
from tuimail.ui.dialogs.confirm import Confirm


async def test_plain_expunge_is_asked_for_with_its_count(tmp_path: Path) -> None:
    with DemoServers(60, Faults(without=frozenset({"UIDPLUS", "MOVE"}))) as servers:
        async with desk(tmp_path, servers=servers) as here:
            folder = here.app.mailbox.folder
            assert folder is not None
            before = {shot.uid for shot in here.servers.snapshot()["INBOX"]}
            await here.press("e")
            await here.until(lambda: here.engine.pages.waiting() == 0)
            marked = {shot.uid for shot in here.servers.snapshot()["INBOX"] if DELETED in shot.flags}
            assert len(marked) == 1
            assert "EXPUNGE" not in {line.split()[1] for line in here.servers.log}
            other = next(shot.uid for shot in here.servers.snapshot()["INBOX"] if shot.uid not in marked)
            here.servers.set_flags("INBOX", other, add=frozenset({DELETED}))
            await here.until(lambda: here.engine.actions.marked_deleted(folder) == 2)

            here.app.perform("purge")
            await here.until(lambda: isinstance(here.app.screen, Confirm))
            await here.sees("Remove 2 messages")
            await here.press("y")
            await here.until(lambda: {shot.uid for shot in here.servers.snapshot()["INBOX"]} == before - marked - {other})
