# SPDX-License-Identifier: GPL-3.0-or-later
"""Shows the screen; the accounts connect while it is imported."""

import asyncio
import importlib
import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from tuimail.accounts.secrets import SecretStore
from tuimail.engine.engine import Engine
from tuimail.model.account import Account, ServerAddress

if TYPE_CHECKING:
    from tuimail.accounts.config import Configuration
    from tuimail.doctoring import Examination
    from tuimail.engine.setup import Setup
    from tuimail.frame import Frame
    from tuimail.paths import Paths
    from tuimail.ui.app import TuimailApp


async def connect_and_show(engine: Engine, make_app: "Callable[[], TuimailApp]", secrets: SecretStore) -> "TuimailApp":
    """Connect while a thread imports the screen: both take the better part of a second, one of them waiting. Then show it until
    the user leaves. ``make_app`` is called once all is imported; a password that is not known is asked for on the screen.
    """
    made: asyncio.Future[TuimailApp] = asyncio.get_running_loop().create_future()

    async def ask(account: Account, server: ServerAddress) -> str:
        app = await asyncio.shield(made)
        return await app.ask_password(account, server)

    before = secrets.prompt
    secrets.prompt = before or ask
    try:
        try:
            await engine.prepare()
            engine.connect()
            await asyncio.to_thread(_import_screen)
            app = make_app()
        except BaseException:
            await engine.stop()
            raise
        made.set_result(app)
        await app.run_async()
    finally:
        secrets.prompt = before  # the next screen asks by itself
    return app


def new_app(
    engine: Engine,
    configuration: "Configuration",
    paths: "Paths",
    folder: str,
    setup: "Callable[[], Setup] | None" = None,
    keeper: "Frame | None" = None,
    greeting: str = "",
    examination: "Callable[[], Examination] | None" = None,
) -> "TuimailApp":
    """The screen on an engine, as the configuration wants it."""
    from tuimail.ui.app import TuimailApp
    from tuimail.ui.keymap import make_keymap
    from tuimail.ui.theme import Themes, wanted_theme

    settings = configuration.settings
    return TuimailApp(
        engine,
        make_keymap(settings.keys, configuration.keys, where=f"{paths.config_file}, [keys]"),
        Themes(paths.themes),
        theme=wanted_theme(settings.theme, os.environ),
        folder=folder,
        sort=settings.sort,
        threads=settings.threads,
        setup=setup,
        keeper=keeper,
        greeting=greeting,
        examination=examination,
    )


def _import_screen() -> None:
    from tuimail.ui.lean import define_quickly, imported_late

    with imported_late():
        define_quickly()
        for name in ("app", "keymap", "takeover", "theme", "output.stage"):
            importlib.import_module(f"tuimail.ui.{name}")
