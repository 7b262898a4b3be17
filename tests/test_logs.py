# SPDX-License-Identifier: GPL-3.0-or-later
"""The log file."""

import logging
from pathlib import Path

import pytest

from tuimail.logs import start_logging, strike_out


@pytest.mark.parametrize(
    "text",
    [
        "C: AUTH PLAIN hush",
        "a1 AUTHENTICATE XOAUTH2 hush",
        'a1 LOGIN "ada" "hush"',
        "a1 LOGIN ada hush",
        "auth=Bearer hush",
        "{'password': 'hush', 'x': 1}",
        'password="hush"',
        "access_token=hush&state=1",
        '{"refresh_token": "hush"}',
        "code_verifier=hush&device_code=hush",
        "https://ada:hush@proxy.test/",
    ],
)
def test_secrets_are_struck_out(text: str) -> None:
    assert "hush" not in strike_out(text)
    assert "***" in strike_out(text)


def test_ordinary_lines_stay() -> None:
    line = "sync: account work, 12 messages from https://example.org:993/ in 0.2 s"
    assert strike_out(line) == line


@pytest.mark.usefixtures("_own_logging")
def test_the_file_is_private_and_tracebacks_are_struck(tmp_path: Path) -> None:
    start_logging(tmp_path)
    start_logging(tmp_path)
    try:
        raise ValueError("password='hush'")
    except ValueError:
        logging.getLogger("tuimail.test").exception("it failed")
    logging.getLogger("tuimail.test").info("said")
    logging.getLogger("somebody.else").info("chatter")
    written = (tmp_path / "tuimail.log").read_text()
    assert "Traceback" in written
    assert "said" in written
    assert "chatter" not in written
    assert "hush" not in written
    assert (tmp_path / "tuimail.log").stat().st_mode & 0o777 == 0o600


@pytest.mark.usefixtures("_own_logging")
def test_a_folder_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    start_logging(tmp_path / "none")
    logging.getLogger("tuimail.test").error("nobody hears")
    assert not (tmp_path / "none").exists()


@pytest.mark.usefixtures("_own_logging")
def test_a_full_disk_prints_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "tuimail.log").symlink_to("/dev/full")
    start_logging(tmp_path)
    logging.getLogger("tuimail.test").error("lost")
    assert capfd.readouterr() == ("", "")
