# SPDX-License-Identifier: GPL-3.0-or-later
import pytest

from tuimail.model.errors import ConfigWrong
from tuimail.ui.commands import BY_NAME, CHAINS, COMMANDS, Place
from tuimail.ui.keymap import KeyReader, key_of, make_keymap, parse_keys
from tuimail.ui.presets import PRESETS


def name_of(preset: str, place: Place, *keys: str) -> str | None:
    found = make_keymap(preset).find(place, keys)
    return found.command.name if found.command else None


@pytest.mark.parametrize(
    ("place", "keys", "name"),
    [
        (Place.LIST, "j", "cursor_down"),
        (Place.LIST, "J", "next_folder"),
        (Place.READER, "J", "next_message"),
        (Place.LIST, "/", "search"),
        (Place.READER, "/", "find"),
        (Place.LIST, "o", "sort"),
        (Place.READER, "o", "links"),
        (Place.READER, "e", "archive"),
        (Place.LIST, "r", "reply"),
        (Place.LIST, "g i", "go_inbox"),
        (Place.READER, "g g", "first"),
        (Place.TREE, "g t", "go_trash"),
        (Place.LIST, "* a", "mark_all"),
        (Place.TREE, "D", "delete_folder"),
        (Place.TREE, "enter", "open"),
        (Place.COMPOSER, "ctrl+x", "send_bar"),
        (Place.COMPOSER, "escape", "leave_open"),
        (Place.LIST, "escape", "back"),
        (Place.TREE, "r", None),
        (Place.COMPOSER, "e", None),
    ],
)
def test_default_keys(place: Place, keys: str, name: str | None) -> None:
    assert name_of("default", place, *keys.split()) == name


@pytest.mark.parametrize("preset", PRESETS)
def test_presets_have_no_collisions_and_reach_the_essentials(preset: str) -> None:
    keymap = make_keymap(preset)
    for name in (
        "open",
        "compose",
        "reply",
        "reply_all",
        "forward",
        "delete",
        "archive",
        "back",
        "help",
        "palette",
        "cursor_down",
    ):
        place = next(place for place in CHAINS if set(CHAINS[place]) & set(BY_NAME[name].places))
        reached = [keymap.find(place, tuple(keys.split())).command for keys in keymap.keys_of(name)]
        assert BY_NAME[name] in reached, (preset, name)


@pytest.mark.parametrize("preset", PRESETS)
def test_no_bound_command_is_out_of_reach(preset: str) -> None:
    keymap = make_keymap(preset)
    for command in COMMANDS:
        for place in command.places:
            keys = [tuple(one.split()) for one in keymap.keys_of(command.name)]
            chains = [around for around in CHAINS if place in CHAINS[around]]
            assert not keys or any(keymap.find(around, one).command is command for around in chains for one in keys), (
                preset,
                command.name,
                place,
            )


def test_sequences_are_read_key_by_key() -> None:
    reader = KeyReader(make_keymap())
    first = reader.feed(Place.LIST, "g")
    assert first.command is None
    assert first.taken
    assert reader.pending == ("g",)
    second = reader.feed(Place.LIST, "i")
    assert second.command is BY_NAME["go_inbox"]
    assert not reader.pending


@pytest.mark.parametrize("key", ["escape", "%"])
def test_a_sequence_that_leads_nowhere_is_used_up(key: str) -> None:
    reader = KeyReader(make_keymap())
    reader.feed(Place.LIST, "g")
    found = reader.feed(Place.LIST, key)
    assert found.taken
    assert found.command is None
    assert reader.pending == ()
    assert reader.feed(Place.LIST, "e").command is BY_NAME["archive"]


def test_keys_that_type_do_nothing_in_a_text_field() -> None:
    keymap = make_keymap()
    for key in ("e", "q", "space", "enter", "home", "ctrl+z", "left"):
        assert not keymap.find(Place.LIST, (key,), typing=True).taken
        assert not keymap.find(Place.COMPOSER, (key,), typing=True).taken
    for key, name in (("ctrl+x", "send_bar"), ("ctrl+e", "external_editor"), ("ctrl+p", "palette"), ("tab", "next_pane")):
        assert keymap.find(Place.COMPOSER, (key,), typing=True).command is BY_NAME[name]


def test_continuations_and_hints() -> None:
    keymap = make_keymap()
    going_on = dict(keymap.continuations(Place.LIST, ("g",)))
    assert going_on["i"] is BY_NAME["go_inbox"]
    assert going_on["g"] is BY_NAME["first"]
    assert ("e", BY_NAME["archive"]) in keymap.commands(Place.LIST)
    assert BY_NAME["next_folder"] not in [command for _, command in keymap.commands(Place.READER)]


def test_own_keys_replace_the_presets_and_take_them_from_others() -> None:
    keymap = make_keymap("default", {"archive": ["d", "ctrl+e"]})
    assert keymap.keys_of("archive") == ("d", "ctrl+e")
    assert keymap.keys_of("delete") == ()
    assert keymap.find(Place.LIST, ("d",)).command is BY_NAME["archive"]
    assert keymap.find(Place.LIST, ("e",)).command is None


@pytest.mark.parametrize(
    ("preset", "own", "words"),
    [
        ("vim", {}, "vim"),
        ("default", {"archiv": ["e"]}, "'archive'"),
        ("default", {"archive": ["controle"]}, "controle"),
        ("default", {"archive": [""]}, "missing"),
        ("default", {"archive": ["x"], "delete": ["x"]}, "archive and delete"),
        ("default", {"archive": ["*"]}, "begins the sequence"),
    ],
)
def test_wrong_keys_are_named(preset: str, own: dict[str, list[str]], words: str) -> None:
    with pytest.raises(ConfigWrong) as caught:
        make_keymap(preset, own, where="config.toml: [keys]")
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("key", "character", "written"),
    [
        ("question_mark", "?", "?"),
        ("space", " ", "space"),
        ("upper_g", "G", "G"),
        ("enter", "\r", "enter"),
        ("ctrl+x", "\x18", "ctrl+x"),
        ("tab", "\t", "tab"),
        ("pagedown", None, "pagedown"),
        ("backslash", "\\", "\\"),
    ],
)
def test_key_events_are_written_as_in_bindings(key: str, character: str | None, written: str) -> None:
    assert key_of(key, character) == written
    assert parse_keys(written) == (written,)


def test_the_table_is_sound() -> None:
    assert len(BY_NAME) == len(COMMANDS)
    for command in COMMANDS:
        assert command.help.endswith(".")
        assert command.places
        assert command.title[0].isupper()
