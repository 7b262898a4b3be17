# SPDX-License-Identifier: GPL-3.0-or-later
"""The document's tables are of the sizes that it promises, and every measured volume in them lies within its bounds."""

import pytest

from tests.backends.measure.tables import DOCUMENT, SIZES, TABLES, within


@pytest.mark.parametrize("name", TABLES)
def test_every_row_lies_within_its_bounds(name: str) -> None:
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in within(DOCUMENT.read_text(encoding="utf-8"), name)[2].splitlines()[2:]
    ]
    assert [(row[0], row[1]) for row in rows] == [
        (protocol, f"{size:,}") for size in SIZES for protocol in ("SMTP", "POP3", "IMAP")
    ]
    for row in rows:
        low, measured, high = (int(cell.replace(",", "")) for cell in row[-3:])
        assert low <= measured <= high
