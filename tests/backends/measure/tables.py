# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables of ``docs/measure.md``, made by ``tuimail measure``: ``python -m tests.backends.measure.tables`` writes them anew.

That of a link like Ethernet needs what `tests.backends.measure.veth` needs, and stays as it is elsewhere.
"""

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.backends.measure.veth import measured_and_seen, what_is_missing

DOCUMENT = Path(__file__).parents[3] / "docs" / "measure.md"
SIZES = [1_000, 10_000, 100_000, 1_000_000, 10_000_000]
_COLUMNS = (
    "", "message", "delay, ms", "round trips", "octets up", "octets down", "data segments", "empty ones", "lower bound",
    "measured", "upper bound",
)  # fmt: skip
_HEAD = f"| {' | '.join(_COLUMNS)} |\n|---|{'--:|' * (len(_COLUMNS) - 1)}\n"
Runs = Sequence[dict[str, Any]]


def loopback(folder: Path) -> Runs:
    """On the embedded servers."""
    command = [sys.executable, "-m", "tuimail", "--home", str(folder), "--json", "measure", "--size", *map(str, SIZES)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    runs: Runs = json.loads(done.stdout)["runs"]
    return runs


def ethernet(folder: Path) -> Runs:
    """Over a pair of virtual Ethernet interfaces."""
    return measured_and_seen(folder, SIZES)[0]


TABLES: dict[str, Callable[[Path], Runs]] = {"loopback": loopback, "ethernet": ethernet}


def table(runs: Runs) -> str:
    """In Markdown."""
    return _HEAD + "".join(_row(run) for run in runs)


def _row(run: dict[str, Any]) -> str:
    data = run["data_segments_up"] + run["data_segments_down"]
    again = run["retransmitted"]["segments"]
    cells = [
        run["protocol"].upper(), f"{run['size']:,}", f"{run['delay_s'] * 1000:,.1f}", str(run["round_trips"]),
        f"{run['bytes_up']:,}", f"{run['bytes_down']:,}", f"{data:,}{f' ({again} twice)' if again else ''}",
        f"{run['ack_segments']:,}", f"{run['bound_low']:,}", f"{run['volume']:,}", f"{run['bound_high']:,}",
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |\n"


def within(text: str, name: str) -> re.Match[str]:
    """Where a table stands in the document."""
    found = re.search(rf"(<!-- {name}: [^>]* -->\n\n)(.*?)(\n<!-- end -->)", text, re.DOTALL)
    assert found is not None, f"the document has no place for the table {name}"
    return found


def main() -> None:
    """Measure, and write the tables into the document."""
    for name, runs_of in TABLES.items():
        if name == "ethernet" and (missing := what_is_missing()):
            print(f"The table {name} stays as it is: {missing}.")
            continue
        with tempfile.TemporaryDirectory(prefix="tm-measure-") as folder:
            written = table(runs_of(Path(folder)))
        text = DOCUMENT.read_text(encoding="utf-8")
        place = within(text, name)
        DOCUMENT.write_text(text[: place.start(2)] + written + text[place.end(2) :], encoding="utf-8")


if __name__ == "__main__":
    main()
