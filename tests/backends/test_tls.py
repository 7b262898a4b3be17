# SPDX-License-Identifier: GPL-3.0-or-later
"""What TLS is asked for, whatever the system's own settings are."""

import os
import ssl
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tuimail.accounts import web
from tuimail.backends.tls import context
from tuimail.demo.servers import DemoServers
from tuimail.model.account import Security, ServerAddress
from tuimail.model.errors import FileProblem


@pytest.mark.parametrize("fingerprint", ["", "00:01"], ids=["by an authority", "by its fingerprint"])
def test_nothing_older_than_tls_1_2_is_spoken(fingerprint: str) -> None:
    made = context(ServerAddress("mail.example.org", 993, Security.TLS, "ada", fingerprint=fingerprint))
    assert made.minimum_version >= ssl.TLSVersion.TLSv1_2


def test_an_authority_has_to_vouch_for_the_name() -> None:
    made = context(ServerAddress("mail.example.org", 993, Security.TLS, "ada"))
    assert (made.verify_mode, made.check_hostname) == (ssl.CERT_REQUIRED, True)


@pytest.mark.parametrize(
    "made_with",
    [lambda file: context(ServerAddress("x.example", 993, Security.TLS, "ada", ca_file=file)), web.context],
    ids=["mail", "web"],
)
def test_a_pipe_in_the_place_of_the_authorities_is_not_waited_for(
    tmp_path: Path, made_with: Callable[[str], ssl.SSLContext]
) -> None:
    with DemoServers(0, tls=True) as servers:
        certificate = servers.addresses.certificate
    pipe = tmp_path / "ca.pem"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=(certificate,), daemon=True)
    writer.start()
    try:
        with pytest.raises(FileProblem, match="cannot be used"):
            made_with(str(pipe))
    finally:
        held = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        writer.join(60)
        os.close(held)
