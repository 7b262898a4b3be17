# SPDX-License-Identifier: GPL-3.0-or-later
"""What is imported before the screen stands: each module is time in which the user waits."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.pty.terminal import Terminal
from tests.shape.sources import ROOT

LAUNCHER = {"gc", "termios", "tuimail", "tuimail.__main__", "tuimail.frame", "tuimail.launch"}
"""What comes before the cached frame. `os`, `stat` and `sys` came with Python."""
NOT_BEFORE_THE_FIRST_SCREEN = {
    "aiosmtpd": "only the demo serves mail",
    "aiosmtplib": "with the first mail that is sent",
    "dns": "when an account is set up",
    "segno": "when somebody signs in at a provider's page",
    "cryptography": "only tests make certificates",
    "email": "34 ms; we parse and build mail ourselves",
    "html": "with the first text that is indexed",
    "html.parser": "never",
    "http": "nothing is fetched",
    "icalendar": "with the first invitation",
    "logging.handlers": "4 ms; with the first line of the log",
    "idna": "with the first address that needs it",
    "keyring": "with the first password",
    "markdown_it": "with the first mail that is written",
    "multiprocessing": "with the first huge folder",
    "platformdirs": "never",
    "rich.table": "with the first error",
    "shutil": "with the demo",
    "sqlite3": "never",
    "tempfile": "with the user's editor",
    "textual.command": "21 ms; with the palette",
    "textual.types": "with the palette",
    "tomlkit": "when the configuration is written",
    "turbohtml": "with the first HTML mail",
    "tuimail.backends.smtp": "with the first mail that is sent",
    "tuimail.demo": "only for the demo",
    "tuimail.engine.dispatch": "only commands for scripts send without a draft",
    "tuimail.engine.transfer": "with the first export or import",
    "tuimail.mime.compose": "with the first mail that is sent",
    "tuimail.render.html": "with the first HTML mail",
    "tuimail.accounts.discover": "when an account is set up",
    "tuimail.engine.setup": "when an account is set up",
    "tuimail.ui.screens.account_form": "with the first account",
    "tuimail.ui.screens.account_wizard": "with the first account",
    "tuimail.ui.screens.compose": "25 ms; with the first draft",
    "tuimail.doctoring": "when the doctor is asked",
    "tuimail.backends.probe": "when the doctor is asked",
    "tuimail.engine.doctor": "when the doctor is asked",
    "tuimail.ui.screens.doctor": "when the doctor is asked",
    "tuimail.ui.screens.help": "when help is asked for",
    "textual.widgets._markdown": "25 ms; never",
    "rich.traceback": "never",
}
"""Module, with all below it → when it comes, or what it would cost."""
LIST_AT_FIRST_SCREEN = """
import sys
from pathlib import Path
import tuimail.__main__ as program
import tuimail.compiled

tuimail.compiled.folder_for = lambda *_: "missing"  # else what is kept there is imported without the hook being asked

def loaded(app):
    Path({file!r}).write_text("\\n".join(sys.modules))
    app.exit()

class Hook:
    def find_spec(self, name, *_):
        if name == "tuimail.cli.outcome":
            sys.meta_path.remove(self)
            import tuimail.screen as screen
            plain = screen._import_screen

            def imported():
                plain()
                from tuimail.ui.app import TuimailApp
                TuimailApp.stands = loaded

            screen._import_screen = imported

sys.meta_path.insert(0, Hook())
sys.argv[1:] = ["--home", {home!r}]
sys.exit(program.main())
"""
CONFIG = """
[accounts.demo]
name = "Ada"
email = "ada@example.org"
password_command = ["false"]
imap = { host = "127.0.0.1", port = 1, security = "none" }
smtp = { host = "127.0.0.1", port = 1, security = "none" }
"""


def test_the_launcher_imports_next_to_nothing() -> None:
    script = "import sys; before = set(sys.modules); import tuimail.__main__; print(*(set(sys.modules) - before))"
    ran = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    assert set(ran.stdout.split()) <= LAUNCHER


@pytest.fixture(scope="module")
def at_first_screen(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The modules that are loaded when the first screen stands, in the order of their import."""
    home = tmp_path_factory.mktemp("home")
    (home / "config.toml").write_text(CONFIG)
    file: Path = home / "modules"
    with Terminal(["-c", LIST_AT_FIRST_SCREEN.format(file=str(file), home=str(home))]) as terminal:
        terminal.ended()
    return file.read_text().split()


def test_the_first_screen_needs_textual_and_the_store(at_first_screen: list[str]) -> None:
    assert {"textual.app", "apsw", "tuimail.ui.screens.mailbox", "tuimail.store.store"} <= set(at_first_screen)


@pytest.mark.parametrize("module", sorted(NOT_BEFORE_THE_FIRST_SCREEN))
def test_what_comes_later(module: str, at_first_screen: list[str]) -> None:
    early = [name for name in at_first_screen if name == module or name.startswith(f"{module}.")]
    assert not early, NOT_BEFORE_THE_FIRST_SCREEN[module]
