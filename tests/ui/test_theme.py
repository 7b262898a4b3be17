# SPDX-License-Identifier: GPL-3.0-or-later
from pathlib import Path

import pytest

from tests.ui.widgets.support import ThemedApp
from tuimail.model.errors import ConfigWrong
from tuimail.ui.look import Component
from tuimail.ui.theme import Themes, contrast, look_of, parse_theme, wanted_theme

NAMES = Themes().names()
COLOURED = [name for name in NAMES if not Themes().load(name).ansi]


def test_there_is_a_choice() -> None:
    themes = [Themes().load(name) for name in NAMES]
    assert {"tuimail-dark", "tuimail-light", "ansi", "high-contrast", "mono"} <= set(NAMES)
    assert sum(theme.dark and not theme.ansi for theme in themes) >= 3
    assert sum(not theme.dark for theme in themes) >= 2
    assert [theme.name for theme in themes] == NAMES


@pytest.mark.parametrize("name", COLOURED)
def test_text_can_be_read(name: str) -> None:
    look = Themes().load(name).look
    grounds = {name: look.colors[name] for name in ("background", "surface", "panel", "marked", "selection_blurred")}
    for text in (
        "foreground",
        "primary",
        "accent",
        "success",
        "warning",
        "error",
        *(f"quote_{depth}" for depth in range(1, 6)),
    ):
        for where, ground in grounds.items():
            assert contrast(look.colors[text], ground) >= 4.5, (text, where)
    for where, ground in grounds.items():
        assert contrast(look.colors["muted"], ground) >= 3, where
    assert contrast(look.colors["foreground"], look.colors["match"]) >= 4.5


@pytest.mark.parametrize("name", COLOURED)
def test_everything_in_a_row_can_be_read_under_the_cursor(name: str) -> None:
    look = Themes().load(name).look
    for component in (Component.SENDER_UNREAD, Component.SUBJECT, Component.DATE_UNREAD, Component.STAR, Component.SNIPPET):
        style = look[component] + look[Component.CURSOR]
        assert style.color is not None
        assert style.bgcolor is not None
        ratio = contrast(style.color.name, style.bgcolor.name)
        assert ratio >= (3 if component in (Component.SNIPPET, Component.STAR) else 4.5), component


@pytest.mark.parametrize("name", NAMES)
async def test_every_theme_can_be_applied(name: str) -> None:
    app = ThemedApp()
    async with app.run_test() as pilot:
        Themes().apply(app, name)
        await pilot.pause()
        assert look_of(app) is Themes().load(name).look or app.theme == name


def test_mono_has_no_colour() -> None:
    look = Themes().load("mono").look
    for component in Component:
        for color in (look[component].color, look[component].bgcolor):
            assert color is None or color.is_default


async def test_a_theme_of_textuals_own_gets_a_look() -> None:
    app = ThemedApp()
    async with app.run_test() as pilot:
        app.theme = "nord"
        await pilot.pause()
        assert look_of(app)[Component.CURSOR].bgcolor is not None


def test_no_color_wins() -> None:
    assert wanted_theme("ember-dark", {"NO_COLOR": "1"}) == "mono"
    assert wanted_theme("ember-dark", {"NO_COLOR": ""}) == "ember-dark"
    assert wanted_theme("", {}) == "tuimail-dark"


def test_the_users_theme_wins(tmp_path: Path) -> None:
    own = Path(Themes()._folders[0], "tuimail-dark.toml").read_text().replace("#8ab4f8", "#ff0000")
    (tmp_path / "tuimail-dark.toml").write_text(own)
    assert Themes(tmp_path).load("tuimail-dark").look.colors["primary"] == "#ff0000"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("#8ab4f8", "blurple"), "blurple"),
        (("muted =", "mutd ="), "muted"),
        (("dark = true", ""), "dark"),
        (("dark = true", "dark = ["), "x.toml"),
        (("[colors]", '[styles]\n"list.nothing" = "bold"\n[colors]'), "list.nothing"),
        (("[colors]", '[styles]\n"list.date" = "bald"\n[colors]'), "bald"),
        (("dark = true", f"dark = {'[' * 5000}{']' * 5000}"), "nested too deeply"),
    ],
)
def test_wrong_themes_are_named(change: tuple[str, str], words: str) -> None:
    text = Path(Themes()._folders[0], "tuimail-dark.toml").read_text().replace(*change)
    with pytest.raises(ConfigWrong) as caught:
        parse_theme(text, "x.toml")
    assert words in str(caught.value)


def test_an_unknown_theme_is_named_and_no_path_is_followed() -> None:
    for name in ("nothing", "../themes/mono", "/etc/passwd"):
        with pytest.raises(ConfigWrong):
            Themes().load(name)
