# SPDX-License-Identifier: GPL-3.0-or-later
"""How errors read."""

import pytest

from tuimail.model.errors import Offline, SignInNeeded, TuimailError


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (
            SignInNeeded("The server answered: 535 5.7.8 invalid", "Check it."),
            "The server answered: 535 5.7.8 invalid. Check it.",
        ),
        (Offline("It is gone.", "Wait."), "It is gone. Wait."),
        (Offline("It is gone"), "It is gone"),
    ],
)
def test_what_failed_and_what_to_do_are_two_sentences(error: TuimailError, text: str) -> None:
    assert str(error) == text
