# SPDX-License-Identifier: GPL-3.0-or-later
"""The model of what an exchange over TCP costs."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from tuimail.model.volume import (
    ETHERNET,
    OPENING,
    Flight,
    Path,
    Repeated,
    blocks,
    bounds,
    model_frames,
    round_trips,
    volume,
)

PATHS = st.builds(
    lambda least, more, header: Path(least + more, least, header, header + 8),
    st.integers(100, 9000),
    st.integers(0, 9000),
    st.sampled_from((40, 52, 60, 72)),
)
PIECES = st.lists(st.integers(1, 60_000), min_size=1, max_size=12)
FLIGHTS = st.lists(
    st.builds(lambda up, pieces: (Flight(up, sum(pieces), len(pieces)), pieces), st.booleans(), PIECES), max_size=12
)


@settings(deadline=None)
@given(FLIGHTS, PATHS, st.data())
def test_whatever_tcp_does_lies_between_the_bounds(
    exchange: list[tuple[Flight, list[int]]], path: Path, data: st.DataObject
) -> None:
    """Each piece is cut into segments of a size that the path knows; of them any number is acknowledged without data."""
    segments = 0
    for _, pieces in exchange:
        for piece in pieces:
            size = data.draw(st.integers(path.mss_least, path.mss))
            segments += -(-piece // size)
    empty = data.draw(st.integers(0, segments)) + data.draw(st.integers(2, 4)) + OPENING
    flights = [flight for flight, _ in exchange]
    octets = sum(flight.octets for flight in flights)
    found = bounds(flights, path)
    assert found.data_low <= segments <= found.data_high
    assert found.low <= volume(octets, segments + empty, path) <= found.high


@settings(deadline=None)
@given(st.integers(1, 10**8), st.integers(0, 10**6), PATHS)
def test_bounds_grow_with_what_is_sent(octets: int, more: int, path: Path) -> None:
    small, large = (bounds([Flight(True, count, blocks(count))], path) for count in (octets, octets + more))
    assert small.low <= small.high
    assert small.low + more <= large.low
    assert small.high + more <= large.high


@settings(deadline=None)
@given(st.integers(1, 10**7), st.integers(200, 9000))
def test_larger_segments_cost_less(octets: int, mss: int) -> None:
    flight = Flight(True, octets, blocks(octets))
    small, large = (bounds([flight], Path(size, size)) for size in (mss, 2 * mss))
    assert large.low <= small.low
    assert large.high <= small.high


def test_a_message_of_three_segments_by_hand() -> None:
    """2,897 octets in segments of 1,448: 3 with data; SYNs of 60, others with 52 octets of headers."""
    found = bounds([Flight(True, 2897)])
    assert found.low == 2897 + 2 * 60 + (1 + 3 + 2) * 52
    assert found.high == 2897 + 2 * 60 + (1 + 2 * 3 + 4) * 52
    assert (found.data_low, found.data_high) == (3, 3)


def test_lines_may_go_in_segments_of_their_own() -> None:
    reply = Flight(False, 200, 7)
    assert (reply.fewest(1448), reply.most(1448)) == (1, 7)


def test_what_was_sent_twice_raises_the_upper_bound_only() -> None:
    flights = [Flight(True, 100_000, blocks(100_000))]
    without, with_ = bounds(flights), bounds(flights, repeated=Repeated(2, 2896))
    assert with_.low == without.low
    assert with_.high == without.high + 2896 + 2 * (52 + 52 + 12)


def test_round_trips_are_the_waits_of_the_client() -> None:
    greeting, command, reply = Flight(False, 20), Flight(True, 10), Flight(False, 5)
    assert round_trips([greeting, command, reply, command, reply]) == 1 + 3


def test_the_models_frames_add_up_to_the_volume() -> None:
    flights = [Flight(False, 80), Flight(True, 5000), Flight(False, 30)]
    octets = sum(flight.octets for flight in flights)
    frames = model_frames(flights, ETHERNET, 12)
    assert sum(frames.values()) == 12
    assert sum((length - 14) * count for length, count in frames.items()) == volume(octets, 12, ETHERNET)
    assert list(frames) == sorted(frames)


def test_without_timestamps_a_segment_holds_more() -> None:
    plain = replace(ETHERNET, mss=1460, mss_least=1460, header=40)
    assert bounds([Flight(True, 1460)], plain).data_low == 1
    assert bounds([Flight(True, 1460)]).data_low == 2
