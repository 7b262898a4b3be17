# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures of the set-up, as `tests.ui.test_pictures` has them of the main screens."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.ui.harness import Desk
from tests.ui.screens.test_account_wizard import enter, first_start
from tests.ui.test_pictures import HERE, RECORD, grid
from tuimail.demo.servers import DemoServers
from tuimail.engine import new_account
from tuimail.ui.screens.account_form import AccountFormScreen


async def wizard(here: Desk) -> None:
    await enter(here, "ada@gmail.com")
    await here.sees("✓ table of providers")
    await here.type("sesame")


async def closed(here: Desk) -> None:
    await enter(here, "ada@tuta.com")
    await here.until(lambda: type(here.app.focused).__name__ == "Buttons")


async def account(here: Desk) -> None:
    await here.type("ada@example.org")
    await here.press("ctrl+e")
    await here.until(lambda: isinstance(here.app.screen, AccountFormScreen))
    await here.press("tab", "tab", "tab")


SCREENS: dict[str, Callable[[Desk], Awaitable[None]]] = {"wizard": wizard, "wizard-closed": closed, "account": account}


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
@pytest.mark.parametrize("screen", SCREENS)
async def test_the_set_up_looks_as_recorded(
    tmp_path: Path, screen: str, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(new_account, "name_for", lambda email: "Ada")  # else whoever runs the test
    with DemoServers(0) as servers:
        async with first_start(tmp_path, servers, size) as here:
            await SCREENS[screen](here)
            await here.pilot.pause()
            picture = grid(here)
    file = HERE / f"{screen}-{size[0]}x{size[1]}.txt"
    if RECORD:
        file.write_text(picture, "utf-8")
    assert picture == file.read_text("utf-8"), "make pictures records the new look"
