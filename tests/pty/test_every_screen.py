# SPDX-License-Identifier: GPL-3.0-or-later
"""Every screen of the program, in a real terminal, with text on it that wants to drive the terminal or to shift its columns."""

import importlib
import pkgutil
from collections.abc import Sequence
from pathlib import Path

from textual.widget import Widget

import tuimail.ui
from tests.pty.drawn import Drawn, drawn
from tests.pty.test_program import home, servers
from tests.servers import provider, web
from tests.ui.screens.test_untrusted import letter
from tuimail.demo.servers import DemoServers

__all__ = ["home", "servers"]

EVIL = (
    "\x1b[31mred\x1b]0;title\x07\x1b]52;c;eA==\x07\x9b5m\u202egnp\u2066\u200b\u2028"  # escape sequences, bidi, invisible ones
    "日本語ｱ\u0e01\u0e33e\u0301\u0323\u0327한👩\U0001f1e9\U0001f1ea☺\ufe0f"  # wide, combining, flag, presentation
)
SEEN = "␛[31mred"
"""What a screen shows of it."""
MAILBOX = (
    ("", "● demo", SEEN),
    ("\\subject\r", "1/1"),
    ("\r", "Body"),
    ("h", "X-Probe"),
    ("H", "View:"),
    ("v", "Save attachment"),
    ("\x1b", "-Save attachment"),
    ("m", "Move to", f"Evil {SEEN}"),
    ("\x1b", "-Move to"),
    ("l", "Labels"),
    ("\x1b", "-Labels"),
    (":", "Archive thread"),
    ("\x1b", "-Archive thread"),
    ("?", "Type a key or a word"),
    ("\x1b", "-Type a key or a word"),
    ("e", "Not done after all"),
    ("r", "^X finish", "> Body"),
    ("\x18", "Keep as draft"),
    ("\x1b", "-Keep as draft"),
    ("\x14", "mark several"),
    ("\x1b", "-mark several"),
    ("\x18y", "550", "enter open"),
    ("go", "550 No"),
    ("\x1b", "-550 No"),
    ("c", "^X finish"),
    ("evil", "evil@example.org"),
    ("\x1b", "-evil@example.org"),
    ("\x1b", "enter open"),
    (":doctor", "Try every step"),
    ("\r", "Not now", SEEN),
    ("n", "-Not now"),
    ("q", "enter open"),
)
WIZARD = (
    ("", "Welcome to tuimail"),
    ("{email}\r", f"✓ 127.0.0.1:{{port}}  {SEEN}"),
    ("wrong\r", "Type the password again", SEEN),
    ("\x05", "Name the servers", "Check and save", SEEN),
)
SHOWN: dict[str, set[str]] = {
    "mailbox": {
        "BodyText", "ChoiceList", "Choose", "ChooseFile", "ChooseFolder", "CompletionField", "ComposeScreen", "Confirm",
        "DoctorScreen", "Dropdown", "FolderTree", "HelpScreen", "Hints", "MailboxScreen", "MessageBody", "MessageList",
        "Palette", "Prompt", "SearchLine", "SendBar", "StatusLine", "TextInput", "Toast", "Toasts", "_Keys",
    },
    "wizard": {"AccountFormScreen", "AccountWizard", "Asking", "Buttons", "StepLines"},
}  # fmt: skip
"""Which walk meets which classes of the program's widgets and screens."""
ELSEWHERE = {
    "ErrorDialog",  # tests/ui/screens/test_accounts.py
    "Password",  # tests/ui/dialogs/test_dialogs.py
    "SignInDialog",  # tests/ui/dialogs/test_sign_in.py
}


def walk(here: Drawn, steps: Sequence[tuple[str, ...]], **words: object) -> None:
    """Press keys, and look at what has to be seen then; a text after - has to go."""
    for keys, *texts in steps:
        here.terminal.keys(keys.format(**words) if words else keys)
        for text in texts:
            if text.startswith("-"):
                here.gone(text[1:])
        here.look(*(text.format(**words) if words else text for text in texts if not text.startswith("-")))


def test_mailbox(home: Path, servers: DemoServers) -> None:
    servers.deliver(letter(EVIL))
    servers.create_folder(f"Evil {EVIL}")
    servers.faults.refuse["MOVE"] = f"NO Not yours {EVIL}"
    servers.faults.refuse["evil@example.org"] = f"550 No {EVIL[:-30]}"
    servers.faults.greeting = f"* OK {EVIL[:-1]}"
    with drawn(home) as here:
        walk(here, MAILBOX)
        here.assert_own_sequences()
    assert here.met >= SHOWN["mailbox"]


def test_wizard(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    with provider.running(tmp_path, 3) as example:
        printable = "".join(one for one in EVIL if one >= " ")
        page = example.web.pages["/config-v1.1.xml"]
        example.web.pages["/config-v1.1.xml"] = web.Page(
            page.body.replace(b"Example Mail", f"\u241b[31mred{printable}".encode())
        )
        example.mail.faults.refuse |= {"LOGIN": f"NO [ALERT] {EVIL}", "AUTHENTICATE": f"NO [ALERT] {EVIL}"}
        (home / "config.toml").write_text(example.configuration())
        with drawn(home) as here:
            walk(here, WIZARD, email=example.at.email, port=example.web.port)
            here.assert_own_sequences()
    assert here.met >= SHOWN["wizard"]


def test_every_widget_of_the_program_is_shown() -> None:
    for module in pkgutil.walk_packages(tuimail.ui.__path__, "tuimail.ui."):
        importlib.import_module(module.name)
    own = {one for one in subclasses(Widget) if one.__module__.startswith("tuimail.ui")}
    bases = {one.__name__ for one in own if subclasses(one)}
    shown = set().union(*SHOWN.values(), ELSEWHERE)
    names = {one.__name__ for one in own}
    assert names - bases - shown == set(), "walk to it, with text of strangers on it"
    assert shown - names == set(), "there is no such widget any more"


def subclasses(base: type[Widget]) -> set[type[Widget]]:
    found: list[type[Widget]] = base.__subclasses__()
    return {one for each in found for one in (each, *subclasses(each))}
