# SPDX-License-Identifier: GPL-3.0-or-later
"""An authorization server on the loopback interface: authorization codes with PKCE, device codes, renewal, revocation."""

import base64
import contextlib
import hashlib
import json
import secrets
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.servers.launch import LOOPBACK

CLIENT_ID = "client-of-the-test"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
Answer = tuple[int, dict[str, object]]


@dataclass
class AuthorizationServer:
    """A running server."""

    port: int = 0
    lifetime: float = 3600
    """Seconds that a token is said to last."""
    rotates: bool = True
    """Each renewal gives another refresh token and ends the old one."""
    denies: bool = False
    """The user refuses on the page."""
    typed: list[str] = field(default_factory=list)
    """Answers to device questions before success: ``authorization_pending``, ``slow_down``, ``access_denied``, …"""
    answers: list[tuple[int, bytes]] = field(default_factory=list)
    """Raw answers of the token endpoint that come first."""
    on_issued: Callable[[str], None] = lambda token: None
    """Told of each access token."""
    asked: list[dict[str, str]] = field(default_factory=list)
    """The forms that the token and device endpoints got."""
    issued: list[str] = field(default_factory=list)
    """All secrets that were given: access and refresh tokens, codes."""
    user: str = "ada"
    """Whose tokens they are."""
    good: set[str] = field(default_factory=set)
    """Access tokens that are good."""
    refresh: set[str] = field(default_factory=set)
    """Refresh tokens that are good."""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    registered: list[dict[str, object]] = field(default_factory=list)
    """What programs said of themselves to be registered (RFC 7591)."""
    clients: set[str] = field(default_factory=lambda: {CLIENT_ID})
    """Client ids that are known."""
    documents: dict[str, dict[str, object]] = field(default_factory=dict)
    """What is published: path → document (RFC 8414)."""
    revoked: list[str] = field(default_factory=list)
    """Tokens that were given back (RFC 7009)."""
    arrived: threading.Event = field(default_factory=threading.Event)
    """Set when a form has come, before it is answered."""
    gate: threading.Event = field(default_factory=threading.Event)
    """While it is not set, the token endpoint does not answer."""

    def url(self, path: str) -> str:
        """The address of an endpoint."""
        return f"http://{LOOPBACK}:{self.port}{path}"

    def configuration(self, name: str = "example", *, device: bool = False) -> str:
        """The table that leads here."""
        return (
            f'[oauth.{name}]\nclient_id = "{CLIENT_ID}"\ntoken = "{self.url("/token")}"\nscopes = ["mail"]\n'
            f'authorize = "{self.url("/authorize")}"\nrevoke = "{self.url("/revoke")}"\n'
            + (f'device = "{self.url("/device")}"\n' if device else "")
        )

    def publish(self, path: str = "/.well-known/oauth-authorization-server", **changes: Any) -> str:
        """Publish the document of the issuer (RFC 8414), which is returned."""
        issuer = f"http://{LOOPBACK}:{self.port}"
        self.documents[path] = {
            "issuer": issuer,
            "authorization_endpoint": self.url("/authorize"),
            "token_endpoint": self.url("/token"),
            "registration_endpoint": self.url("/register"),
            "revocation_endpoint": self.url("/revoke"),
            "scopes_supported": ["openid", "mail", "offline_access"],
            "code_challenge_methods_supported": ["S256"],
            **changes,
        }
        return issuer

    def register(self, client: dict[str, object]) -> Answer:
        """A client id for a program that nobody heard of (RFC 7591 §3.2)."""
        assert (client["application_type"], client["token_endpoint_auth_method"]) == ("native", "none")
        self.registered.append(client)
        self.clients.add(f"registered-{len(self.registered)}")
        return 201, {"client_id": f"registered-{len(self.registered)}", **client}

    @property
    def renewals(self) -> int:
        """How often a token was renewed, or tried to."""
        return sum(form.get("grant_type") == "refresh_token" for form in self.asked)

    def revoke(self) -> None:
        """The user withdraws the sign-in."""
        self.refresh.clear()
        self.good.clear()

    def give_back(self, form: dict[str, str]) -> None:
        """The program needs the sign-in no more."""
        assert form["client_id"] in self.clients
        assert form["token_type_hint"] == "refresh_token"
        self.revoked.append(form["token"])
        self.revoke()

    def authorize(self, asked: dict[str, str]) -> str:
        """The address that the browser is led back to."""
        if self.denies:
            return f"{asked['redirect_uri']}?{urlencode({'error': 'access_denied', 'state': asked['state']})}"
        code = self._new("code")
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def token(self, form: dict[str, str]) -> Answer:
        """Tokens, or an error."""
        self.asked.append(form)
        if form.get("client_id") not in self.clients:
            return 401, {"error": "invalid_client"}
        match form.get("grant_type"):
            case "authorization_code":
                asked = self.codes.pop(form["code"], None)
                digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
                challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
                if asked is None or (asked["code_challenge"], asked["redirect_uri"]) != (challenge, form["redirect_uri"]):
                    return 400, {"error": "invalid_grant"}
            case "refresh_token":
                if form["refresh_token"] not in self.refresh:
                    return 400, {"error": "invalid_grant", "error_description": "revoked"}
                if not self.rotates:
                    return 200, self._access()
                self.refresh.discard(form["refresh_token"])
            case _ if form.get("grant_type") == DEVICE_GRANT:
                if self.typed:
                    return 400, {"error": self.typed.pop(0)}
            case _:
                return 400, {"error": "unsupported_grant_type"}
        refresh = self._new("refresh")
        self.refresh.add(refresh)
        return 200, {**self._access(), "refresh_token": refresh}

    def device(self, form: dict[str, str]) -> Answer:
        """A code to type."""
        self.asked.append(form)
        return 200, {
            "device_code": self._new("device"), "user_code": "WDJB-MJHT", "verification_uri": self.url("/type"),
            "expires_in": 900, "interval": 0.01,
        }  # fmt: skip

    def _access(self) -> dict[str, object]:
        token = self._new("access")
        self.good.add(token)
        self.on_issued(token)
        return {"access_token": token, "token_type": "Bearer", "expires_in": self.lifetime}

    def _new(self, kind: str) -> str:
        self.issued.append(f"{kind}-{secrets.token_urlsafe(12)}")
        return self.issued[-1]


@contextlib.contextmanager
def running() -> Iterator[AuthorizationServer]:
    """Serve until the context is left."""
    server = AuthorizationServer()
    server.gate.set()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if parts.path == "/introspect":
                asked = dict(parse_qsl(parts.query))
                self._say(200, json.dumps({"active": asked["token"] in server.good, "username": server.user}).encode())
                return
            if parts.path in server.documents:
                self._say(200, json.dumps(server.documents[parts.path]).encode())
                return
            if parts.path != "/authorize":
                self._say(404, b"")
                return
            self.send_response(302)
            self.send_header("Location", server.authorize(dict(parse_qsl(parts.query))))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path == "/register":
                status, answer = server.register(json.loads(body))
                self._say(status, json.dumps(answer).encode())
                return
            form = dict(parse_qsl(body.decode()))
            server.arrived.set()
            server.gate.wait()
            if self.path == "/revoke":
                server.give_back(form)
                self._say(200, b"")
                return
            status, answer = (server.device if self.path == "/device" else server.token)(form)
            body = json.dumps(answer).encode()
            if server.answers:
                status, body = server.answers.pop(0)
            self._say(status, body)

        def _say(self, status: int, body: bytes) -> None:
            self.send_response(status)
            if status in (302, 307):
                self.send_header("Location", server.url("/token"))
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    class Daemonic(ThreadingHTTPServer):
        daemon_threads = True

    listening = Daemonic((LOOPBACK, 0), Handler)
    server.port = listening.server_port
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.gate.set()
        listening.shutdown()
        thread.join()
        listening.server_close()
