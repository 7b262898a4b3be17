# SPDX-License-Identifier: GPL-3.0-or-later
"""The names of aiosmtplib that `tuimail.backends.smtp.connection` overrides or calls are there, and mean what they did."""

import inspect

import aiosmtplib
import pytest
from aiosmtplib.protocol import MAX_RESPONSE_LENGTH, FlowControlMixin, SMTPProtocol


@pytest.mark.parametrize(
    ("function", "parameters"),
    [
        (SMTPProtocol.data_received, ["self", "data"]),
        (SMTPProtocol.read_response, ["self", "timeout"]),
        (SMTPProtocol.write, ["self", "data"]),
        (SMTPProtocol.start_tls, ["self", "tls_context", "server_hostname", "timeout"]),
        (SMTPProtocol._read_response_from_buffer, ["self"]),
        (SMTPProtocol.__init__, ["self", "loop", "connection_lost_callback"]),
        (FlowControlMixin._drain_helper, ["self"]),
        (aiosmtplib.SMTP._create_connection, ["self", "timeout"]),
        (aiosmtplib.SMTP._on_connection_lost, ["self", "protocol"]),
        (aiosmtplib.SMTP.close, ["self"]),
    ],
)
def test_the_overridden_functions_take_the_same(function: object, parameters: list[str]) -> None:
    assert callable(function)
    assert list(inspect.signature(function).parameters) == parameters


async def test_the_protocol_keeps_its_state_in_these_names() -> None:
    protocol = SMTPProtocol()
    assert protocol._buffer == bytearray()
    assert protocol._response_waiter is None
    assert protocol._response_pending is False
    assert protocol.transport is None


async def test_a_reply_is_taken_off_the_front_of_the_buffer() -> None:
    protocol = SMTPProtocol()
    protocol._buffer.extend(b"250-a\r\n250 b\r\n354 c\r\n55")
    assert protocol._read_response_from_buffer() == (250, "a\nb")
    assert protocol._read_response_from_buffer() == (354, "c")
    assert protocol._read_response_from_buffer() is None


def test_the_client_keeps_what_ehlo_told_in_these_names() -> None:
    client = aiosmtplib.SMTP()
    client.last_ehlo_response = aiosmtplib.SMTPResponse(250, "host\nSIZE 10\nPIPELINING\nAUTH PLAIN LOGIN")
    assert client.esmtp_extensions["size"] == "10"
    assert "pipelining" in client.esmtp_extensions
    assert client.server_auth_methods == ["plain", "login"]
    assert MAX_RESPONSE_LENGTH >= 8192
