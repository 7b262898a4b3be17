# SPDX-License-Identifier: GPL-3.0-or-later
"""The text that an editor has is private, gone afterwards, and found again by the next start, whatever was killed."""

import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from tuimail.accounts.prompts import always
from tuimail.accounts.secrets import SecretStore
from tuimail.engine.engine import Engine
from tuimail.model.account import Account, Security, ServerAddress
from tuimail.model.address import Address
from tuimail.model.draft import Draft
from tuimail.model.errors import FileProblem
from tuimail.servers import Servers
from tuimail.start import open_engine

ACCOUNT = Account("work", Address("Ada", "ada@example.org"), imap=ServerAddress("127.0.0.1", 9, Security.NONE, "ada"))


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with closing(open_engine(tmp_path, (ACCOUNT,), Servers(SecretStore(always("x"))))) as engine:
        yield engine


@pytest.fixture
def draft(engine: Engine) -> Draft:
    return engine.composer.new(subject="Plans", to="bob@example.org", body="Dear Bob")


def bodies(engine: Engine) -> list[str]:
    return sorted(draft.body for draft in engine.pages.drafts())


def left_by_a_killed_program(engine: Engine, draft: Draft, saved: str | None) -> Path:
    """What lies there when program and editor are gone; the editor had saved a text, or nothing."""
    with engine.editing.lent(draft) as lent:
        if saved is not None:
            lent.file.write_text(saved)
        return Path(shutil.copytree(lent.file.parent, f"{lent.file.parent}left"))


def test_it_is_private_and_gone_with_all_beside_it(engine: Engine, draft: Draft, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with engine.editing.lent(draft) as lent:
            assert lent.text() == "Dear Bob"
            (lent.file.parent / "message.eml~").write_text("a backup")
            for path in (lent.file, lent.file.parent, lent.file.parent.parent):
                assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
            assert tmp_path in lent.file.parents
    finally:
        os.umask(before)
    assert not list((tmp_path / "editing").iterdir())


def test_nothing_is_recovered_where_nothing_was_left(engine: Engine, draft: Draft, tmp_path: Path) -> None:
    assert engine.editing.recover() == ()
    with engine.editing.lent(draft) as lent:
        lent.file.write_text("the editor is open")
        assert engine.editing.recover() == ()
        assert lent.text() == "the editor is open"
    assert engine.editing.recover() == ()
    assert bodies(engine) == ["Dear Bob"]


@pytest.mark.parametrize("saved", [None, "Dear Bob\n"], ids=["", "its last line ended"])
def test_what_the_editor_did_not_change_is_removed(engine: Engine, draft: Draft, saved: str | None, tmp_path: Path) -> None:
    left_by_a_killed_program(engine, draft, saved)
    assert engine.editing.recover() == ()
    assert not list((tmp_path / "editing").iterdir())
    assert bodies(engine) == ["Dear Bob"]


def test_what_the_editor_saved_goes_into_the_draft(engine: Engine, draft: Draft, tmp_path: Path) -> None:
    left_by_a_killed_program(engine, draft, "Dear Bob, come at six")
    (told,) = engine.editing.recover()
    assert "in the draft “Plans”" in told
    assert engine.composer.get(draft.id) == replace(draft, body="Dear Bob, come at six", saved=engine.pages.drafts()[0].saved)
    assert not list((tmp_path / "editing").iterdir())
    assert engine.editing.recover() == ()


def test_killed_after_it_was_kept(engine: Engine, draft: Draft) -> None:
    left_by_a_killed_program(engine, draft, "Dear Bob, come at six")
    engine.composer.save(replace(draft, body="Dear Bob, come at six"))
    assert engine.editing.recover() == ()
    assert bodies(engine) == ["Dear Bob, come at six"]


@pytest.mark.parametrize("since", ["changed", "discarded", "gone"])
def test_neither_text_is_lost_where_both_changed(engine: Engine, draft: Draft, since: str) -> None:
    left_by_a_killed_program(engine, draft, "from the editor")
    if since == "changed":
        engine.composer.save(replace(draft, body="from the composer"))
    elif since == "discarded":
        engine.composer.discard(draft.id)
    else:
        engine._store.drafts.remove(draft.id)
    (told,) = engine.editing.recover()
    assert "a draft of its own" in told
    assert bodies(engine) == ["from the composer", "from the editor"][since != "changed" :]


def test_what_the_editor_had_not_saved_stays_and_is_told(engine: Engine, draft: Draft) -> None:
    left = left_by_a_killed_program(engine, draft, "saved")
    (left / ".message.eml.swp").write_text("saved, and more")
    taken, told = engine.editing.recover()
    assert "in the draft" in taken
    assert str(left) in told
    assert [path.name for path in left.iterdir()] == [".message.eml.swp"]


def test_what_is_no_file_is_left_alone_and_told(engine: Engine, draft: Draft) -> None:
    left = left_by_a_killed_program(engine, draft, None)
    (left / "message.eml").unlink()
    (left / "message.eml").mkdir()
    (told,) = engine.editing.recover()
    assert str(left / "message.eml") in told
    assert bodies(engine) == ["Dear Bob"]


@pytest.mark.parametrize("instead", ["link", "fifo"])
def test_what_stands_in_the_place_of_the_file_is_not_read(engine: Engine, draft: Draft, tmp_path: Path, instead: str) -> None:
    secret = tmp_path / "secret"
    secret.write_text("of somebody else")
    left = left_by_a_killed_program(engine, draft, None)
    file = left / "message.eml"
    file.unlink()
    if instead == "link":
        file.symlink_to(secret)
    else:
        os.mkfifo(file)
    (told,) = engine.editing.recover()
    assert str(file) in told
    assert bodies(engine) == ["Dear Bob"]
    assert secret.read_text() == "of somebody else"
    assert os.path.lexists(file), "left alone"


def test_a_folder_that_is_a_link_is_left_alone(engine: Engine, draft: Draft, tmp_path: Path) -> None:
    left = left_by_a_killed_program(engine, draft, "from elsewhere")
    elsewhere = left.rename(tmp_path / "elsewhere")
    left.symlink_to(elsewhere)
    assert engine.editing.recover() == ()
    assert bodies(engine) == ["Dear Bob"]
    assert (elsewhere / "message.eml").read_text() == "from elsewhere"


def test_a_folder_that_cannot_be_made(engine: Engine, draft: Draft, tmp_path: Path) -> None:
    (tmp_path / "editing").write_text("in the way")
    with pytest.raises(FileProblem, match="cannot be written for the editor"), engine.editing.lent(draft):
        pass
    assert engine.editing.recover() == ()
