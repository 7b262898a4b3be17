# SPDX-License-Identifier: GPL-3.0-or-later
"""``make hostile``: the generated messages in their real size, and every file of ``TUIMAIL_CORPUS``, with what they cost."""

import argparse
import contextlib
import os
import sys
from pathlib import Path

from tests.hostile.messages import names
from tests.hostile.running import Taken, take_all

_WORST = 12


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Take hostile mail through the program within bounds of time and memory.")
    corpus = os.environ.get("TUIMAIL_CORPUS")
    parser.add_argument("--corpus", type=Path, default=Path(corpus) if corpus else None, help="a folder of mail")
    parser.add_argument("--scale", type=int, default=10, help="size of the generated messages; 0 for none")
    parser.add_argument("--seconds", type=float, default=60, help="CPU time for one message")
    parser.add_argument(
        "--share", type=int, nargs=2, default=(0, 1), metavar=("K", "N"), help="of N equal shares the Kth, from 0"
    )
    parser.add_argument("--match", default="", help="only names that hold this")
    return parser.parse_args()


def _report(title: str, taken: list[Taken]) -> int:
    failed = [one for one in taken if one.failure]
    print(f"\n{title}: {len(taken)} messages, {sum(one.octets for one in taken) / 1e6:.1f} MB, {len(failed)} failures")
    for one in sorted(taken, key=lambda one: -one.seconds)[:_WORST]:
        print(f"  {one.seconds:7.2f} s CPU   {one.name} ({one.octets:,} octets)")
    for one in sorted(taken, key=lambda one: -one.memory)[:_WORST]:
        print(f"  {one.memory / 1e6:7.1f} MB      {one.name} ({one.octets:,} octets)")
    return len(failed)


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
                for one in take_all(chosen, options.seconds):
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
