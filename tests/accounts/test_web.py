# SPDX-License-Identifier: GPL-3.0-or-later
"""Fetching documents: HTTPS with a certificate that holds, plain HTTP on this machine only, nothing large."""

from pathlib import Path

import pytest

from tests.servers import launch, web
from tests.servers.web import Page
from tuimail.accounts.web import Web, permitted
from tuimail.model.errors import CertificateRefused, FileProblem, Offline, ServerRefused


async def test_https_with_a_trusted_certificate(tmp_path: Path) -> None:
    certificate = launch.make_certificate(tmp_path)
    with web.running(certificate) as server:
        server.pages["/x"] = Page(b"hello")
        assert await Web(str(certificate.certificate)).fetch(server.url("/x")) == b"hello"
        with pytest.raises(ServerRefused) as refused:
            await Web(str(certificate.certificate)).fetch(server.url("/missing"))
        assert refused.value.code == "404"
        with pytest.raises(CertificateRefused):
            await Web().fetch(server.url("/x"))
    assert server.asked == ["/x", "/missing"]


async def test_redirects_lead_to_https_only(tmp_path: Path) -> None:
    certificate = launch.make_certificate(tmp_path)
    with web.running() as plain, web.running(certificate) as secure:
        plain.pages["/to-plain"] = Page(status=302, location=plain.url("/secret"))
        plain.pages["/to-file"] = Page(status=302, location="file:///etc/passwd")
        plain.pages["/to-secure"] = Page(status=301, location=secure.url("/x"))
        secure.pages["/x"] = Page(b"hello")
        secure.pages["/loop"] = Page(status=302, location=secure.url("/loop"))
        fetch = Web(str(certificate.certificate)).fetch
        assert await fetch(plain.url("/to-secure")) == b"hello"
        for path in ("/to-plain", "/to-file"):
            with pytest.raises((Offline, ServerRefused)):
                await fetch(plain.url(path))
        with pytest.raises(ServerRefused):
            await fetch(secure.url("/loop"))
        assert "/secret" not in plain.asked


async def test_large_documents_are_refused() -> None:
    with web.running() as server:
        server.pages["/x"] = Page(b"x" * 1_000_000)
        with pytest.raises(ServerRefused, match="too large"):
            await Web().fetch(server.url("/x"))


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://example.org/x", True),
        ("http://127.0.0.1:8080/x", True),
        ("http://localhost/x", True),
        ("http://example.org/x", False),
        ("http://127.0.0.1.example.org/x", False),
        ("http://127.0.0.1@example.org/x", False),
        ("file:///etc/passwd", False),
        ("ftp://127.0.0.1/x", False),
        ("https://", False),
        ("https://[::1", False),
    ],
)
async def test_what_may_be_fetched(url: str, allowed: bool) -> None:
    assert permitted(url) is allowed
    if not allowed:
        with pytest.raises(ServerRefused):
            await Web().fetch(url)


async def test_nobody_there_and_no_such_authority(tmp_path: Path) -> None:
    with pytest.raises(Offline):
        await Web().fetch(f"http://127.0.0.1:{launch.free_port()}/")
    with pytest.raises(FileProblem):
        await Web(str(tmp_path / "none.pem")).fetch("https://127.0.0.1/")
