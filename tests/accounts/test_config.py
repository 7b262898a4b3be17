# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading the configuration."""

from pathlib import Path

import pytest

from tuimail.accounts import config
from tuimail.accounts.config import Configuration, Settings
from tuimail.model.account import Account, AuthMethod, Security, ServerAddress
from tuimail.model.address import Address
from tuimail.model.errors import ConfigWrong, FileProblem

FULL = """
[settings]
undo_send = 0
threads = false
sort = "from"
preview = true
mark_read = 3
download = "all"
prefetch = false
remote_images = "known-senders"
theme = "mono"
keys = "mutt"

[keys]
archive = ["e", "ctrl+e"]
undo = "z"

[discovery]
autoconfig = ["http://127.0.0.1:8080/config-v1.1.xml"]
dns = "127.0.0.1:5353"
ca_file = "own-ca.pem"

[oauth.example]
client_id = "id"
authorize = "https://a.test/"
token = "https://t.test/"
device = "https://d.test/"
scopes = ["mail"]

[accounts.work]
name = "Ada Lovelace"
email = "ada@example.org"
username = "ada"
auth = "password"
password_command = "pass show 'mail/my work'"
imap = { host = "imap.example.org", port = 1993, security = "tls" }
smtp = { host = "smtp.example.org", security = "starttls", username = "ada2", password_command = ["pass", "show", "smtp"] }
ca_file = "certs/own-ca.pem"
aliases = ["ada@lovelace.example", "*@ada.example"]
signature = "Ada"

[accounts.old]
email = "ada@pop.example"
pop3 = { host = "pop.example", leave_on_server = false, check_interval = 600 }
smtp = { host = "localhost", security = "none", auth = "none" }

[accounts.token]
email = "ada@oauth.example"
auth = "oauth2"
token_command = "get-token ada"
[accounts.token.imap]
host = "imap.oauth.example"
"""

ACCOUNT = """[accounts.work]
email = "ada@example.org"
imap = { host = "imap.example.org" }
"""


def _parse(text: str) -> Configuration:
    return config.parse(text, Path("/conf/config.toml"))


def test_no_file_means_all_defaults(tmp_path: Path) -> None:
    assert config.load(tmp_path / "config.toml") == Configuration()
    assert Configuration().settings == Settings(10, True, "-date", False, 0, "text", True, "never", "tuimail-dark", "default")


def test_everything_is_read() -> None:
    read = _parse(FULL)
    assert read.settings == Settings(0, False, "from", True, 3, "all", False, "known-senders", "mono", "mutt")
    assert read.keys == {"archive": ("e", "ctrl+e"), "undo": ("z",)}
    assert read.discovery.autoconfig == ("http://127.0.0.1:8080/config-v1.1.xml",)
    assert read.oauth["example"].scopes == ("mail",)
    work, old, token = read.accounts
    assert work == Account(
        "work",
        Address("Ada Lovelace", "ada@example.org"),
        ServerAddress(
            "imap.example.org",
            1993,
            Security.TLS,
            "ada",
            AuthMethod.PASSWORD,
            ("pass", "show", "mail/my work"),
            "/conf/certs/own-ca.pem",
        ),
        None,
        ServerAddress(
            "smtp.example.org",
            587,
            Security.STARTTLS,
            "ada2",
            AuthMethod.PASSWORD,
            ("pass", "show", "smtp"),
            "/conf/certs/own-ca.pem",
        ),
        ("ada@lovelace.example", "*@ada.example"),
        "Ada",
    )
    assert old.pop3 == ServerAddress(
        "pop.example", 995, Security.TLS, "ada@pop.example", leave_on_server=False, check_interval=600
    )
    assert old.smtp == ServerAddress("localhost", 25, Security.NONE, "ada@pop.example", AuthMethod.NONE)
    assert token.imap is not None
    assert (token.imap.auth, token.imap.password_command) == (AuthMethod.OAUTH2, ("get-token", "ada"))


@pytest.mark.parametrize(("given", "read"), [('"open"', 0), ('"never"', None), ("5", 5)])
def test_mark_read_is_seconds_or_none(given: str, read: int | None) -> None:
    assert _parse(f"[settings]\nmark_read = {given}\n").settings.mark_read == read


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("\n[settings]\nundo_sent = 1\n", 3, "did you mean `undo_send`?"),
        ("[settings]\nthreads = 'yes'\n", 2, "`settings.threads` must be true or false"),
        ("[settings]\nundo_send = true\n", 2, "whole number from 0"),
        ("[settings]\nsort = 'dates'\n", 2, "did you mean date?"),
        ("[settings]\ndownload = 'everything'\n", 2, "near, text, all, none"),
        ("[settings]\nmark_read = 'soon'\n", 2, "open, never"),
        ("[discovery]\nca_file = ''\n", 2, "leave the line out"),
        ("[accounts.a]\nemail = 'a@b.example'\nca_file = ''\nimap = {host = 'b.example'}\n", 3, "leave the line out"),
        ("[setings]\n", 1, "did you mean `settings`?"),
        ("settings = 1\n", 1, "must be a table"),
        ("[keys]\narchive = 1\n", 2, "`keys.archive`"),
        ("accounts = 1\n", 1, "[accounts.work]"),
        ("[accounts]\nwork = 1\n", 2, "`accounts.work` must be a table"),
        ("[accounts.work]\nimap = { host = 'x' }\n", 1, "needs `email`"),
        ("[accounts.work]\nemail = 'a@x.test'\n", 1, "needs a server"),
        ("[accounts.work]\nemail = 'a'\nimap = { host = 'x' }\n", 2, "must be an e-mail address"),
        (f"{ACCOUNT}aliases = ['a b']\n", 4, "`accounts.work.aliases` must hold e-mail addresses"),
        (f'{ACCOUNT}password_command = "a \'b"\n', 4, "cannot be read as a command"),
        (f"{ACCOUNT}smtp = {{ host = 'x', fingerprint = 'ab:cd' }}\n", 4, "SHA-256 fingerprint"),
        (f"{ACCOUNT}smtp = {{ host = 'x', prot = 1 }}\n", 4, "did you mean `port`?"),
        (f"{ACCOUNT}smtp = {{ host = 'a..b' }}\n", 4, "must be the name of a server"),
        (f"{ACCOUNT}smtp = {{ port = 1 }}\n", 4, "`smtp` of the account `work` needs `host`"),
        (f"{ACCOUNT}smtp = {{ host = 'x', port = 70000 }}\n", 4, "from 1 to 65535"),
        (f"{ACCOUNT}[accounts.work.smtp]\nhost = 'x'\nsecurity = 'ssl'\n", 6, "tls, starttls, none"),
        (f"{ACCOUNT}smtp = {{ host = 'x', leave_on_server = true }}\n", 4, "is no key"),
        (f"{ACCOUNT}password = 'x'\n", 4, "did you mean `password_command`?"),
        (f'{ACCOUNT}signature = """\nuser = 1\n"""\nuser = 1\n', 7, "`accounts.work.user`"),
        ("[oauth.x]\nclient = 'x'\n", 2, "`client_id`"),
    ],
)
def test_a_wrong_key_is_named_with_file_and_line(text: str, line: int, words: str) -> None:
    with pytest.raises(ConfigWrong) as caught:
        _parse(text)
    assert caught.value.message.startswith(f"/conf/config.toml, line {line}: ")
    assert words in caught.value.message


def test_all_problems_are_told_at_once_in_the_order_of_lines() -> None:
    with pytest.raises(ConfigWrong) as caught:
        _parse(f"{ACCOUNT}user = 1\n[settings]\nthread = true\nsort = 1\n[key]\n")
    lines = caught.value.message.splitlines()
    assert [line.split(":")[0].rpartition(" ")[2] for line in lines] == ["4", "6", "7", "8"]


def test_what_is_no_toml_is_told_with_its_line() -> None:
    with pytest.raises(ConfigWrong, match=r"config\.toml: this is not TOML: .*line 2"):
        _parse("[settings]\nthreads = \n")


def test_a_number_beyond_all_numbers_is_told() -> None:
    with pytest.raises(ConfigWrong, match="number is too long"):
        _parse(f"[settings]\nmark_read = {'9' * 6000}\n")


@pytest.mark.parametrize("key", ["\\u001b[31m", "\\u009b", "\\u202e", "a\\nb", "\\u007f", ""])
@pytest.mark.parametrize("table", ["", "name = 1", "email = 'x'", "email = 'a@b.org'\nimap = {}", "'{key}' = 1"])
def test_a_key_that_would_steer_the_terminal_is_shown_and_does_not(key: str, table: str) -> None:
    with pytest.raises(ConfigWrong) as caught:
        _parse(
            f'[accounts."{key}"]\n{table}\n[settings]\n"{key}" = 1\n[keys]\n"{key}" = 1\n[oauth."{key}"]\nx = 1\n["{key}"]\n'
        )
    assert str(caught.value).replace("\n", "").isprintable()


def test_a_home_folder_that_nobody_has_is_a_name_like_others() -> None:
    (account,) = _parse(f"{ACCOUNT}ca_file = '~nobody-is-called-so/ca.pem'\nsmtp = {{ host = 'x' }}\n").accounts
    assert account.smtp is not None
    assert account.smtp.ca_file.endswith("~nobody-is-called-so/ca.pem")


def test_brackets_within_brackets_are_no_toml() -> None:
    with pytest.raises(ConfigWrong, match="nested too deeply"):
        _parse("x = " + "[" * 5000)


def test_cleartext_needs_a_loopback_host_or_permission() -> None:
    server = 'host = "mail.example", security = "none"'
    with pytest.raises(ConfigWrong, match=r"line 2: .*in the clear"):
        _parse(f"[accounts.a]\nimap = {{ {server} }}\nemail = 'a@x.test'\n")
    (account,) = _parse(f"[accounts.a]\nimap = {{ {server}, allow_plaintext = true }}\nemail = 'a@x.test'\n").accounts
    assert account.imap is not None
    for host in ("127.0.0.1", "::1", "localhost", "127.9.9.9"):
        _parse(f"[accounts.a]\nimap = {{ host = '{host}', security = 'none' }}\nemail = 'a@x.test'\n")


@pytest.mark.parametrize("written", ["ab" * 32, ":".join(["AB"] * 32), "SHA256:" + "ab" * 32])
def test_a_fingerprint_may_be_written_in_any_usual_form(written: str) -> None:
    (account,) = _parse(f"{ACCOUNT}smtp = {{ host = 'x', fingerprint = '{written}' }}\n").accounts
    assert account.smtp is not None
    assert account.smtp.fingerprint == ":".join(["AB"] * 32)


def test_a_file_that_is_no_text_or_not_readable(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_bytes(b"\xff")
    with pytest.raises(ConfigWrong, match="UTF-8"):
        config.load(tmp_path / "config.toml")
    with pytest.raises(FileProblem):
        config.load(tmp_path)
    (tmp_path / "device").symlink_to("/dev/null")
    with pytest.raises(FileProblem, match="no regular file"):
        config.load(tmp_path / "device")


def test_what_is_shown_holds_no_client_secret() -> None:
    shown = config.in_force(_parse("[oauth.x]\nclient_id = 'id'\nclient_secret = 'hush'\n"))
    assert "hush" not in str(shown)
    assert shown["settings"] == {
        "undo_send": 10,
        "threads": True,
        "sort": "-date",
        "preview": False,
        "mark_read": 0,
        "download": "text",
        "prefetch": True,
        "remote_images": "never",
        "theme": "tuimail-dark",
        "keys": "default",
    }
