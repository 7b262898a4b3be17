# SPDX-License-Identifier: GPL-3.0-or-later
"""The doctor inside the program: steps, remedies, and the dialogue of all connections."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from textual.widgets import Static

from tests.ui.harness import Desk, account_of
from tuimail.accounts.prompts import always
from tuimail.accounts.secrets import SecretStore
from tuimail.backends.dialogue import Recent
from tuimail.demo.servers import DemoServers
from tuimail.doctoring import Examination
from tuimail.paths import resolve
from tuimail.servers import Servers
from tuimail.start import open_engine
from tuimail.ui.app import TuimailApp
from tuimail.ui.dialogs.confirm import Confirm
from tuimail.ui.keymap import make_keymap
from tuimail.ui.screens.doctor import DoctorScreen
from tuimail.ui.theme import Themes


@contextlib.asynccontextmanager
async def examined(home: Path, servers: DemoServers, password: str) -> AsyncIterator[Desk]:
    """The program with the doctor's screen open."""
    recent, secrets = Recent(), SecretStore(always(password))
    engine = open_engine(home / "data", (account_of(servers.addresses),), Servers(secrets, recent))
    paths = resolve(str(home))
    app = TuimailApp(
        engine, make_keymap(), Themes(), theme="tuimail-dark", examination=lambda: Examination(paths, secrets, recent)
    )
    try:
        async with app.run_test(size=(120, 40)) as pilot:
            here = Desk(app, pilot, servers)
            await here.until(lambda: app.saying.front is app.mailbox)
            app.perform("doctor")
            await here.until(lambda: isinstance(app.screen, DoctorScreen))
            yield here
            await engine.stop()
    finally:
        engine.close()


def text(here: Desk, selector: str) -> str:
    screen = next(screen for screen in here.app.screen_stack if isinstance(screen, DoctorScreen))
    return "\n".join(str(static.content) for static in screen.query(selector).results(Static))


async def test_steps_and_dialogue_are_shown(tmp_path: Path) -> None:
    with DemoServers(3) as servers:
        async with examined(tmp_path, servers, servers.addresses.password) as here:
            await here.until(lambda: "All is well." in text(here, "#doctor-steps Static"))
            assert "imap sign-in" in text(here, "#doctor-steps Static")
            assert "smtp capabilities" in text(here, "#doctor-steps Static")
            await here.until(lambda: "AUTH PLAIN ***" in text(here, "#doctor-said"))
            assert servers.addresses.password not in text(here, "Static")
            await here.until(lambda: isinstance(here.app.screen, Confirm))
            await here.press("escape")
            await here.until(lambda: isinstance(here.app.screen, DoctorScreen))
            assert not servers.sent
            await here.press("q")
            await here.until(lambda: here.app.screen is here.app.mailbox)


async def test_a_message_to_oneself_is_sent_where_the_user_wants_it(tmp_path: Path) -> None:
    with DemoServers(3) as servers:
        async with examined(tmp_path, servers, servers.addresses.password) as here:
            await here.until(lambda: isinstance(here.app.screen, Confirm))
            held = servers.snapshot()
            await here.press("y")
            await here.until(lambda: "sent and arrived, and removed again" in text(here, "#doctor-steps Static"))
            assert [mail.subject for mail in servers.sent] == ["tuimail doctor"]
            assert servers.snapshot() == held


async def test_what_failed_stands_with_its_remedy(tmp_path: Path) -> None:
    with DemoServers(3) as servers:
        async with examined(tmp_path, servers, "not-the-password") as here:
            await here.until(lambda: "What to do stands below" in text(here, "#doctor-steps Static"))
            assert "Check user name and password." in text(here, ".-advice")
            assert "not-the-password" not in text(here, "Static")
