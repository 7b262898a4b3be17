# SPDX-License-Identifier: GPL-3.0-or-later
"""What TLS is asked for, whatever the system's own settings are."""

import ssl

import pytest

from tuimail.backends.tls import context
from tuimail.model.account import Security, ServerAddress


@pytest.mark.parametrize("fingerprint", ["", "00:01"], ids=["by an authority", "by its fingerprint"])
def test_nothing_older_than_tls_1_2_is_spoken(fingerprint: str) -> None:
    made = context(ServerAddress("mail.example.org", 993, Security.TLS, "ada", fingerprint=fingerprint))
    assert made.minimum_version >= ssl.TLSVersion.TLSv1_2


def test_an_authority_has_to_vouch_for_the_name() -> None:
    made = context(ServerAddress("mail.example.org", 993, Security.TLS, "ada"))
    assert (made.verify_mode, made.check_hostname) == (ssl.CERT_REQUIRED, True)
