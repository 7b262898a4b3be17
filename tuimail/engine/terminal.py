# SPDX-License-Identifier: GPL-3.0-or-later
"""What the terminal can do, as far as the environment tells: nothing is asked of it, so pipes are no obstacle. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from tuimail.model.check import CheckStep, StepStatus
from tuimail.model.text import safe_line

_NARROW, _LOW = 60, 16
"""Columns and lines under which the screen is no pleasure."""
_DUMB = frozenset({"", "dumb", "unknown"})
_PLACES = {"TMUX": "tmux", "STY": "screen", "SSH_CONNECTION": "ssh", "MOSH_IP": "mosh", "ZELLIJ": "zellij"}
_KNOWN = {
    "KITTY_WINDOW_ID": "kitty", "WEZTERM_PANE": "WezTerm", "ALACRITTY_WINDOW_ID": "Alacritty", "KONSOLE_VERSION": "Konsole",
    "WT_SESSION": "Windows Terminal", "VTE_VERSION": "VTE", "GHOSTTY_RESOURCES_DIR": "Ghostty", "FOOT_PID": "foot",
}  # fmt: skip
_CAPABLE = frozenset({"kitty", "WezTerm", "Alacritty", "Windows Terminal", "Ghostty", "foot"})
"""Terminals with synchronised output and OSC 52."""


@dataclass(frozen=True, slots=True)
class Terminal:
    """What is known of the terminal."""

    environment: Mapping[str, str]
    encoding: str
    columns: int
    lines: int
    attached: bool
    """Standard output is one."""


def examine(terminal: Terminal) -> list[CheckStep]:
    """Steps for colours, size, characters and what stands between program and terminal."""
    if not terminal.attached:
        return [CheckStep("terminal", "", StepStatus.OK, "standard output is no terminal: nothing to see")]
    return [_kind(terminal), _size(terminal), _characters(terminal), _between(terminal)]


def _kind(terminal: Terminal) -> CheckStep:
    name = terminal.environment.get("TERM", "")
    if name in _DUMB:
        advice = "Set TERM to what your terminal is, such as xterm-256color; the commands without a screen work."
        return CheckStep("terminal", "", StepStatus.FAIL, f"TERM is “{safe_line(name)}”, which can show no screen", advice)
    true = terminal.environment.get("COLORTERM", "") in ("truecolor", "24bit") or name.endswith("-direct")
    colours = "16 million colours" if true else "256 colours" if "256" in name else "16 colours"
    detail = f"TERM is {safe_line(name, limit=60)}, {colours}"
    if "NO_COLOR" in terminal.environment:
        detail += ", none wanted (NO_COLOR)"
    if true or "256" in name:
        return CheckStep("terminal", "", StepStatus.OK, detail)
    return CheckStep("terminal", "", StepStatus.WARN, detail, "If it can show more, set TERM to xterm-256color.")


def _size(terminal: Terminal) -> CheckStep:
    detail = f"{terminal.columns} columns, {terminal.lines} lines"
    if terminal.columns < _NARROW or terminal.lines < _LOW:
        return CheckStep("size", "", StepStatus.WARN, detail, f"From {_NARROW} columns and {_LOW} lines on, more is seen.")
    return CheckStep("size", "", StepStatus.OK, detail)


def _characters(terminal: Terminal) -> CheckStep:
    if terminal.encoding.lower().replace("-", "") == "utf8":
        return CheckStep("characters", "", StepStatus.OK, "UTF-8")
    advice = "Set LANG or LC_ALL to a locale with UTF-8, such as C.UTF-8."
    return CheckStep("characters", "", StepStatus.WARN, f"the locale is {safe_line(terminal.encoding, limit=40)}", advice)


def _between(terminal: Terminal) -> CheckStep:
    places = [word for variable, word in _PLACES.items() if terminal.environment.get(variable)]
    known = [word for variable, word in _KNOWN.items() if terminal.environment.get(variable)]
    program = known or [safe_line(terminal.environment.get("TERM_PROGRAM", ""), limit=40) or "an unnamed terminal"]
    detail = f"{program[0]}{''.join(f', in {place}' for place in places)}"
    if "screen" in places or "mosh" in places:
        advice = "Copying to the clipboard (OSC 52) and whole frames (synchronised output) may not get through there."
        return CheckStep("terminal program", "", StepStatus.WARN, detail, advice)
    if "tmux" in places:
        advice = "For copying, tmux wants `set -g set-clipboard on`."
        return CheckStep("terminal program", "", StepStatus.OK, detail, advice)
    more = "; synchronised output and the clipboard (OSC 52) work" if program[0] in _CAPABLE else ""
    return CheckStep("terminal program", "", StepStatus.OK, detail + more)
