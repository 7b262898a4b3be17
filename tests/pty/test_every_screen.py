# SPDX-License-Identifier: GPL-3.0-or-later
"""Every screen of the program, in a real terminal, with text on it that wants to drive the terminal or to shift its columns."""

import importlib
import json
import pkgutil
from collections.abc import Sequence
from pathlib import Path

from textual.widget import Widget

import tuimail.ui
from tests.pty.drawn import Drawn, drawn
from tests.pty.hostile_letters import invitation, links
from tests.pty.test_program import home, servers
from tests.servers import certificates, oauth, provider, web
from tests.servers.launch import Certificate
from tests.ui.screens.test_untrusted import letter
from tuimail.demo.servers import DemoServers
from tuimail.model.text import safe_line

__all__ = ["home", "servers"]

EVIL = (
    "\x1b[31mred\x1b]0;title\x07\x1b]52;c;eA==\x07\x9b5m\u202egnp\u2066\u200b\u2028"  # escape sequences, bidi, invisible ones
    "日本語ｱ\u0e01\u0e33e\u0301\u0323\u0327한👩\U0001f1e9\U0001f1ea☺\ufe0f"  # wide, combining, flag, presentation
)
SEEN = "␛[31mred"
"""What a screen shows of it."""
MAILBOX = (
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
    ("e", "Not done after all – Archived", "1/1"),
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
READING = (
    ("", "● demo", SEEN, "Invited"),
    ("\x1b[C", f"└ Linked {SEEN}"),
    ("\x1b[D", "-└ Linked"),
    ("T", "Single messages", f"Linked {SEEN}"),
    ("\\Invited\r", "1/1"),
    ("\r", "Invitation", f"Event {SEEN}", "Thursday, 1 January 2026", "https://evil.example/"),
    ("q", "enter open"),
    ("\x1b", "Linked"),
    ("\\Linked\r", "1/1"),
    ("\r", f"here {SEEN}", "write "),
    ("o", " 1 ", " 2 "),
    ("1", "Opened", "https://evil.example/%1B[31mred%1B]0;title%07"),
    ("y", "The text was copied"),
    ("o", " 1 ", " 2 "),
    ("3", "%1b]8;;x%07?", "Open"),
    ("\x1b", "-%1b]8;;x%07?"),
    ("o", " 1 ", " 2 "),
    ("2", "^X finish", f"{SEEN}␛]0;title"),
    ("\x18x", "e archive"),
    ("qq", "enter open"),
    ("/Linked\r", "Searched only what is here"),
    ("\x1b", "Invited"),
    ("gd", f"To {SEEN[:5]}"),
    ("\r", "^X finish", f" Body {SEEN}"),
    ("\x1b", "enter open"),
    ("\x1b[Z", "enter open"),
    ("Gkkkk", "enter open"),
    ("R", "Rename", f"Evil {SEEN}"),
    ("\x1b", "-Rename"),
    ("D", "Delete", f"Evil {SEEN}"),
    ("\x1b", "-Delete"),
    ("+", "New folder"),
    ("\x1b[200~{text}\x1b[201~\r", "Not made"),
    ("gi", "Invited"),
)
SIGN_IN = (
    ("", "signs in again"),
    (":sign in", "Sign in again"),
    ("\r", "[red]code[/]", "http://127.0.0.1/[red]x[/]", "The provider refused the sign-in", SEEN),
    ("\x1b", "-The provider refused"),
    ("$", "● page"),
    ("$", "which mail is read from", "[red]x[/]␛[31mred"),
    ("y", "which mail is sent by", "[red]x[/]␛[31mred"),
    ("n", "-A certificate"),
)
WIZARD = (
    ("", "Welcome to tuimail"),
    ("{email}\r", f"✓ 127.0.0.1:{{port}}  {SEEN}"),
    ("wrong\r", "Type the password again", SEEN),
    ("\x05", "Name the servers", "Check and save", SEEN),
)
REFUSED = (
    ("\\Linked\r", "1/1", "“Linked”"),
    ("\r", f"here {SEEN}", "write "),
    ("|", "Pipe the message to"),
    ("cat\r", "The server refused", "Not told", SEEN, "Close"),
    ("\x1b", "-Not told"),
)
SLOW = (("q", "enter open"), ("\\Slow\r", "“Slow”"), ("r", "Fetching", "do not wait"), ("\x1b", "-do not wait"))
PASSWORD = (
    ("", "Password for demo", "[red]user[/]", SEEN),
    ("wrong\r", "Sign in: the server said", f"“{SEEN}"),
    ("\x1b", "-Password for", "No folders"),
)
SHOWN: dict[str, set[str]] = {
    "mailbox": {
        "BodyText", "ChoiceList", "Choose", "ChooseFile", "ChooseFolder", "CompletionField", "ComposeScreen", "Confirm",
        "DoctorScreen", "Dropdown", "ErrorDialog", "Fetching", "FolderTree", "HelpScreen", "Hints", "MailboxScreen",
        "MessageBody", "MessageList", "Palette", "Prompt", "SearchLine", "SendBar", "StatusLine", "TextInput", "Toast",
        "Toasts", "_Keys",
    },
    "password": {"Password", "TextInput"},
    "sign in": {"Confirm", "SignInDialog"},
    "wizard": {"AccountFormScreen", "AccountWizard", "Asking", "Buttons", "StepLines"},
}  # fmt: skip
"""Which walk meets which classes of the program's widgets and screens."""


def walk(here: Drawn, steps: Sequence[tuple[str, ...]], **words: object) -> None:
    """Press keys, and look at what has to be seen then; a text after - has to go."""
    for keys, *texts in steps:
        here.terminal.keys(keys.format(**words) if words else keys)
        for text in texts:
            if text.startswith("-"):
                here.gone(text[1:])
        here.look(*(text.format(**words) if words else text for text in texts if not text.startswith("-")))


def test_mailbox(home: Path, servers: DemoServers) -> None:
    servers.deliver(invitation(EVIL), arrived=1_700_000_000)
    servers.deliver(letter(EVIL))
    servers.deliver(links(EVIL))
    servers.deliver(b"From: Eve <evil@example.org>\r\nSubject: Slow\r\n\r\nHello\r\n", arrived=1_600_000_000)
    servers.deliver(letter(EVIL).replace(b"<probe@", b"<draft@"), "Drafts")
    servers.create_folder(f"Evil {EVIL}")
    servers.faults.refuse = {
        "MOVE": f"NO Not yours {EVIL}",
        "SEARCH": f"NO Not searched {EVIL}",
        "CREATE": f"NO Not made {EVIL}",
        "evil@example.org": f"550 No {EVIL[:-30]}",
    }
    servers.faults.greeting = f"* OK {EVIL[:-1]}"
    config = home / "config.toml"
    config.write_text(config.read_text().replace("undo_send = 0", 'undo_send = 0\nprefetch = false\ndownload = "none"'))
    with drawn(home, env={"BROWSER": "true"}) as here:
        walk(here, READING, text=EVIL)
        walk(here, MAILBOX)
        servers.faults.refuse["FETCH"] = f"NO Not told {EVIL}"
        walk(here, REFUSED)
        servers.faults.delay = 3600
        walk(here, SLOW)
        here.assert_own_sequences()
        assert here.markup, "the palette's sentences"
        assert b"\x1b]52;c;" in here.terminal.written
        assert b"\x1b]8;" in here.terminal.written
    assert here.met >= SHOWN["mailbox"]


def test_a_password_that_is_asked_for(home: Path, servers: DemoServers) -> None:
    servers.faults.refuse = {"LOGIN": f"NO [ALERT] {EVIL}", "AUTHENTICATE": f"NO [ALERT] {EVIL}"}
    config = home / "config.toml"
    kept = [line for line in config.read_text().splitlines() if not line.startswith(("username", "password"))]
    user = f"username = '[red]user[/] {safe_line(EVIL)}'"
    config.write_text("\n".join(kept).replace("[accounts.demo]", f"[accounts.demo]\n{user}"))
    with drawn(home) as here:
        walk(here, PASSWORD)
        here.assert_own_sequences()
    assert here.met >= SHOWN["password"]


def test_signing_in_and_a_certificate(tmp_path: Path, servers: DemoServers) -> None:
    code = {"device_code": "x", "user_code": "[red]code[/]", "verification_uri": "http://127.0.0.1/[red]x[/]", "interval": 0.01}
    refused = {"error": f"x{EVIL}", "error_description": EVIL}
    made = certificates.make(tmp_path, "[red]x[/]\x1b[31mred\x07", label="evil")
    with oauth.running() as authority, web.running(Certificate(made.chain, made.chain)) as tls:
        authority.on_issued = servers.set_password
        authority.answers = [(200, json.dumps(code).encode()), (400, json.dumps(refused).encode())]
        plain = f'host = "{servers.addresses.host}", port = {servers.addresses.imap_port}, security = "none"'
        secure = f'host = "127.0.0.1", port = {tls.port}, security = "tls", ca_file = "{made.ca_file}"'
        home = tmp_path / "home"
        home.mkdir()
        (home / "config.toml").write_text(
            f"{authority.configuration(device=True)}\n"
            f'[accounts.page]\nemail = "a@example.org"\nusername = "{servers.addresses.user}"\nauth = "oauth2"\n'
            f"imap = {{ {plain} }}\nsmtp = {{ {plain} }}\n"
            f'[accounts.tls]\nemail = "b@example.org"\npassword_command = ["echo", "x"]\n'
            f"imap = {{ {secure} }}\nsmtp = {{ {secure} }}\n"
        )
        with drawn(home) as here:
            walk(here, SIGN_IN)
            here.assert_own_sequences()
    assert here.met >= SHOWN["sign in"]


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
    shown = set().union(*SHOWN.values())
    names = {one.__name__ for one in own}
    assert names - bases - shown == set(), "walk to it, with text of strangers on it"
    assert shown - names == set(), "there is no such widget any more"


def subclasses(base: type[Widget]) -> set[type[Widget]]:
    found: list[type[Widget]] = base.__subclasses__()
    return {one for each in found for one in (each, *subclasses(each))}
