# SPDX-License-Identifier: GPL-3.0-or-later
"""What a ``mailto:`` link fills in."""

import pytest

from tuimail.engine.mailto import mailto_fields


@pytest.mark.parametrize(
    ("url", "fields"),
    [
        ("mailto:ada@example.org", {"to": "ada@example.org"}),
        ("mailto:ada+list@example.org?cc=bo+x@example.org", {"to": "ada+list@example.org", "cc": "bo+x@example.org"}),
        ("MAILTO:a@x.org?TO=b@x.org&Subject=One%20and%26two+", {"to": "a@x.org, b@x.org", "subject": "One and&two+"}),
        ("mailto:?body=One%0D%0Atwo", {"to": "", "body": "One\ntwo"}),
        ("mailto:a@x.org?In-Reply-To=%3Cone@x.org%3E", {"to": "a@x.org", "in_reply_to": "<one@x.org>"}),
        ("mailto:a@x.org?in-reply-to=x%0D%0ABcc:%20b", {"to": "a@x.org"}),
        ("mailto:a@x.org?attach=/etc/passwd&from=b@x.org&subject=&&=", {"to": "a@x.org"}),
    ],
)
def test_takes_over_what_can_do_no_harm(url: str, fields: dict[str, str]) -> None:
    assert mailto_fields(url) == fields


def test_a_field_stays_one_line() -> None:
    subject = mailto_fields("mailto:a@x.org?subject=x%0D%0ABcc:%20b@x.org")["subject"]
    assert "Bcc" in subject
    assert not {"\r", "\n"} & set(subject)
