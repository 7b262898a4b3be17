# SPDX-License-Identifier: GPL-3.0-or-later
"""``tuimail config check`` tells every mistake at once, and a group of commands names them."""

import json
import os
from pathlib import Path

import pytest

from tests.cli.test_account import tuimail
from tests.pty.terminal import tuimail as on_terminal

WRONG = """\
[settings]
theme = "nope"
undo_sned = 3

[keys]
archvie = ["e"]
reply = ["x y", "no-key"]
star = ["Z"]
delete = ["Z"]

[accounts.work]
email = "nobody"
imap = { host = "imap.example.org", prt = 993 }
"""
TOLD = {
    2: "`settings.theme`: There is no theme 'nope'. Known themes: ansi, ",
    3: "`settings.undo_sned` is no key: did you mean `undo_send`?",
    6: "`keys.archvie`: there is no command 'archvie'. Did you mean 'archive'?",
    7: "`keys.reply`: reply: 'no-key' is no key. Write keys as in: ",
    9: "`keys.delete`: 'Z' is bound to both delete and star.",
    12: "`accounts.work.email` must be an e-mail address.",
    13: "`accounts.work.imap.prt` is no key: did you mean `port`?",
}


def test_every_mistake_is_told_with_its_line_and_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(WRONG, "utf-8")
    done = tuimail(tmp_path, "config", "check")
    assert (done.returncode, done.stdout) == (78, "")
    told = done.stderr.splitlines()
    assert len(told) == len(TOLD)
    for line, (number, words) in zip(told, TOLD.items(), strict=True):
        assert line.startswith(f"tuimail: {file}, line {number}: {words}")
    message = json.loads(tuimail(tmp_path, "config", "check", "--json").stderr)["error"]["message"]
    assert all(words in message for words in TOLD.values())


def test_a_theme_and_keys_of_ones_own_are_right(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[settings]\ntheme = "ansi"\nkeys = "mutt"\n[keys]\narchive = ["e", "ctrl+e"]\n')
    done = tuimail(tmp_path, "config", "check")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{tmp_path / 'config.toml'}: right.\n", "")


def test_the_program_tells_the_same_instead_of_opening(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[settings]\ntheme = "nope"\n\n[keys]\narchvie = ["e"]\n', "utf-8")
    with on_terminal(home=tmp_path) as terminal:
        assert terminal.ended() == 78
        for said in ("line2:`settings.theme`", "line5:`keys.archvie`"):  # a long path decides where lines are broken
            terminal.until(lambda said=said: said in "".join("".join(terminal.lines).split()), said)  # type: ignore[misc]


def test_the_doctor_tells_them_too(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[settings]\ntheme = "nope"\n', "utf-8")
    done = tuimail(tmp_path, "doctor")
    assert "line 2: `settings.theme`" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("group", "commands"),
    [
        ("config", "path, check, show"),
        ("account", "add, sign-in, list, check, remove"),
        ("folder", "create, delete, rename, subscribe, unsubscribe"),
    ],
)
def test_a_group_alone_names_its_commands(tmp_path: Path, group: str, commands: str) -> None:
    done = tuimail(tmp_path, group)
    assert (done.returncode, done.stdout) == (64, "")
    assert (
        done.stderr == f"tuimail: tuimail {group} needs a command: {commands}. tuimail {group} --help tells what each does.\n"
    )


def test_what_is_in_force_steers_no_terminal(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(
        '[accounts.a]\nemail = "a@example.org"\nsmtp = { host = "x" }\nsignature = "\\u009b2J\\u202e\\u007f Köln"\n', "utf-8"
    )
    shown = tuimail(tmp_path, "config", "show").stdout
    assert shown.replace("\n", "").isprintable()
    assert "Köln" in shown
    assert json.loads(shown)["accounts"][0]["signature"] == "\x9b2J\u202e\x7f Köln"


@pytest.mark.parametrize("state", [True, False])
def test_what_nobody_expected_is_told_in_the_log_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state: bool) -> None:
    (tmp_path / "sitecustomize.py").write_text("import json\njson.dumps = None\n")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{os.environ.get('PYTHONPATH', Path.cwd())}")
    log = tmp_path / "home" / "state" / "tuimail.log"
    if state:
        log.parent.mkdir(parents=True)
    done = tuimail(tmp_path / "home", "config", "show")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "tuimail: something went wrong that should not. The log has the details.\n"
    assert log.exists() is state
    assert not state or "NoneType" in log.read_text()
