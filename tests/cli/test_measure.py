# SPDX-License-Identifier: GPL-3.0-or-later
"""``tuimail measure``: its JSON, its drawing, its chart."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tuimail.cli import main
from tuimail.cli.measure_chart import bar, bins, chart, span
from tuimail.cli.measure_svg import drawing
from tuimail.model.measurement import Protocol, Run
from tuimail.model.volume import ETHERNET, Bounds, Repeated
from tuimail.start import Program

KEYS = [
    "protocol", "size", "delay_s", "round_trips", "bytes_up", "bytes_down", "segments_up", "segments_down", "ack_segments",
    "volume", "bound_low", "bound_high", "frame_lengths",
]  # fmt: skip
"""The documented keys; others follow."""


def command(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tuimail", "--home", str(home), *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_json_and_svg(tmp_path: Path) -> None:
    file = tmp_path / "measure.svg"
    done = command(tmp_path, "--json", "measure", "--size", "1000", "20000", "--count", "2", "--svg", str(file))
    assert (done.returncode, done.stderr) == (0, "")
    runs = json.loads(done.stdout)["runs"]
    assert [(run["protocol"], run["size"]) for run in runs] == [
        (protocol, size) for size in (1_000, 20_000) for _ in range(2) for protocol in ("smtp", "pop3", "imap")
    ]
    for run in runs:
        assert list(run)[: len(KEYS)] == KEYS
        assert run["bound_low"] <= run["volume"] <= run["bound_high"]
        assert all(set(frame) == {"length", "count"} for frame in run["frame_lengths"])
    assert ElementTree.parse(file).getroot().tag == "{http://www.w3.org/2000/svg}svg"


def test_a_chart_in_a_pipe_is_plain_text(tmp_path: Path) -> None:
    done = command(tmp_path, "measure", "--size", "1000")
    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    for words in ("smtp", "pop3", "imap", "Lower bound", "A full segment holds", "Frames of"):
        assert words in done.stdout


@pytest.mark.usefixtures("_own_logging")
@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("measure", "--count", "0"), 64),
        (("measure", "--size", "12"), 64),
        (("measure", "--size", "many"), 64),
        (("--account", "nobody", "measure"), 64),
        (("measure", "--size", "1000", "--svg", "/nowhere/at/all.svg"), 66),
    ],
)
def test_what_cannot_be_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], status: int
) -> None:
    assert main.run(["--home", str(tmp_path), *arguments], Program()) == status
    assert capsys.readouterr().err


def run(protocol: Protocol, size: int, *, volume: int = 0, delay: float = 0.01) -> Run:
    return Run(
        protocol=protocol, size=size, server="127.0.0.1:2525", port=40_000, security="none", delay=delay, round_trips=7,
        bytes_up=size + 100, bytes_down=300, segments_up=12, segments_down=9, data_up=7, data_down=6,
        volume=volume or size + 1500, bounds=Bounds(size + 1000, size + 3000, 10, 20), path=ETHERNET, repeated=Repeated(),
        frame_lengths={66: 8, 74: 2, 1514: 11}, captured=False,
    )  # fmt: skip


@pytest.fixture
def some() -> list[Run]:
    return [run(protocol, size) for size in (1_000, 10_000_000) for protocol in Protocol]


@pytest.mark.parametrize("width", [20, 80, 100, 200])
def test_the_chart_is_as_wide_as_the_terminal(some: list[Run], width: int) -> None:
    widest = max(map(len, chart(some, width)))
    assert widest <= max(width, 80)


def test_the_chart_says_where_the_frames_come_from(some: list[Run]) -> None:
    assert "CAP_NET_RAW" in " ".join(chart(some, 300))
    assert "packet socket saw" in " ".join(chart([replace(one, captured=True) for one in some], 300))


def test_what_lies_outside_is_said() -> None:
    lines = chart([run(Protocol.SMTP, 1_000, volume=9_000)], 100)
    assert any("1 volume lies outside" in line for line in lines)
    assert any(line.endswith("!") for line in lines)


def test_the_median_stands_for_several() -> None:
    lines = chart([run(Protocol.SMTP, 1_000, delay=delay) for delay in (0.1, 0.5, 9.0)], 100)
    assert "500.0" in lines[2]
    assert any("median of 3" in line for line in lines)


def test_bars_and_spans() -> None:
    assert bar(1, 1, 10) == "█" * 10
    assert bar(0, 1, 10) == ""
    assert len(bar(0.0001, 1, 10)) == 1
    assert span(0, 5, 10, 11) == "├────●────┤"
    assert span(0, 0, 10, 5) == "●───┤"
    assert span(0, 11, 10, 5) == "├───!"
    assert bins({66: 1, 100: 2, 128: 4}) == {64: 3, 128: 4}


def test_the_drawing_holds_every_group(some: list[Run]) -> None:
    texts = [element.text for element in ElementTree.fromstring(drawing(some)).iter() if element.text]
    assert sum(text.startswith("SMTP") for text in texts) == 6  # two sizes in three parts
