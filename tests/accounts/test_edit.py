# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing the configuration."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tuimail.accounts import config
from tuimail.model.account import Account, AuthMethod, Security, ServerAddress
from tuimail.model.address import Address
from tuimail.model.errors import ConfigWrong

ACCOUNT = Account(
    "work",
    Address('Ada "L" Lovelace', "ada@example.org"),
    ServerAddress("imap.example.org", 993, Security.TLS, "ada@example.org"),
    None,
    ServerAddress("smtp.example.org", 587, Security.STARTTLS, "ada@example.org"),
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "new" / "config.toml"


@pytest.mark.parametrize(
    "account",
    [
        ACCOUNT,
        replace(ACCOUNT, smtp=None, aliases=("*@x.test", "b@x.test"), signature="Ada\nL."),
        replace(
            ACCOUNT,
            key="a key.with dots",
            imap=ServerAddress("127.0.0.1", 1143, Security.NONE, "ada", password_command=("pass", "a b"), ca_file="/ca.pem"),
            smtp=ServerAddress("relay.test", 25, Security.NONE, "other", AuthMethod.NONE),
        ),
        replace(
            ACCOUNT,
            imap=None,
            pop3=ServerAddress(
                "pop.test", 995, Security.TLS, "ada", AuthMethod.OAUTH2, ("token",), leave_on_server=False, check_interval=60
            ),
            smtp=ServerAddress("smtp.test", 465, Security.TLS, "ada", AuthMethod.OAUTH2, ("token",)),
        ),
    ],
)
def test_what_is_added_is_read_again(file: Path, account: Account) -> None:
    config.add_account(file, account)
    assert config.load(file).accounts == (account,)


def test_comments_and_order_stay(file: Path) -> None:
    text = (
        '# mine\n[settings]  # all of them\ntheme = "mono" # calm\n\n'
        '[accounts.first]\nemail = "a@x.test"\nimap = { host = "x.test" }\n'
    )
    file.parent.mkdir()
    file.write_text(text)
    config.add_account(file, ACCOUNT)
    assert file.read_text().startswith(text)
    assert [account.key for account in config.load(file).accounts] == ["first", "work"]
    config.remove_account(file, "work")
    assert file.read_text().rstrip() == text.rstrip()
    config.remove_account(file, "first")
    assert config.load(file).accounts == ()
    assert file.read_text().startswith("# mine\n[settings]  # all of them\n")


def test_the_file_and_its_folder_are_closed_to_others(file: Path) -> None:
    config.add_account(file, ACCOUNT)
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in file.parent.iterdir()] == ["config.toml"]


def test_a_link_to_the_file_stays_a_link(file: Path, tmp_path: Path) -> None:
    kept = tmp_path / "dotfiles.toml"
    kept.write_text("")
    file.parent.mkdir()
    file.symlink_to(kept)
    config.add_account(file, ACCOUNT)
    assert file.is_symlink()
    assert "ada@example.org" in kept.read_text()


def test_a_name_is_taken_once(file: Path) -> None:
    config.add_account(file, ACCOUNT)
    before = file.read_text()
    with pytest.raises(ConfigWrong, match="already"):
        config.add_account(file, ACCOUNT)
    with pytest.raises(ConfigWrong, match="no account"):
        config.remove_account(file, "none")
    assert file.read_text() == before


def test_a_wrong_file_is_not_written(file: Path) -> None:
    file.parent.mkdir()
    file.write_text("[setings]\n")
    with pytest.raises(ConfigWrong):
        config.add_account(file, ACCOUNT)
    assert file.read_text() == "[setings]\n"


WRITTEN = """\
# My mail.
[settings]
threads = false   # as I like it

[accounts.work]   # the office
name = "Ada"      # short
email = "ada@example.org"
# ask Grace about this host
imap = { host = "imap.example.org", username = "ada" }   # 993
smtp = { host = "smtp.example.org", port = 587, security = "starttls", username = "ada" }
ca_file = "own.pem"

[accounts.other]
email = "x@example.net"
[accounts.other.imap]
host = "imap.example.net"   # the old one
port = 1993
"""


def changed(file: Path, key: str, change: Callable[[Account], Account]) -> Account:
    """Change an account of the file, and read it again."""
    account = next(account for account in config.load(file).accounts if account.key == key)
    wanted = change(account)
    config.change_account(file, wanted)
    after = next(account for account in config.load(file).accounts if account.key == key)
    assert after == wanted
    return after


def differing(file: Path) -> set[str]:
    """The lines that were not in the file before."""
    return set(file.read_text("utf-8").splitlines()) - set(WRITTEN.splitlines())


@pytest.fixture
def written(tmp_path: Path) -> Path:
    file = tmp_path / "config.toml"
    file.write_text(WRITTEN, "utf-8")
    return file


def test_a_change_touches_nothing_else(written: Path) -> None:
    changed(written, "work", lambda account: replace(account, identity=Address("Ada Lovelace", "ada@example.org")))
    assert differing(written) == {'name = "Ada Lovelace"      # short'}


def test_what_is_changed_to_what_it_was_writes_nothing(written: Path) -> None:
    before = written.stat().st_mtime_ns
    changed(written, "work", lambda account: account)
    assert (written.read_text("utf-8"), written.stat().st_mtime_ns) == (WRITTEN, before)


def test_a_server_is_changed_in_its_own_table(written: Path) -> None:
    def moved(account: Account) -> Account:
        assert account.imap is not None
        return replace(account, imap=replace(account.imap, host="mail.example.net"))

    changed(written, "other", moved)
    assert differing(written) == {'host = "mail.example.net"   # the old one'}


def test_a_user_name_that_every_server_has_for_itself(written: Path) -> None:
    def renamed(account: Account) -> Account:
        assert account.imap is not None
        assert account.smtp is not None
        return replace(
            account, imap=replace(account.imap, username="lovelace"), smtp=replace(account.smtp, username="lovelace")
        )

    changed(written, "work", renamed)
    text = written.read_text("utf-8")
    assert "# ask Grace about this host" in text
    assert "# the old one" in text


def test_servers_and_addresses_come_and_go(written: Path) -> None:
    pop3 = ServerAddress("pop.example.org", 995, Security.TLS, "ada@example.org", leave_on_server=False)
    changed(written, "work", lambda account: replace(account, imap=None, pop3=pop3, aliases=("*@ada.example",)))
    changed(written, "work", lambda account: replace(account, smtp=None, aliases=()))
    assert "# My mail." in written.read_text("utf-8")


def test_an_account_that_is_not_there(written: Path) -> None:
    with pytest.raises(ConfigWrong, match="no account"):
        config.change_account(written, replace(ACCOUNT, key="gone"))
    assert written.read_text("utf-8") == WRITTEN
