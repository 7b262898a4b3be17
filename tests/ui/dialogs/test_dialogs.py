# SPDX-License-Identifier: GPL-3.0-or-later
from pathlib import Path
from typing import Any

import pytest
from textual.screen import ModalScreen

from tests.ui.widgets.support import PROBES, ThemedApp, screen_text
from tuimail.model.errors import Offline
from tuimail.model.folder import Folder, FolderRole
from tuimail.model.ids import AccountId, FolderId
from tuimail.ui.commands import COMMANDS
from tuimail.ui.dialogs.choose import Choose
from tuimail.ui.dialogs.choose_file import ChooseFile
from tuimail.ui.dialogs.choose_folder import ChooseFolder
from tuimail.ui.dialogs.confirm import Confirm
from tuimail.ui.dialogs.error import ErrorDialog
from tuimail.ui.dialogs.password import Password
from tuimail.ui.dialogs.prompt import Prompt
from tuimail.ui.keymap import make_keymap
from tuimail.ui.screens.help import HelpScreen
from tuimail.ui.widgets.choice_list import Choice
from tuimail.ui.widgets.text_input import TextInput

OPEN = object()


async def answer(dialog: ModalScreen[Any], *keys: str, size: tuple[int, int] = (100, 40)) -> tuple[Any, str]:
    """What the dialog answers after these keys (OPEN: not yet), and the screen's text."""
    app = ThemedApp()
    answers: list[Any] = []
    async with app.run_test(size=size) as pilot:
        app.push_screen(dialog, answers.append)
        await pilot.pause()
        for key in keys:
            await pilot.press(key)
        await pilot.pause()
        return (answers[0] if answers else OPEN), screen_text(app)


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (("y",), True),
        (("n",), False),
        (("escape",), False),
        (("enter",), False),
        (("tab", "enter"), True),
        (("left", "space"), True),
    ],
)
async def test_confirm(keys: tuple[str, ...], expected: bool) -> None:
    assert (await answer(Confirm("Delete?"), *keys))[0] is expected


async def test_typed_confirmation_takes_only_the_very_name() -> None:
    result, text = await answer(Confirm("Delete?", typed="Lists"), *"lists", "enter")
    assert result is OPEN
    assert "That is not the same." in text
    assert (await answer(Confirm("Delete?", typed="Lists"), *"Lists", "enter"))[0] is True
    assert (await answer(Confirm("Delete?", typed="Lists"), "y", "escape"))[0] is False


async def test_prompt_checks_in_place() -> None:
    def check(value: str) -> str | None:
        return "Too short." if len(value) < 3 else None

    result, text = await answer(Prompt("Name", value="a", check=check), "b", "enter")
    assert result is OPEN
    assert "Too short." in text
    assert (await answer(Prompt("Name", value="a", check=check), *"bc", "enter"))[0] == "abc"
    assert (await answer(Prompt("Name"), "a", "escape"))[0] is None


async def test_password_is_never_on_the_screen() -> None:
    result, text = await answer(Password("Password for ada"), *"secret")
    assert result is OPEN
    assert "secret" not in text
    assert "Password for ada" in text
    assert (await answer(Password("P"), *"secret", "enter"))[0] == "secret"
    assert (await answer(Password("P"), "enter", "escape"))[0] is None


async def test_error_shows_message_and_advice_and_offers_actions() -> None:
    error = Offline("The server cannot be reached.", "Check the network.")
    result, text = await answer(ErrorDialog.of(error))
    assert result is OPEN
    for words in ("Offline", "The server cannot be reached.", "Check the network."):
        assert words in text
    assert (await answer(ErrorDialog.of(error), "enter"))[0] is None
    assert (await answer(ErrorDialog.of(error, ["Try again"]), "enter"))[0] == "Try again"
    assert (await answer(ErrorDialog.of(error, ["Try again"]), "escape"))[0] is None


MENU = [(Choice("All", key="a"), "all"), (Choice("None", key="N"), "none"), (Choice("Unread"), "unread")]


@pytest.mark.parametrize(
    ("keys", "expected"),
    [(("a",), "all"), (("N",), "none"), (("j", "j", "enter"), "unread"), (("down", "up", "enter"), "all"), (("escape",), None)],
)
async def test_menu(keys: tuple[str, ...], expected: str | None) -> None:
    assert (await answer(Choose("Mark", MENU), *keys))[0] == expected


async def test_filtered_menu() -> None:
    assert (await answer(Choose("Mark", MENU, filter=True), *"unr", "enter"))[0] == "unread"
    result, text = await answer(Choose("Mark", MENU, filter=True), *"zzz", "enter")
    assert result is OPEN
    assert "Nothing fits." in text


def folder(number: int, name: str, role: FolderRole | None = None) -> Folder:
    return Folder(FolderId(number), AccountId(1), name, "/", role)


FOLDERS = [folder(1, "INBOX", FolderRole.INBOX), folder(2, "Lists/python-dev"), folder(3, "Lists/textual"), folder(4, "apple")]


async def test_folder_is_found_by_some_letters() -> None:
    assert (await answer(ChooseFolder(FOLDERS), *"ls", "space", *"py", "enter"))[0] == 2
    assert (await answer(ChooseFolder(FOLDERS), "enter"))[0] == 1
    assert (await answer(ChooseFolder(FOLDERS), "down", "enter"))[0] == 4
    assert (await answer(ChooseFolder(FOLDERS, first=FolderId(3)), "enter"))[0] == 3
    assert (await answer(ChooseFolder(FOLDERS), "escape"))[0] is None


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "sub").mkdir()
    for name in ("one.txt", "two.txt", "sub/three.txt", ".hidden"):
        (tmp_path / name).write_text("x" * 10)
    return tmp_path


async def test_files_are_chosen_from_the_listing(files: Path) -> None:
    result, text = await answer(ChooseFile(files))
    assert result is OPEN
    assert "sub/" in text
    assert ".hidden" not in text
    assert (await answer(ChooseFile(files), "down", "enter"))[0] == (files / "one.txt",)
    assert (await answer(ChooseFile(files), *f"{files}/two.txt", "enter"))[0] == (files / "two.txt",), "a whole path"
    assert (await answer(ChooseFile(files), *"tw", "enter"))[0] == (files / "two.txt",)
    assert (await answer(ChooseFile(files), *"su", "tab", "enter"))[0] == (files / "sub/three.txt",)
    assert (await answer(ChooseFile(files), "enter", "enter"))[0] == (files / "sub/three.txt",)
    assert (await answer(ChooseFile(files), "escape"))[0] is None


async def test_a_whole_name_is_that_file_though_others_begin_so(files: Path) -> None:
    (files / "one.d").mkdir()
    (files / "one").write_text("x")
    assert (await answer(ChooseFile(files), *"one", "enter"))[0] == (files / "one",)


async def test_several_files(files: Path) -> None:
    assert (await answer(ChooseFile(files), "down", "ctrl+t", "enter"))[0] == (files / "one.txt", files / "two.txt")


async def test_a_folder_is_chosen(files: Path) -> None:
    assert (await answer(ChooseFile(files, folders=True), "ctrl+s"))[0] == (Path(f"{files}/"),)


async def test_what_cannot_be_read_is_told_in_place(files: Path) -> None:
    result, text = await answer(ChooseFile(files / "absent"), "enter")
    assert result is OPEN
    assert "There is no such file." in text


async def test_a_path_of_nobodys_home_is_told_in_place(files: Path) -> None:
    result, text = await answer(ChooseFile(files), "ctrl+u", *"~nobody-at-all/x", "enter")
    assert result is OPEN
    assert "There is no such file." in text


async def test_a_small_screen_shows_how_to_choose_files(files: Path) -> None:
    _, text = await answer(ChooseFile(files), size=(80, 24))
    assert "mark several" in text


async def test_help_finds_keys_and_words() -> None:
    _, text = await answer(HelpScreen(make_keymap()))
    assert "Archive" in text
    _, text = await answer(HelpScreen(make_keymap()), *"redirect")
    assert "Redirect" in text
    assert "Snooze" not in text
    _, text = await answer(HelpScreen(make_keymap()), "$")
    assert "Sync now" in text
    assert (await answer(HelpScreen(make_keymap()), "escape"))[0] is None


@pytest.mark.parametrize("columns", [60, 80, 100, 120])
async def test_no_sentence_of_the_help_is_cut(columns: int) -> None:
    _, text = await answer(HelpScreen(make_keymap()), size=(columns, 400))
    shown = " ".join(text.replace("│", " ").split())
    assert not [command.name for command in COMMANDS if f"{command.title} {command.help}" not in shown]


@pytest.mark.parametrize("probe", PROBES)
async def test_markup_is_only_text(probe: str) -> None:
    dialogs: list[ModalScreen[Any]] = [
        Confirm(probe, title=probe),
        Confirm("x", typed=probe),
        Prompt(probe, help=probe, value=probe),
        Prompt("x", value="y", check=lambda _value: probe),
        Password(probe, probe),
        ErrorDialog(probe, probe, probe),
        Choose(probe, [(Choice(probe, probe), 1)]),
        Choose("x", [(Choice(probe), 1)], filter=True),
        ChooseFolder([Folder(FolderId(1), AccountId(1), probe)], probe),
    ]
    for dialog in dialogs:
        keys = ("enter",) if isinstance(dialog, Prompt) and dialog._check else ()
        assert probe in (await answer(dialog, *keys))[1]


async def test_what_is_typed_is_only_text() -> None:
    app = ThemedApp()
    async with app.run_test(size=(100, 10)) as pilot:
        for probe in PROBES:
            await app.mount(TextInput(probe))
        await pilot.pause()
        text = screen_text(app)
        for probe in PROBES:
            assert probe in text
