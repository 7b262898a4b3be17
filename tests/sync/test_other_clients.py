# SPDX-License-Identifier: GPL-3.0-or-later
"""What the server tells after a push of our own is no sign of other clients."""

from tuimail.sync.other_clients import OtherClients


def test_nobody_at_first() -> None:
    assert not OtherClients().active(0.0)


def test_a_change_is_followed_by_more_for_a_while() -> None:
    others = OtherClients()
    assert others.heard(10.0)
    assert others.active(11.0)
    assert not others.active(1_000.0)


def test_the_echo_of_a_push_is_not_another_client() -> None:
    others = OtherClients()
    others.pushed(10.0)
    assert not others.heard(10.5)
    assert not others.active(11.0)
    assert others.heard(20.0)


def test_they_stay_active_while_we_push() -> None:
    others = OtherClients()
    others.heard(10.0)
    others.pushed(11.0)
    others.heard(11.5)
    assert others.active(12.0)
