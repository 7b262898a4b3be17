# SPDX-License-Identifier: GPL-3.0-or-later
"""``make hostile``: the generated messages in their real size, and every file of ``TUIMAIL_CORPUS``, with what they cost."""

import argparse
import contextlib
import json
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict
from pathlib import Path

from tests.hostile.messages import names
from tests.hostile.running import Taken, take_all

_WORST = 12
_BATCH = 150
"""Messages for one process: a list that grows without end is not what is examined here."""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Take hostile mail through the program within bounds of time and memory.")
    corpus = os.environ.get("TUIMAIL_CORPUS")
    parser.add_argument("--corpus", type=Path, default=Path(corpus) if corpus else None, help="a folder of mail")
    parser.add_argument("--scale", type=int, default=100, help="size of the generated messages; 0 for none")
    parser.add_argument("--seconds", type=float, default=60, help="CPU time for one message")
    parser.add_argument(
        "--share", type=int, nargs=2, default=(0, 1), metavar=("K", "N"), help="of N equal shares the Kth, from 0"
    )
    parser.add_argument("--match", default="", help="only names that hold this")
    parser.add_argument("--ways", default="", help="some of: engine screen composer; all of them, where it is not given")
    parser.add_argument("--jobs", type=int, default=1, help="processes at a time")
    parser.add_argument("--results", type=Path, help="a file to note results in; what stands there is not taken again")
    return parser.parse_args()


def _report(title: str, taken: list[Taken]) -> int:
    failed = [one for one in taken if one.failure]
    print(f"\n{title}: {len(taken)} messages, {sum(one.octets for one in taken) / 1e6:.1f} MB, {len(failed)} failures")
    for one in sorted(taken, key=lambda one: -one.seconds)[:_WORST]:
        print(f"  {one.seconds:7.2f} s CPU   {one.name} ({one.octets:,} octets)")
    for one in sorted(taken, key=lambda one: -one.memory)[:_WORST]:
        print(f"  {one.memory / 1e6:7.1f} MB      {one.name} ({one.octets:,} octets)")
    return len(failed)


def _taken(chosen: list[str], options: argparse.Namespace) -> Iterator[Taken]:
    """What came of messages, as far as it stands in the file of results, then of the others as they are done."""
    known = _known(options.results)
    yield from (known[name] for name in chosen if name in known)
    left = [name for name in chosen if name not in known]
    count = -(-len(left) // _BATCH)
    with ThreadPoolExecutor(options.jobs) as pool:
        try:
            batches = [left[first::count] for first in range(count)]
            for done in as_completed([pool.submit(_take_batch, names, options) for names in batches]):
                yield from done.result()
        except KeyboardInterrupt:
            pool.shutdown(cancel_futures=True)
            raise


def _known(file: Path | None) -> dict[str, Taken]:
    if file is None or not file.exists():
        return {}
    return {one.name: one for one in (Taken(**json.loads(line)) for line in file.read_text().splitlines())}


def _take_batch(names: list[str], options: argparse.Namespace) -> list[Taken]:
    taken = []
    for one in take_all(names, options.seconds, options.ways):
        taken.append(one)
        if options.results is not None:
            with options.results.open("a") as file:
                file.write(json.dumps(asdict(one)) + "\n")
    return taken


def main() -> int:
    """The exit status: 1 where anything failed."""
    options = _arguments()
    failures = 0
    for title, wanted in (
        ("Generated", names(None, options.scale) if options.scale else []),
        (f"Corpus {options.corpus}", names(options.corpus, 1) if options.corpus else []),
    ):
        number, shares = options.share
        if chosen := [name for name in wanted if options.match in name][number::shares]:
            taken: list[Taken] = []
            with contextlib.suppress(KeyboardInterrupt):  # what is done is told
                for one in _taken(chosen, options):
                    if one.failure:
                        print(f"FAILED {one.name}: {one.failure}", flush=True)
                    taken.append(one)
            failures += _report(title, taken)
            if len(taken) < len(chosen):
                print(f"Interrupted: {len(chosen) - len(taken)} messages are left.")
                failures += 1
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
