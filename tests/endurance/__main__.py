# SPDX-License-Identifier: GPL-3.0-or-later
"""``make endurance``: spends a day with the program, and tells its curves."""

import argparse
import json
import os
import platform
import subprocess
import sys
from collections import Counter
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from tests.endurance import bounds, curves
from tests.endurance.run import Options, Result, run
from tests.endurance.samples import Sample

_CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tuimail-bench"
_ROOT = Path(__file__).parents[2]
_BEGIN, _END = "<!-- begin: made by make endurance -->", "<!-- end -->"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make endurance", description="Eight hours of mail, keys and faults in minutes.")
    default = Options()
    parser.add_argument("--messages", type=int, default=default.messages, metavar="N", help="in INBOX (%(default)s)")
    parser.add_argument("--hours", type=float, default=default.hours, metavar="H", help="of the day (%(default)s)")
    parser.add_argument("--minutes", type=float, default=default.minutes, metavar="M", help="it takes at least (%(default)s)")
    parser.add_argument("--seed", type=int, default=default.seed, metavar="N", help="another day (%(default)s)")
    parser.add_argument("--share", type=float, default=default.share, metavar="X", help="of the events (%(default)s)")
    parser.add_argument("--audits", type=int, default=default.audits, metavar="N", help="in the day (%(default)s)")
    parser.add_argument("--cache", type=Path, default=_CACHE, metavar="DIR", help="keeps filled mailboxes (%(default)s)")
    parser.add_argument(
        "--json", type=Path, default=_ROOT / "build" / "endurance.json", metavar="FILE", help="where the result goes"
    )
    parser.add_argument("--picture", type=Path, metavar="FILE", help="draw the curves as SVG (beside the result)")
    parser.add_argument("--document", type=Path, metavar="FILE", help="put the result into this document, between its marks")
    parser.add_argument("--from-json", type=Path, metavar="FILE", help="spend no day: tell the result of an earlier one")
    return parser.parse_args()


def main() -> int:
    """The exit status: 1 where anything is wrong."""
    chosen = _arguments()
    result, about = Result(), ""
    if chosen.from_json:
        told = json.loads(chosen.from_json.read_text())
        options, about = Options(**told.pop("options")), told.pop("about")
        samples = [Sample(**each) for each in told.pop("samples")]
        result = Result(**{**told, "samples": samples, "done": Counter(told["done"]), "spent": Counter(told["spent"])})
    else:
        options, about = (
            Options(chosen.messages, chosen.hours, chosen.minutes, chosen.seed, chosen.share, audits=chosen.audits),
            _about(),
        )
        try:
            run(options, chosen.cache, result, lambda line: print(line, flush=True))
        finally:
            _write(chosen.json, options, about, result)
    wrong = [*result.faults, *bounds.beyond(result.samples)]
    if len(result.samples) > 1:
        wrong += curves.too_much(result.samples)
    told_text = report(options, about, result, wrong)
    print(told_text)
    (chosen.picture or chosen.json.with_suffix(".svg")).write_text(curves.picture(result.samples))
    if chosen.document:
        before, _, rest = chosen.document.read_text().partition(_BEGIN)
        chosen.document.write_text(f"{before}{_BEGIN}\n{told_text}\n{_END}{rest.partition(_END)[2]}")
    for astray in result.astray:
        print(f"\ngiven up: {astray}", file=sys.stderr)
    return 1 if wrong else 0


def report(options: Options, about: str, result: Result, wrong: list[str]) -> str:
    """Everything in Markdown."""
    last = result.samples[-1]
    done = ", ".join(f"{kind} {count:,}" for kind, count in sorted(result.done.items(), key=lambda item: -item[1]))
    lines = [
        f"Conditions: {about}.",
        "",
        f"{options.messages:,} messages, {options.hours:g} hours, {options.share:g} of the usual events, seed {options.seed}: "
        f"{result.done.total():,} events in {result.seconds / 60:.0f} minutes, with {last.processor:.0f} s of processor time; "
        f"{result.keys:,} keys, {result.arrived:,} letters arrived, {result.removed} removed by the other client, "
        f"{result.submitted} sent, {result.connections} connections, {result.octets / 1e6:.0f} MB on the wire; "
        f"{result.audits} audits, {result.declined} acts that need a server while it was away, {len(result.astray)} given up.",
        "",
        f"Events: {done}.",
        "",
        curves.table(result.samples),
        "",
        bounds.table(result.samples),
        "",
        *([f"* {each}" for each in wrong] or ["Nothing was beyond its limit; server, store and screen were equal each time."]),
    ]
    return "\n".join(lines)


def _write(file: Path, options: Options, about: str, result: Result) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    samples = [asdict(sample) for sample in result.samples]
    file.write_text(json.dumps({"options": asdict(options), "about": about, **vars(result), "samples": samples}, indent=1))


def _about() -> str:
    """Under what conditions."""
    asked = ["git", "-C", str(_ROOT), "describe", "--always", "--dirty"]
    checkout = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M}, checkout {checkout}, {platform.platform()}, {os.cpu_count()} processors, "
        f"load before {os.getloadavg()[0]:.1f}, Python {platform.python_version()}"
    )


if __name__ == "__main__":
    sys.exit(main())
