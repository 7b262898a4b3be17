# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures what is asked for and tells: ``python -m tests.bench [SCENARIO …] [options]``, or `make bench`."""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.bench import marks, report
from tests.bench.clients import peers, tuimail
from tests.bench.clients.client import Client
from tests.bench.figures import Row, row_of
from tests.bench.scenarios import SCENARIOS, Scenario
from tests.bench.servers import SERVERS, Missing, Open
from tests.bench.session import Bench, Options
from tests.bench.terminal import NeverShown

_ROOT = Path(__file__).parents[2]
_SWITCH = 0.0005
"""Seconds after which drawing gives way to the thread that stamps what a program writes."""
_QUICK = [1_000, 10_000]
_CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tuimail-bench"


def _parser() -> argparse.ArgumentParser:
    about = "; ".join(f"{name}: {scenario.about}" for name, scenario in SCENARIOS.items())
    parser = argparse.ArgumentParser(
        prog="make bench", description="Measure tuimail, and other clients where they are installed.", epilog=about
    )
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO", help=f"of: {', '.join(SCENARIOS)}; default all")
    parser.add_argument(
        "--messages", type=int, action="append", metavar="N", help="a size of INBOX; several times for several (1000 and 10000)"
    )
    parser.add_argument("--rtt", type=float, default=100, metavar="MS", help="round-trip time of the network scenarios (100)")
    parser.add_argument("--runs", type=int, default=2, metavar="N", help="starts measured for each figure (2)")
    parser.add_argument("--idle", type=float, default=10, metavar="S", help="seconds that the idle program is watched (10)")
    parser.add_argument("--keys", type=int, default=40, metavar="N", help="keys pressed for each latency (40)")
    parser.add_argument(
        "--server", action="append", choices=list(SERVERS), help="default: dovecot where it is installed, else embedded"
    )
    parser.add_argument(
        "--client",
        action="append",
        choices=["tuimail", *peers.PEERS],
        help="default: tuimail and all that are installed, these on the largest size",
    )
    parser.add_argument("--checkout", type=Path, default=_ROOT, metavar="DIR", help="measure tuimail of this checkout")
    parser.add_argument(
        "--cache", type=Path, default=_CACHE, metavar="DIR", help=f"keeps filled mailboxes between runs ({_CACHE})"
    )
    parser.add_argument(
        "--json",
        type=Path,
        default=_ROOT / "build" / "bench.json",
        metavar="FILE",
        help="where the results go (build/bench.json)",
    )
    parser.add_argument("--document", type=Path, metavar="FILE", help="put the tables into this document, between its marks")
    parser.add_argument(
        "--from-json", type=Path, metavar="FILE", action="append", help="measure nothing: tell the results of earlier runs"
    )
    return parser


def main(arguments: Sequence[str]) -> int:
    """Measure, print, write. 1 where something could not be measured."""
    parser = _parser()
    chosen = parser.parse_args(arguments)
    if unknown := set(chosen.scenarios) - set(SCENARIOS):
        parser.error(f"no such scenario: {', '.join(sorted(unknown))}")
    failed: list[str] = []
    sys.setswitchinterval(_SWITCH)
    if chosen.from_json:
        read = [json.loads(file.read_text()) for file in chosen.from_json]
        machine, rows = read[-1]["machine"], _newest([row for each in read for row in each["results"]])
    else:
        machine, rows = _machine(chosen.checkout), []
        for row in _measure(chosen, failed):
            rows.append(row)
            print(report.plain(report.figures([row])[1:]), flush=True)
            _write(chosen.json, machine, rows, failed)
        _write(chosen.json, machine, rows, failed)
    judged = list(marks.judged(rows))
    measured = [each for each in judged if each["verdict"] is not None]
    print("\n" + report.plain(report.figures(rows)) + "\n\n" + report.plain(report.verdicts(measured)))
    print(f"{len(judged) - len(measured)} marks were not measured.")
    if chosen.document:
        conditions = ", ".join(f"{name} {value}" for name, value in machine.items() if value)
        chosen.document.write_text(report.document(chosen.document.read_text(), conditions, rows, judged))
    for failure in failed:
        print(f"\nnot measured: {failure}", file=sys.stderr)
    return 1 if failed else 0


def _newest(rows: list[Row]) -> list[Row]:
    """Of several figures for one thing the last."""
    return list(
        {
            tuple(str(row[key]) for key in ("server", "client", "scenario", "what", "messages", "rtt_ms")): row for row in rows
        }.values()
    )


def _write(file: Path, machine: dict[str, str], rows: list[Row], failed: list[str]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    written = {"machine": machine, "results": rows, "marks": list(marks.judged(rows)), "failed": failed}
    file.write_text(json.dumps(written, indent=1, ensure_ascii=False) + "\n")


def _machine(checkout: Path) -> dict[str, str]:
    """Under what conditions was measured."""
    git = subprocess.run(
        ["git", "-C", str(checkout), "describe", "--always", "--dirty"], capture_output=True, text=True, check=False
    )
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M"),
        "checkout": git.stdout.strip(),
        "system": platform.platform(),
        "processors": str(os.cpu_count()),
        "load before": f"{os.getloadavg()[0]:.1f}",
        "python": platform.python_version(),
    }


def _measure(chosen: argparse.Namespace, failed: list[str]) -> Iterator[Row]:
    options = Options(chosen.rtt / 1000, chosen.runs, chosen.idle, keys=chosen.keys)
    chosen.cache.mkdir(parents=True, exist_ok=True)
    subprocess.run([sys.executable, "-m", "compileall", "-q", str(chosen.checkout / "tuimail")], check=False)
    for name in chosen.server or list(SERVERS):
        try:
            with SERVERS[name](chosen.cache) as open_mailbox:
                yield from _on(name, open_mailbox, chosen, options, failed)
                if not chosen.server:
                    return
        except Missing as missing:
            print(missing, file=sys.stderr)
            if chosen.server:
                failed.append(str(missing))


def _on(server: str, open_mailbox: Open, chosen: argparse.Namespace, options: Options, failed: list[str]) -> Iterator[Row]:
    scenarios = {name: SCENARIOS[name] for name in chosen.scenarios or SCENARIOS}
    wanted = sorted(chosen.messages or _QUICK)
    for client in _clients(chosen):
        sizes = wanted if client.name == "tuimail" else wanted[-1:]
        for total in sorted({total for scenario in scenarios.values() for total in scenario.totals(sizes)}):
            folder = Path(tempfile.mkdtemp(prefix="tm-bench-"))
            bench = Bench(client, server, total, open_mailbox, options, folder)
            try:
                for name, scenario in scenarios.items():
                    if total in scenario.totals(sizes) and scenario.needs <= set(client.keys):
                        yield from _run(name, scenario, bench, failed)
            finally:
                shutil.rmtree(folder, ignore_errors=True)


def _run(name: str, scenario: Scenario, bench: Bench, failed: list[str]) -> Iterator[Row]:
    begun = time.monotonic()
    place: Row = {"server": bench.server, "client": bench.client.name, "scenario": name, "messages": bench.total}
    try:
        measured = scenario.measure(bench)
    except (NeverShown, OSError) as error:
        failed.append(f"{place}: {error}")
        print(f"{place}: {error}", file=sys.stderr, flush=True)
        return
    for what, samples in measured.items():
        figures = row_of(samples)
        if figures:
            yield {**place, "what": what, "rtt_ms": bench.options.rtt * 1000, **figures}
    print(f"  ({name}, {bench.client.name}: {time.monotonic() - begun:.0f} s)", file=sys.stderr, flush=True)


def _clients(chosen: argparse.Namespace) -> list[Client]:
    own = tuimail.of(chosen.checkout.resolve())
    found = {"tuimail": own} | {name: peer for name, peer in peers.PEERS.items() if shutil.which(peer.program)}
    return [client for name, client in found.items() if not chosen.client or name in chosen.client]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
