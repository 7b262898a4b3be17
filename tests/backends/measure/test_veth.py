# SPDX-License-Identifier: GPL-3.0-or-later
"""On a link like Ethernet the figures are those of an independent capture. Needs root, namespaces, ethtool and tcpdump."""

from pathlib import Path

import pytest

from tests.backends.measure.veth import measured_and_seen, what_is_missing

EVERY = ("smtp", "pop3", "imap")


@pytest.mark.veth
@pytest.mark.parametrize(("capture_too", "sizes"), [(False, [1_000, 100_000, 10_000_000]), (True, [1_000, 100_000])])
def test_what_is_measured_is_what_tcpdump_sees(tmp_path: Path, capture_too: bool, sizes: list[int]) -> None:
    if missing := what_is_missing():
        pytest.skip(f"the capture on a veth pair is left out: {missing}")
    runs, seen = measured_and_seen(tmp_path, sizes, capture_too=capture_too)
    assert [(run["size"], run["protocol"]) for run in runs] == [(size, protocol) for size in sizes for protocol in EVERY]
    compared = 0
    for run in runs:
        connection = seen[run["local_port"], int(run["server"].rpartition(":")[2])]
        data, empty = run["data_segments_up"] + run["data_segments_down"], run["ack_segments"]
        print(
            f"{run['protocol']} {run['size']}: volume {run['volume']}, seen {connection.octets}, "
            f"bounds {run['bound_low']} to {run['bound_high']}; with data {data}, seen {connection.data}; "
            f"without {empty}, seen {connection.empty}; "
            f"sent twice {run['retransmitted']['segments']}, seen {connection.repeated}; early {connection.early}"
        )
        assert run["bound_low"] <= run["volume"] <= run["bound_high"]
        assert (run["segment_size"], run["frames_captured"]) == (1448, capture_too)
        if run["retransmitted"]["segments"] or connection.repeated or connection.early:
            continue
        compared += 1
        assert run["volume"] == connection.octets
        assert abs(empty - connection.empty) <= 2
        assert abs(data - connection.data) <= 2
        if capture_too:
            assert {frame["length"]: frame["count"] for frame in run["frame_lengths"]} == connection.lengths
    assert compared, "in every connection something was sent twice or came early"
