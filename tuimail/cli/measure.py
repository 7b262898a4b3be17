# SPDX-License-Identifier: GPL-3.0-or-later
"""``tuimail measure``: what messages cost by SMTP, POP3 and IMAP, beside the bounds of the model."""

import argparse
import json
import shutil
import sys
from pathlib import Path

from tuimail.cli.measure_chart import chart
from tuimail.cli.measure_svg import drawing
from tuimail.cli.output import write_file
from tuimail.cli.program import program_of
from tuimail.model.errors import ExitStatus, InputWrong
from tuimail.model.measurement import Run

SIZES = (1_000, 100_000, 10_000_000)
_MOST = 1000
_WIDTH = 80
"""Columns where the output is no terminal."""


def measure(options: argparse.Namespace) -> int:
    """Measure, and show it. Returns the exit status: 1 when a volume lies outside its bounds."""
    if not 1 <= options.count <= _MOST:
        raise InputWrong(f"--count takes a number from 1 to {_MOST}.", "Say, for example, --count 5.")
    sizes, runs = options.size or SIZES, []
    for run in program_of(options).measure(options.home, options.account, sizes, options.count, verbose=options.verbose):
        runs.append(run)
        _tell(len(runs))
    _tell(0)
    if options.svg:
        write_file(Path(options.svg), drawing(runs))
    if options.json:
        print(json.dumps({"runs": [shape(run) for run in runs]}))
    else:
        width = shutil.get_terminal_size((_WIDTH, 24)).columns if sys.stdout.isatty() else _WIDTH
        print("\n".join(chart(runs, width)))
    return ExitStatus.OK if all(run.within for run in runs) else ExitStatus.FAILED


def shape(run: Run) -> dict[str, object]:
    """A run as it stands in the JSON output. Keys are never renamed."""
    return {
        "protocol": run.protocol.value,
        "size": run.size,
        "delay_s": round(run.delay, 6),
        "round_trips": run.round_trips,
        "bytes_up": run.bytes_up,
        "bytes_down": run.bytes_down,
        "segments_up": run.segments_up,
        "segments_down": run.segments_down,
        "ack_segments": run.ack_segments,
        "volume": run.volume,
        "bound_low": run.bounds.low,
        "bound_high": run.bounds.high,
        "frame_lengths": [{"length": length, "count": count} for length, count in run.frame_lengths.items()],
        "frames_captured": run.captured,
        "data_segments_up": run.data_up,
        "data_segments_down": run.data_down,
        "segment_size": run.path.mss,
        "segment_size_least": run.path.mss_least,
        "segment_header": run.path.header,
        "retransmitted": {"segments": run.repeated.segments, "bytes": run.repeated.octets},
        "server": run.server,
        "local_port": run.port,
        "security": run.security,
        "within": run.within,
    }


def _tell(done: int) -> None:
    """On a terminal, how many connections were measured so far; 0 takes the line away."""
    if sys.stderr.isatty() and sys.stdout.isatty():
        print(f"\r{done} connections measured" if done else "\r\x1b[K", end="", file=sys.stderr, flush=True)
