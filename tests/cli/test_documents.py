# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/command-line.md shows the JSON as it is: the same keys, in the same order, with values of the same kinds."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.cli.home import Home
from tests.shape.sources import ROOT
from tuimail.cli.arguments import Parser
from tuimail.cli.main import parser
from tuimail.demo.servers import DemoServers

DOCUMENT = (ROOT / "docs" / "command-line.md").read_text("utf-8")
EXAMPLES: dict[str, Any] = {
    name: json.loads(text) for name, text in re.findall(r"```json (\w+)\n(.*?)```", DOCUMENT, flags=re.DOTALL)
}


def fits(real: object, example: object) -> bool:
    """Whether a document looks like the example. Null may stand for anything; a list is known by its first item."""
    match real, example:
        case (None, _) | (_, None):
            return True
        case dict(), dict():
            return list(real) == list(example) and all(fits(real[key], example[key]) for key in real)
        case list(), list():
            return not example or all(fits(item, example[0]) for item in real)
    return type(real) is type(example)


@pytest.fixture(scope="module")
def told(home: Home, servers: DemoServers, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the commands print."""
    folder: Path = tmp_path_factory.mktemp("files")
    documents = {"sync": home.json("sync"), "folders": home.json("folders"), "list": home.json("list", "--limit", "20")}
    message = str(home.json("search", "has:attachment", "--limit", "1")[0]["id"])
    letter = ("--to", "a@b.example", "gone@b.example", "--subject", "s", "--body", "x")
    servers.faults.refuse["gone@b.example"] = "550 5.1.1 Unknown"
    documents |= {
        "read": home.json("read", message),
        "save": home.json("save", message, "--to", str(folder)),
        "flag": home.json("flag", message, "--add", "seen", "--dry-run"),
        "send": home.json("send", *letter, status=69),
        "error": json.loads(home.run("read", "0", "--json").stderr),
    }
    return documents


@pytest.mark.parametrize("name", ["sync", "folders", "list", "read", "save", "flag", "send", "error"])
def test_the_example_fits(told: dict[str, Any], name: str) -> None:
    assert fits(told[name], EXAMPLES[name]), told[name]


def test_every_command_is_named() -> None:
    commands = next(action.choices for action in parser()._actions if isinstance(action.choices, dict))
    assert isinstance(commands["send"], Parser)
    elsewhere = {"account", "config", "demo", "doctor", "measure", "mailto"}
    assert not [name for name in commands if name not in elsewhere and not re.search(rf"`(?:tuimail )?{name}\b", DOCUMENT)]
