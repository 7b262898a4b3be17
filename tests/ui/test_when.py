# SPDX-License-Identifier: GPL-3.0-or-later
"""When what is typed is saved."""

import pytest

from tuimail.ui.when import until_saved


@pytest.mark.parametrize(("typing", "seconds"), [(0, 1), (2.9, 1), (3.5, 0.5), (4, 0.05), (400, 0.05)])
def test_21_who_never_pauses_is_saved_as_well(typing: float, seconds: float) -> None:
    assert until_saved(typing) == pytest.approx(seconds)
