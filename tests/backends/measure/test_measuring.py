# SPDX-License-Identifier: GPL-3.0-or-later
"""Measured against the embedded servers: every octet is accounted for, and every volume lies within its bounds."""

from dataclasses import replace
from statistics import median_low

import pytest

from tests.backends.measure.place import SIZES, Measured, Place
from tuimail.backends.measure.capture import Capture
from tuimail.backends.measure.measuring import measure
from tuimail.backends.measure.sample import LARGEST, make_message
from tuimail.backends.measure.sessions import stuffed
from tuimail.model.account import AuthMethod, Security, ServerAddress
from tuimail.model.errors import InputWrong, TuimailError
from tuimail.model.measurement import Protocol
from tuimail.model.volume import volume


def test_each_message_is_sent_once_and_fetched_by_both(measured: Measured) -> None:
    assert [(run.size, run.protocol) for run in measured.runs] == [
        (size, protocol) for size in SIZES for _ in range(2) for protocol in Protocol
    ]


def test_volumes_lie_within_their_bounds(measured: Measured) -> None:
    assert [run for run in measured.runs if not run.within] == []
    assert all(run.bounds.data_low <= run.data_up + run.data_down <= run.bounds.data_high for run in measured.runs)


def test_the_message_is_in_the_octets(measured: Measured) -> None:
    for run in measured.runs:
        carried = run.bytes_up if run.protocol is Protocol.SMTP else run.bytes_down
        assert run.size < carried < run.size + 6000


def test_segments_with_and_without_data_are_all_there_is(measured: Measured) -> None:
    for run in measured.runs:
        assert run.segments == run.data_up + run.data_down + run.ack_segments
        assert run.ack_segments >= 5  # two SYNs, an ACK, two FINs


def test_what_the_kernel_counts_is_what_is_captured(measured: Measured) -> None:
    """Where a segment overtook another, which a busy machine makes of two processors, TCP reports it in options of its own."""
    whole = [run for run in measured.runs if run.captured and run.security == "none" and not run.repeated.segments]
    surplus = [run.volume - volume(run.bytes_up + run.bytes_down, run.segments, run.path) for run in whole]
    assert all(octets >= 0 and octets % 4 == 0 for octets in surplus)
    if whole:
        assert median_low(surplus) == 0


def test_frames_add_up(measured: Measured) -> None:
    """A frame is an IP packet with its link header; where the kernel puts segments together there are fewer frames."""
    for run in measured.runs:
        octets = sum((length - 14) * count for length, count in run.frame_lengths.items())
        cut = run.segments - sum(run.frame_lengths.values())
        assert octets + cut * run.path.header == run.volume


def test_octets_are_the_same_each_time_in_clear(place: Place) -> None:
    first, second = (list(measure(place.target(), [5_000], 1)) for _ in range(2))
    for one, other in zip(first, second, strict=True):
        assert one.bytes_up == other.bytes_up
        assert one.round_trips == other.round_trips


def test_nothing_is_left_behind(place: Place) -> None:
    list(measure(place.target(), [1_000], 2))
    assert place.servers.snapshot()["INBOX"] == []


def test_the_mailbox_keeps_what_is_not_ours(place: Place) -> None:
    uid = place.servers.deliver(b"Subject: mine\r\n\r\nkeep\r\n")
    list(measure(place.target(), [1_000], 1))
    assert [shot.uid for shot in place.servers.snapshot()["INBOX"]] == [uid]
    place.servers.expunge("INBOX", uid)


def test_pop3_alone_cleans_up_too(place: Place) -> None:
    target = place.target()
    list(measure(replace(target, readers=target.readers[:1]), [1_000], 1))
    assert place.servers.snapshot()["INBOX"] == []


def test_nothing_is_captured_without_permission(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Capture, "start", classmethod(lambda *_: None))
    for run in measure(place.target(), [1_000], 1):
        assert not run.captured
        assert sum(run.frame_lengths.values()) == run.segments
        assert run.within


def test_no_reader_no_measuring(place: Place) -> None:
    with pytest.raises(TuimailError):
        list(measure(replace(place.target(), readers=()), [1_000], 1))


def test_no_sign_in_where_none_is_wanted(place: Place) -> None:
    at, target = place.servers.addresses, place.target()
    relay = ServerAddress(at.host, at.relay_port, Security.NONE, "", AuthMethod.NONE)
    with_, without = (next(measure(replace(target, smtp=smtp), [1_000], 1)) for smtp in (target.smtp, relay))
    assert without.round_trips == with_.round_trips - 1


@pytest.mark.parametrize("size", [400, 401, 477, 478, 479, 1_000, 77_777])
def test_messages_have_exactly_the_size(size: int) -> None:
    mark, message = make_message(size, "ada@example.org", "bob@example.org", 1_700_000_000)
    assert len(message) == size
    assert mark in message
    lines = message.split(b"\r\n")
    assert lines[-1] == b""
    assert max(map(len, lines)) <= 78
    assert stuffed(message) == message


@pytest.mark.parametrize("size", [-1, 0, 399, LARGEST + 1])
def test_other_sizes_are_refused(size: int) -> None:
    with pytest.raises(InputWrong):
        make_message(size, "ada@example.org", "bob@example.org", 0)
