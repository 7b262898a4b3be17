# SPDX-License-Identifier: GPL-3.0-or-later
"""What the day is made of and judged by: the same events for the same seed, lines through samples, and a ledger of the mail."""

import random
from collections import Counter
from dataclasses import replace
from email import message_from_bytes
from xml.etree import ElementTree

from tests.endurance import bounds, curves, letters, workload
from tests.endurance.census import Ledger, Place
from tests.endurance.samples import Sample, slope


def sample(hour: float, written: float) -> Sample:
    return Sample(hour, int(hour * 100), written + 1, written, 30, 8, 100_000, 1, 80.0, 0.1, 36.0, 10.0)


def test_the_same_seed_is_the_same_day() -> None:
    assert workload.day(8, 1) == workload.day(8, 1)
    assert workload.day(8, 1) != workload.day(8, 2)


def test_a_day_has_its_number_of_each_kind_in_order() -> None:
    events = workload.day(2, 1)
    assert Counter(event.kind for event in events) == {kind: 2 * rate for kind, rate in workload.RATES.items()}
    assert [event.at for event in events] == sorted(event.at for event in events)
    assert Counter(event.kind for event in workload.day(2, 1, 0.001)).keys() == workload.RATES.keys()


def test_letters_are_messages_with_their_own_ids() -> None:
    dice = random.Random(1)
    read = [message_from_bytes(letters.letter(number, 1_800_000_000, dice)) for number in range(40)]
    assert [each["message-id"] for each in read] == [letters.message_id(number) for number in range(40)]
    kinds = {each.get_content_type() for each in read}
    assert kinds == {"text/plain", "multipart/alternative", "multipart/mixed"}
    assert not [each for each in read if each.defects]


def test_the_slope_is_that_of_the_line() -> None:
    assert slope([(0, 5), (1, 7), (2, 9)]) == 2
    assert slope([(1, 5)]) == 0


def test_growth_counts_after_the_beginning_only() -> None:
    flat = [sample(hour / 4, 40 if hour < 8 else 100) for hour in range(33)]
    assert list(curves.too_much(flat)) == []
    growing = [sample(hour / 4, 100 + hour) for hour in range(33)]
    assert [told.split()[0] for told in curves.too_much(growing)] == ["memory"]


def test_growth_counts_at_rest_where_there_was_some() -> None:
    at_rest = [replace(sample(hour, 70), at_rest=True) for hour in range(1, 9)]
    working = [sample(hour / 4, 100 + hour) for hour in range(33)]
    day = sorted([*at_rest, *working], key=lambda each: (each.hour, each.at_rest))
    assert list(curves.too_much(day)) == []
    assert "| 8 | 800 | 70 | 71 |" in curves.table(day)


def test_the_curves_are_a_picture_and_a_table() -> None:
    samples = [sample(hour / 4, 100) for hour in range(33)]
    drawn = ElementTree.fromstring(curves.picture(samples))
    assert len(drawn.findall("{*}polyline")) == len(curves.CURVES)
    assert curves.table(samples).count("\n") == 1 + 9 + 2


def test_what_is_open_has_a_bound_for_each_kind() -> None:
    usual = replace(sample(1, 100), running={"MainThread": 1, "asyncio": bounds.POOL}, open_files={"terminal": 4, "socket": 3})
    assert list(bounds.beyond([usual, usual])) == []
    leaking = replace(usual, running={"textual-output": 2}, open_files={"terminal": 5, "letter.eml": 2})
    assert list(bounds.beyond([usual, leaking, usual])) == [
        "2 threads at once: textual-output; there may be 1",
        "2 descriptors at once: letter.eml; there may be 1",
        "5 descriptors at once: terminal; there may be 4",
    ]
    assert "| descriptors: terminal | 5 | 4 |" in bounds.table([usual, leaking])


def test_the_ledger_tells_what_is_lost_doubled_and_back() -> None:
    ledger = Ledger({"<a>", "<b>"}, {"<c>"})
    places = [Place("INBOX", 1, "<a>", ""), Place("Archive", 1, "<a>", ""), Place("INBOX", 2, "<c>", "")]
    places.append(Place("Trash", 1, "<t>", ""))
    assert list(ledger.faults(places, Counter({"<s>": 2, "<t>": 1}), set())) == [
        "1 lost: <b>",
        "1 back again: <c>",
        "1 doubled: <a>",
        "1 submitted more than once: <s>",
        "1 submitted and nowhere: <s>",
        "1 submitted and not in Sent: <t> in Trash",
    ]


def test_the_ledger_is_content_with_what_has_to_be() -> None:
    ledger = Ledger({"<a>"}, {"<c>"})
    places = [Place("Archive", 1, "<a>", ""), Place("Sent", 1, "<s>", "\\Seen"), Place("Drafts", 1, "<d>", "")]
    assert list(ledger.faults(places, Counter(["<s>", "<u>"]), {"<u>"})) == []
