# SPDX-License-Identifier: GPL-3.0-or-later
"""The composer's estimate is near the message that is built, and near what the model says of it."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tuimail.engine.estimate import base64_octets, estimate, message_octets, rough
from tuimail.engine.outgoing import build_message
from tuimail.model.account import AuthMethod, Security, ServerAddress
from tuimail.model.address import Address
from tuimail.model.draft import Draft, DraftAttachment
from tuimail.model.ids import AccountId, DraftId
from tuimail.store.bodies import Blobs

ADA = Address("Ada", "ada@example.org")
DRAFT = Draft(
    DraftId(1),
    AccountId(1),
    from_=str(ADA),
    to="Bob Smith <bob@example.org>, c@example.com",
    subject="Three days in the dunes?",
)
SERVER = ServerAddress("smtp.example.org", 465, Security.TLS, "ada@example.org")
BODIES = {
    "empty": "",
    "short": "Hello,\n\nthat is fine.\n",
    "long": "One question: which train do you take on Friday?\n" * 2000,
    "German": "Grüße aus Köln, wo es für Übungen zu früh ist.\n" * 200,
    "Russian": "Привет, как дела? Всё хорошо.\n" * 300,
}


def attachment(octets: int) -> DraftAttachment:
    return DraftAttachment(f"blob{octets}", "a file.pdf", "application/pdf", octets)


@pytest.mark.parametrize("files", [(), (1_000,), (240_000, 57, 3_000_000)])
@pytest.mark.parametrize("body", BODIES)
def test_the_message_has_about_so_many_octets(tmp_path: Path, body: str, files: tuple[int, ...]) -> None:
    blobs = Blobs(tmp_path)
    kept = tuple(replace(attachment(octets), blob=blobs.write(b"\xff" * octets)) for octets in files)
    draft = replace(DRAFT, body=BODIES[body], attachments=kept)
    built = len(build_message(draft, ADA, blobs)[1])
    assert abs(message_octets(draft) - built) <= 150 + built * 0.15 * (body == "German") + built * 0.04


@settings(deadline=None)
@given(st.integers(0, 10**9), st.integers(0, 10**6))
def test_more_attached_is_more_to_send(octets: int, more: int) -> None:
    small, large = (estimate(replace(DRAFT, attachments=(attachment(size),)), SERVER) for size in (octets, octets + more))
    assert small.volume <= large.volume
    assert small.message + base64_octets(octets + more) - base64_octets(octets) == large.message


def test_base64_grows_by_more_than_a_third() -> None:
    assert [base64_octets(octets) for octets in (0, 1, 57, 58, 114)] == [0, 6, 78, 84, 156]
    with_, without = (estimate(replace(DRAFT, attachments=files), SERVER) for files in ((attachment(570_000),), ()))
    assert with_.volume - without.volume > 780_000


def test_the_way_in_costs_round_trips() -> None:
    ways = [
        replace(SERVER, security=Security.NONE, auth=AuthMethod.NONE),
        replace(SERVER, security=Security.NONE),
        SERVER,
        replace(SERVER, security=Security.STARTTLS),
    ]
    assert [estimate(DRAFT, server).round_trips for server in ways] == [7, 8, 9, 11]


@pytest.mark.parametrize(
    ("octets", "words"),
    [
        (0, "1 kB"), (1_400, "1 kB"), (9_499, "9 kB"), (9_960, "10 kB"), (12_345, "12 kB"), (340_999, "340 kB"),
        (996_000, "1 MB"), (1_240_000, "1.2 MB"), (14_900_000, "15 MB"), (123_456_789, "120 MB"),
    ],
)  # fmt: skip
def test_two_digits_are_told(octets: int, words: str) -> None:
    assert rough(octets) == words


def test_in_words() -> None:
    draft = replace(DRAFT, attachments=(attachment(225_000),))
    assert str(estimate(draft, SERVER)) == "about 330 kB on the wire, 9 round trips"
