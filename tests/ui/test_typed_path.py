# SPDX-License-Identifier: GPL-3.0-or-later
"""What people mean by the paths that they type."""

import pytest

from tuimail.ui.typed_path import last_path


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("/home/ada/", "/home/ada/"),
        ("/home/ada//tmp/a", "/tmp/a"),
        ("/home/ada/~/a", "~/a"),
        ("/home/ada/~bob/a", "~bob/a"),
        ("/home//etc//tmp", "/tmp"),
        ("~/mail", "~/mail"),
        ("a~b", "a~b"),
        ("", ""),
    ],
)
def test_a_path_may_begin_anew(typed: str, meant: str) -> None:
    assert last_path(typed) == meant
