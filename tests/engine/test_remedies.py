# SPDX-License-Identifier: GPL-3.0-or-later
"""What is advised when signing in fails: the true cause, and the link where it is mended."""

import pytest

from tuimail.engine.remedies import advice_for, concerns_password
from tuimail.model.discovery import Provider, SignInWay
from tuimail.model.errors import CertificateRefused, Offline, ServerRefused, SignInNeeded, TuimailError

UNKNOWN = Provider()
GMAIL = Provider("Gmail", (SignInWay.OAUTH2, SignInWay.APP_PASSWORD), app_password_link="https://apps.example")
GMX = Provider("GMX", enable_link="https://enable.example")
TWO_FACTOR = Provider("Zoho", (SignInWay.APP_PASSWORD, SignInWay.PASSWORD), app_password_link="https://apps.example")
BROWSER = Provider("Outlook.com", (SignInWay.OAUTH2,), link="https://browser.example")

BRIDGE = Provider("Bridge", notice="Export its certificate.", bridge=True)


@pytest.mark.parametrize(
    ("error", "provider", "said"),
    [
        (SignInNeeded("the server said “Invalid credentials”."), GMAIL, "app password.* https://apps.example"),
        (SignInNeeded("535 5.7.8 Username and Password not accepted"), GMAIL, "Gmail takes an app password"),
        (SignInNeeded("Application-specific password required: 5.7.9"), UNKNOWN, "takes an app password"),
        (SignInNeeded("Invalid credentials"), TWO_FACTOR, "Check the password.*two-factor.*https://apps.example"),
        (SignInNeeded("Invalid credentials"), GMX, "IMAP is switched on.*https://enable.example"),
        (SignInNeeded("Invalid credentials"), UNKNOWN, "Check user name and password"),
        (SignInNeeded("LOGIN failed"), BROWSER, "token from a sign-in in the browser.*https://browser.example"),
        (SignInNeeded("535 5.7.139 Authentication unsuccessful, basic authentication is disabled"), UNKNOWN, "browser"),
        (SignInNeeded("Your account is not enabled for IMAP use."), GMAIL, "IMAP is switched off"),
        (SignInNeeded("You are yet to enable IMAP for your account"), GMX, "switched off.*https://enable.example"),
        (ServerRefused("User is authenticated but not connected."), UNKNOWN, "switched off.*ask who runs the server"),
        (SignInNeeded("IMAP access is disabled for this mailbox"), UNKNOWN, "switched off"),
        (CertificateRefused("it has expired", "x"), UNKNOWN, "no password was sent"),
        (
            CertificateRefused("x"),
            BRIDGE,
            "^Export its certificate.$",
        ),
        (Offline("x refused the connection.", "Check the port."), BRIDGE, "^Export its certificate.$"),
        (Offline("x refused the connection.", "Check the port."), GMAIL, "^Check the port.$"),
    ],
)
def test_advice(error: TuimailError, provider: Provider, said: str) -> None:
    import re

    assert re.search(said, advice_for(error, provider, "IMAP"))


def test_only_a_refused_password_is_asked_for_again() -> None:
    assert concerns_password(SignInNeeded("Invalid credentials"))
    for error in (SignInNeeded("IMAP is disabled"), Offline("x"), CertificateRefused("x"), None):
        assert not concerns_password(error)
