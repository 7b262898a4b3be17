# SPDX-License-Identifier: GPL-3.0-or-later
"""What the server tells after a push of our own is no sign of company."""

from tuimail.sync.company import Company


def test_nobody_at_first() -> None:
    assert not Company().here(0.0)


def test_a_change_is_followed_by_more_for_a_while() -> None:
    company = Company()
    assert company.heard(10.0)
    assert company.here(11.0)
    assert not company.here(1_000.0)


def test_the_echo_of_a_push_is_not_company() -> None:
    company = Company()
    company.pushed(10.0)
    assert not company.heard(10.5)
    assert not company.here(11.0)
    assert company.heard(20.0)


def test_company_stays_while_we_push() -> None:
    company = Company()
    company.heard(10.0)
    company.pushed(11.0)
    company.heard(11.5)
    assert company.here(12.0)
