# SPDX-License-Identifier: GPL-3.0-or-later
"""On a link like Ethernet the figures are those of an independent capture. Needs root, namespaces, ethtool and tcpdump."""

from pathlib import Path

import pytest

from tests.backends.measure.veth import measured_and_seen, what_is_missing

SIZES = [1_000, 100_000, 10_000_000]


@pytest.mark.veth
def test_what_is_measured_is_what_tcpdump_sees(tmp_path: Path) -> None:
    if missing := what_is_missing():
        pytest.skip(f"the capture on a veth pair is left out: {missing}")
    runs, seen = measured_and_seen(tmp_path, SIZES)
    assert [(run["size"], run["protocol"]) for run in runs] == [
        (size, protocol) for size in SIZES for protocol in ("smtp", "pop3", "imap")
    ]
    compared = 0
    for run in runs:
        connection = seen[run["local_port"]]
        print(
            f"{run['protocol']} {run['size']}: volume {run['volume']} seen {connection.octets}; "
            f"data {run['data_segments_up'] + run['data_segments_down']} seen {connection.data}; "
            f"empty {run['ack_segments']} seen {connection.empty}; {run['bound_low']}…{run['bound_high']}; "
            f"sent twice {run['retransmitted']['segments']}, seen {connection.repeated}; {run['delay_s'] * 1000:.1f} ms"
        )
        assert run["bound_low"] <= run["volume"] <= run["bound_high"]
        assert run["segment_size"] == 1448
        if run["retransmitted"]["segments"] or connection.repeated:
            continue
        compared += 1
        assert run["volume"] == connection.octets
        assert abs(run["ack_segments"] - connection.empty) <= 2
        assert abs(run["data_segments_up"] + run["data_segments_down"] - connection.data) <= 2
        if run["frames_captured"]:
            assert {frame["length"]: frame["count"] for frame in run["frame_lengths"]} == dict(connection.lengths)
    assert compared, "in every connection something was sent twice"
