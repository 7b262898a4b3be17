# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing the configuration."""

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
            pop3=ServerAddress("pop.test", 995, Security.TLS, "ada", AuthMethod.OAUTH2, ("token",), leave_on_server=False),
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
