# SPDX-License-Identifier: GPL-3.0-or-later
"""Themes: TOML files → Textual themes that carry a `Look` for the widgets that draw their own lines.

A file has ``name``, ``dark``, optionally ``ansi`` (the terminal's own 16 colours), a table ``[colors]`` with every name of
`COLORS`, and optionally ``[styles]`` with components of `tuimail.ui.look.Component` that differ from the default.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.color import Color as RichColor
from textual.app import App
from textual.color import Color
from textual.theme import Theme

from tuimail.model.errors import ConfigWrong
from tuimail.ui.look import Component, Look, make_look, parse_color

DEFAULT = "tuimail-dark"
MONOCHROME = "mono"

COLORS = (
    "background",
    "surface",
    "panel",
    "foreground",
    "muted",
    "faint",
    "primary",
    "accent",
    "success",
    "warning",
    "error",
    "selection",
    "selection_blurred",
    "marked",
    "match",
    "quote_1",
    "quote_2",
    "quote_3",
    "quote_4",
    "quote_5",
)


@dataclass
class MailTheme(Theme):
    """A Textual theme with the look of tuimail's own components."""

    look: Look = field(kw_only=True)


def look_of(app: App[Any]) -> Look:
    """The look of the theme that is in force; made up from its colours where it is one of Textual's own."""
    theme = app.current_theme
    if isinstance(theme, MailTheme):
        return theme.look
    if theme.name not in _borrowed:
        _borrowed[theme.name] = _borrow_look(theme)
    return _borrowed[theme.name]


_borrowed: dict[str, Look] = {}


def _borrow_look(theme: Theme) -> Look:
    given = theme.to_color_system().generate()
    background, foreground, primary = (Color.parse(given[name]) for name in ("background", "foreground", "primary"))
    mixed = {
        "muted": background.blend(foreground, 0.65),
        "faint": background.blend(foreground, 0.35),
        "selection": background.blend(primary, 0.3),
        "selection_blurred": background.blend(primary, 0.12),
        "marked": background.blend(foreground, 0.08),
        "match": background.blend(primary, 0.45),
    }
    colors = {name: given[name] for name in COLORS if name in given} | {name: color.hex for name, color in mixed.items()}
    quotes = ("primary", "success", "accent", "warning", "secondary")
    colors |= {f"quote_{depth}": given[name] for depth, name in enumerate(quotes, 1)}
    return make_look(colors, {})


def wanted_theme(setting: str, environment: Mapping[str, str]) -> str:
    """The name of the theme to use: a non-empty ``NO_COLOR`` (no-color.org) wins over the setting."""
    return MONOCHROME if environment.get("NO_COLOR") else setting or DEFAULT


def parse_theme(text: str, where: str) -> MailTheme:
    """Read a theme file's text. ``where`` is what an error names. Raises ConfigWrong."""
    try:
        table = tomllib.loads(text)
        colors = {str(name): str(value) for name, value in table["colors"].items()}
        missing = [name for name in COLORS if name not in colors]
        if missing:
            raise ValueError(f"[colors] lacks {missing[0]!r}")
        for color in colors.values():
            parse_color(color, {})
        look = make_look(colors, {str(name): str(value) for name, value in table.get("styles", {}).items()})
        return _build(str(table["name"]), bool(table["dark"]), bool(table.get("ansi", False)), look)
    except KeyError as error:
        raise ConfigWrong(f"{where}: the key {error} is missing.") from None
    except RecursionError:
        raise ConfigWrong(f"{where}: brackets are nested too deeply.", "Close each bracket that is opened.") from None
    except (ValueError, AttributeError) as error:
        raise ConfigWrong(f"{where}: {error}.", "docs/themes.md lists the names.") from None


def _build(name: str, dark: bool, ansi: bool, look: Look) -> MailTheme:
    colors = look.colors
    return MailTheme(
        name=name,
        dark=dark,
        ansi=ansi,
        look=look,
        primary=colors["primary"],
        secondary=colors["accent"],
        accent=colors["accent"],
        success=colors["success"],
        warning=colors["warning"],
        error=colors["error"],
        background=colors["background"],
        surface=colors["surface"],
        panel=colors["panel"],
        foreground=colors["foreground"],
        variables=_variables(look, ansi),
    )


def _variables(look: Look, ansi: bool) -> dict[str, str]:
    """Textual's own variables, so that inputs, dialogs and the palette look like the rest."""
    colors = look.colors
    cursor = look[Component.CURSOR]
    plain = "ansi_default"
    words = {
        "text": colors["foreground"],
        "text-muted": colors["muted"],
        "text-disabled": colors["muted"],
        "foreground-muted": colors["muted"],
        "border": colors["primary"],
        "border-blurred": colors["faint"],
        "block-cursor-background": _css(cursor.bgcolor, colors["selection"]),
        "block-cursor-foreground": _css(cursor.color, colors["foreground"]),
        "block-cursor-text-style": "reverse" if cursor.reverse else "none",
        "block-cursor-blurred-background": colors["selection_blurred"],
        "block-cursor-blurred-foreground": colors["foreground"],
        "block-cursor-blurred-text-style": "none",
        "block-hover-background": colors["selection_blurred"],
        "input-cursor-background": plain if ansi else colors["foreground"],
        "input-cursor-foreground": plain if ansi else colors["background"],
        "input-cursor-text-style": "reverse" if ansi else "none",
        "input-selection-background": colors["match"],
        "input-selection-foreground": colors["foreground"],
        "screen-selection-background": colors["match"],
        "screen-selection-foreground": colors["foreground"],
        "scrollbar": colors["faint"],
        "scrollbar-hover": colors["muted"],
        "scrollbar-active": colors["primary"],
        "scrollbar-background": colors["background"],
        "scrollbar-background-hover": colors["background"],
        "scrollbar-background-active": colors["background"],
        "footer-background": colors["panel"],
        "footer-key-foreground": colors["primary"],
        "ansi-background": plain,
        "ansi-foreground": plain,
    }
    return {name: word for name, word in words.items() if word}


_ANSI_NAMES = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")


def _css(color: RichColor | None, fallback: str) -> str:
    """A Rich colour as Textual's CSS writes it."""
    if color is None:
        return fallback
    if color.triplet is not None:
        return color.triplet.hex
    if color.number is None:
        return "ansi_default"
    return f"ansi_{'bright_' * (color.number > 7)}{_ANSI_NAMES[color.number % 8]}"


class Themes:
    """The theme files of the program and of the user, read when they are asked for."""

    def __init__(self, user_folder: Path | None = None) -> None:
        self._folders = [folder for folder in (user_folder, _own_folder()) if folder is not None]

    def names(self) -> list[str]:
        """All theme names, in alphabetical order. A file is named like its theme."""
        return sorted({path.stem for folder in self._folders if folder.is_dir() for path in folder.glob("*.toml")})

    def load(self, name: str) -> MailTheme:
        """Read one theme; the user's file wins over the program's. Raises ConfigWrong."""
        for folder in self._folders:
            path = folder / f"{name}.toml"
            if path.parent == folder and path.is_file():
                try:
                    return parse_theme(path.read_text(encoding="utf-8"), str(path))
                except (OSError, UnicodeDecodeError) as error:
                    raise ConfigWrong(f"The theme file {path} cannot be read: {type(error).__name__}.") from error
        raise ConfigWrong(f"There is no theme {name!r}.", f"Known themes: {', '.join(self.names())}.")

    def apply(self, app: App[Any], name: str) -> None:
        """Make a theme the one in force. Raises ConfigWrong."""
        theme = self.load(name)
        app.register_theme(theme)
        app.theme = theme.name


def _own_folder() -> Path:
    """Where the program's themes are: in the package when installed, else at the top of the source tree."""
    package = Path(__file__).parents[1]
    installed = package / "themes"
    return installed if installed.is_dir() else package.parent / "themes"


def contrast(foreground: str, background: str) -> float:
    """The contrast ratio of two colours, 1 to 21 (WCAG 2.2, "contrast ratio")."""
    first, second = sorted((_luminance(Color.parse(color)) for color in (foreground, background)), reverse=True)
    return (first + 0.05) / (second + 0.05)


def _luminance(color: Color) -> float:
    def linear(channel: float) -> float:
        return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)

    red, green, blue = map(linear, color.normalized)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def register_all(app: App[Any], themes: Themes, names: Iterable[str] | None = None) -> None:
    """Register themes without switching, for a menu that tries them out."""
    for name in names if names is not None else themes.names():
        app.register_theme(themes.load(name))
