# SPDX-License-Identifier: GPL-3.0-or-later
"""Signing in by OAuth 2.0 at a local authorization server, and staying signed in at local mail servers."""

import asyncio
import contextlib
import http.client
import json
import logging
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, quote_plus, urlsplit

import keyring
import pytest

from tests.accounts.test_secrets import MemoryKeyring
from tests.servers import oauth
from tests.servers.oauth import AuthorizationServer
from tuimail.accounts.oauth import device_code, tokens
from tuimail.accounts.oauth_sign_in import BrowserSignIn, tunnel
from tuimail.accounts.oauth_tokens import TokenKeeper
from tuimail.accounts.secrets import SecretStore
from tuimail.demo.servers import DemoServers
from tuimail.model.account import Account, AuthMethod, Security, ServerAddress
from tuimail.model.address import Address
from tuimail.model.errors import ConfigWrong, InputWrong, Offline, ServerBroken, ServerRefused, SignInNeeded, TryLater
from tuimail.model.sign_in import SignInBy
from tuimail.servers import Servers


@pytest.fixture
def provider() -> Iterator[AuthorizationServer]:
    with oauth.running() as server:
        yield server


@pytest.fixture
def memory() -> Iterator[MemoryKeyring]:
    before, backend = keyring.get_keyring(), MemoryKeyring()
    keyring.set_keyring(backend)
    yield backend
    keyring.set_keyring(before)


@pytest.fixture(scope="module")
def mail() -> Iterator[DemoServers]:
    with DemoServers(0) as servers:
        yield servers


_CODE = {"device_code": "x", "user_code": "y", "verification_uri": "https://example.org/"}


class Clock:
    """Seconds, by hand."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


class Case:
    """One account at the local servers."""

    def __init__(self, folder: Path, provider: AuthorizationServer, mail: DemoServers, *, device: bool = False) -> None:
        self.config_file = folder / "config.toml"
        self.config_file.write_text(provider.configuration(device=device))
        self.provider, self.mail = provider, mail
        provider.on_issued = mail.set_password
        mail.faults.without = frozenset()
        mail.faults.refuse = {}
        at = mail.addresses
        imap = ServerAddress(at.host, at.imap_port, Security.NONE, at.user, AuthMethod.OAUTH2)
        pop3, smtp = replace(imap, port=at.pop3_port), replace(imap, port=at.smtp_port)
        self.account = Account("work", Address("Ada", at.email), imap, pop3, smtp)
        self.start()

    def start(self) -> None:
        """Begin anew: memory is lost."""
        self.secrets = SecretStore(config_file=self.config_file)
        self.clock = Clock()
        self.keeper = TokenKeeper(self.config_file, self.clock, self.config_file.parent)
        self.secrets.tokens = self.keeper
        self.servers = Servers(self.secrets)
        self.sign_in = BrowserSignIn(self.config_file, self.keeper, {})

    async def signed_in(self) -> bool:
        """Sign in by browser."""
        async with self.sign_in.begin(self.account, SignInBy.BROWSER) as under_way:
            await asyncio.to_thread(visit, under_way.offer.url)
            return await under_way.finished()

    async def check(self, *kinds: str) -> None:
        """Sign in to mail servers, all unless some are named."""
        wanted = kinds or [kind for kind in ("imap", "pop3", "smtp") if getattr(self.account, kind) is not None]
        await asyncio.gather(*(self.servers.check(self.account, kind, None) for kind in wanted))


@pytest.fixture
def case(tmp_path: Path, provider: AuthorizationServer, mail: DemoServers, memory: MemoryKeyring) -> Case:
    return Case(tmp_path, provider, mail)


def visit(url: str) -> tuple[int, str]:
    """What a browser does, redirects followed: the status and text of the page that it ends on."""
    try:
        with urllib.request.urlopen(url) as page:
            return page.status, page.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


@pytest.mark.parametrize("gone", [(), ("AUTH=OAUTHBEARER",), ("AUTH=XOAUTH2",)], ids=["both", "xoauth2", "oauthbearer"])
async def test_a_sign_in_in_the_browser_opens_imap_pop3_and_smtp(case: Case, gone: tuple[str, ...]) -> None:
    case.mail.faults.without = frozenset(gone)
    assert await case.signed_in()
    await case.check()
    assert case.provider.renewals == 0
    case.start()
    await case.check()
    assert case.provider.renewals == 1, "all servers share one token"


async def test_the_request_has_a_challenge_and_the_answer_no_second_life(case: Case) -> None:
    async with case.sign_in.begin(case.account) as under_way:
        asked = {key: values[0] for key, values in parse_qs(urlsplit(under_way.offer.url).query).items()}
        assert (asked["response_type"], asked["code_challenge_method"], asked["scope"]) == ("code", "S256", "mail")
        assert asked["login_hint"] == case.account.identity.email
        status, text = await asyncio.to_thread(visit, under_way.offer.url)
        assert (status, "signed in" in text) == (200, True)
        assert await under_way.finished()
    with pytest.raises(urllib.error.URLError):
        visit(asked["redirect_uri"])


async def test_the_listener_takes_only_its_own_answer(case: Case) -> None:
    async with case.sign_in.begin(case.account) as under_way:
        asked = {key: values[0] for key, values in parse_qs(urlsplit(under_way.offer.url).query).items()}
        back = asked["redirect_uri"]
        for wrong in (f"{back}favicon.ico", f"{back}other?code=x&state={asked['state']}"):
            assert (await asyncio.to_thread(visit, wrong))[0] == 404
        for wrong in (f"{back}?code=x&state=guessed", f"{back}?code=x", f"{back}?state={asked['state']}", back):
            assert (await asyncio.to_thread(visit, wrong))[0] == 400
        address = urlsplit(back)
        for target in ("[", "]/", "@e[v1.x]/"):
            with contextlib.closing(http.client.HTTPConnection(address.hostname or "", address.port)) as line:
                line.putrequest("GET", target, skip_host=True)
                line.putheader("Host", address.netloc)
                line.endheaders()
                assert (await asyncio.to_thread(line.getresponse)).status == 404
        rebound = urllib.request.Request(f"{back}?code=x&state={asked['state']}", headers={"Host": "evil.example"})
        with pytest.raises(urllib.error.HTTPError, match="404") as refused:
            await asyncio.to_thread(urllib.request.urlopen, rebound)
        refused.value.close()
        assert not case.provider.asked
        await asyncio.to_thread(visit, under_way.offer.url)
        assert await under_way.finished()


async def test_the_address_can_be_pasted(case: Case) -> None:
    async with case.sign_in.begin(case.account) as under_way:
        asked = {key: values[0] for key, values in parse_qs(urlsplit(under_way.offer.url).query).items()}
        for wrong in ("", "http://[", "https://example.org/?code=x&state=other", "nonsense"):
            with pytest.raises(InputWrong):
                under_way.paste(wrong)
        under_way.paste(f" {case.provider.authorize(asked)}\n")
        assert await under_way.finished()
    await case.check()


async def test_a_refusal_on_the_page_is_told(case: Case) -> None:
    case.provider.denies = True
    async with case.sign_in.begin(case.account) as under_way:
        assert "refused" in (await asyncio.to_thread(visit, under_way.offer.url))[1]
        with pytest.raises(SignInNeeded, match="refused on the provider's page"):
            await under_way.finished()


async def test_giving_up_closes_the_listener(case: Case) -> None:
    async with case.sign_in.begin(case.account) as under_way:
        back = parse_qs(urlsplit(under_way.offer.url).query)["redirect_uri"][0]
    with pytest.raises(urllib.error.URLError):
        visit(back)


async def test_a_code_typed_elsewhere(
    tmp_path: Path, provider: AuthorizationServer, mail: DemoServers, memory: MemoryKeyring
) -> None:
    case = Case(tmp_path, provider, mail, device=True)
    provider.typed = ["authorization_pending", "authorization_pending"]
    assert case.sign_in.ways(case.account) == (SignInBy.CODE, SignInBy.BROWSER)
    async with case.sign_in.begin(case.account) as under_way:
        assert (under_way.offer.code, under_way.offer.url) == ("WDJB-MJHT", provider.url("/type"))
        assert await under_way.finished()
    await case.check()


@pytest.mark.parametrize(("error", "told"), [("access_denied", "page"), ("expired_token", "in time"), ("weird", "weird")])
async def test_a_code_that_is_not_taken(
    tmp_path: Path, provider: AuthorizationServer, mail: DemoServers, memory: MemoryKeyring, error: str, told: str
) -> None:
    case = Case(tmp_path, provider, mail, device=True)
    provider.typed = ["authorization_pending", error]
    async with case.sign_in.begin(case.account, SignInBy.CODE) as under_way:
        with pytest.raises(SignInNeeded, match=told):
            await under_way.finished()


async def test_a_provider_that_wants_fewer_questions_gets_fewer(
    tmp_path: Path, provider: AuthorizationServer, mail: DemoServers, memory: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    sleep = asyncio.sleep

    async def noted(seconds: float) -> None:
        waits.append(seconds)
        await sleep(0)

    case = Case(tmp_path, provider, mail, device=True)
    provider.typed = ["authorization_pending", "slow_down", "authorization_pending"]
    monkeypatch.setattr("tuimail.accounts.oauth_sign_in.asyncio.sleep", noted)
    async with case.sign_in.begin(case.account, SignInBy.CODE) as under_way:
        assert await under_way.finished()
    assert [seconds for seconds in waits if seconds] == [0.01, 0.01, 5.01, 5.01]


async def test_a_token_is_renewed_before_its_end_and_once_for_all(case: Case) -> None:
    await case.signed_in()
    case.clock.now = 1e12
    case.provider.gate.clear()
    waiting = [asyncio.create_task(case.keeper.access(case.account)) for _ in range(3)]
    waiting.pop().cancel()
    case.provider.gate.set()
    first, second = await asyncio.gather(*waiting)
    assert first == second
    assert case.provider.renewals == 1
    await case.check()


async def test_a_rotated_token_is_kept_before_it_is_used(case: Case, memory: MemoryKeyring) -> None:
    await case.signed_in()
    for expected in (1, 2, 3):
        case.start()
        await case.check()
        assert case.provider.renewals == expected
        assert set(memory.kept.values()) == case.provider.refresh


async def test_without_rotation_the_old_one_stays(case: Case, memory: MemoryKeyring) -> None:
    case.provider.rotates = False
    await case.signed_in()
    kept = dict(memory.kept)
    case.start()
    await case.check()
    assert memory.kept == kept


async def test_a_token_that_another_program_renewed(case: Case) -> None:
    await case.signed_in()
    other = TokenKeeper(case.config_file, Clock())
    await other.access(case.account)
    case.keeper.refused(case.account, await case.keeper.access(case.account))
    await case.check()
    assert case.provider.renewals == 2


async def test_programs_never_renew_with_the_same_token(case: Case) -> None:
    await case.signed_in()
    programs = [TokenKeeper(case.config_file, Clock(), case.config_file.parent) for _ in range(4)]
    case.provider.gate.clear()
    case.provider.arrived.clear()
    waiting = [asyncio.create_task(program.access(case.account)) for program in programs]
    await asyncio.to_thread(case.provider.arrived.wait, 60)
    case.provider.gate.set()
    assert len(set(await asyncio.gather(*waiting))) == len(programs)
    used = [form["refresh_token"] for form in case.provider.asked if form.get("grant_type") == "refresh_token"]
    assert len(used) == len(set(used)) == len(programs), "a token that is used twice ends the sign-in at many providers"


async def test_a_renewal_under_way_is_ended_before_the_program(case: Case, memory: MemoryKeyring) -> None:
    await case.signed_in()
    case.start()
    case.provider.gate.clear()
    case.provider.arrived.clear()

    async def until_the_end() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            case.provider.gate.set()

    async def program() -> None:
        held.extend((asyncio.create_task(case.keeper.access(case.account)), asyncio.create_task(until_the_end())))
        await asyncio.to_thread(case.provider.arrived.wait, 60)

    held: list[object] = []
    await asyncio.to_thread(lambda: asyncio.run(program()))
    assert case.provider.renewals == 1
    assert set(memory.kept.values()) == case.provider.refresh


@pytest.mark.parametrize("kind", ["imap", "pop3", "smtp"])
async def test_a_token_that_ends_early_is_renewed_once(case: Case, kind: str) -> None:
    await case.signed_in()
    case.mail.set_password("something else")
    await case.check(kind)
    assert case.provider.renewals == 1
    case.provider.on_issued = lambda token: None
    case.mail.set_password("something else")
    with pytest.raises(SignInNeeded):
        await case.check(kind)
    assert case.provider.renewals == 2


async def test_a_withdrawn_sign_in_has_to_be_done_again(case: Case) -> None:
    await case.signed_in()
    case.provider.revoke()
    case.start()
    with pytest.raises(SignInNeeded, match="expired, or was withdrawn"):
        await case.keeper.access(case.account)
    await case.signed_in()
    await case.check()


async def test_a_removed_account_leaves_nothing(case: Case, memory: MemoryKeyring) -> None:
    await case.signed_in()
    refresh = set(case.provider.refresh)
    assert case.account.imap is not None
    await case.secrets.forget(case.account, case.account.imap)
    assert not memory.kept
    assert set(case.provider.revoked) == refresh
    with pytest.raises(SignInNeeded, match="not signed in"):
        await case.keeper.access(case.account)


@pytest.mark.parametrize("broken", ['revoke = "http://127.0.0.1:1/"', 'revoke = "http://example.org/"', ""])
async def test_an_account_is_removed_though_nobody_takes_its_token_back(case: Case, memory: MemoryKeyring, broken: str) -> None:
    await case.signed_in()
    text = case.config_file.read_text()
    case.config_file.write_text(text.replace(f'revoke = "{case.provider.url("/revoke")}"', broken))
    await case.keeper.forget(case.account)
    assert not memory.kept
    assert not case.provider.revoked


async def test_without_a_keyring_the_sign_in_lasts_until_the_end(
    tmp_path: Path, provider: AuthorizationServer, mail: DemoServers
) -> None:
    case = Case(tmp_path, provider, mail)
    assert not await case.signed_in()
    assert case.keeper.forgetful
    case.clock.now = 1e12
    await case.check()


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (503, b"", TryLater),
        (200, b"<html>", ServerBroken),
        (200, b"[" * 70_000, ServerBroken),
        (200, b'{"token_type": "mac", "access_token": "x"}', ServerBroken),
        (200, b'{"access_token": "line\\r\\nbreak"}', ServerBroken),
        (404, b"not here", ServerRefused),
        (307, b"", ServerRefused),
        (401, b'{"error": "invalid_client"}', SignInNeeded),
        (400, b'{"error": {"\\u001b[31m": [1]}, "error_description": ["\\u001b]0;x\\u0007"]}', SignInNeeded),
    ],
)
async def test_strange_answers(case: Case, status: int, body: bytes, error: type[Exception]) -> None:
    await case.signed_in()
    case.start()
    case.provider.answers = [(status, body)]
    asked = len(case.provider.asked)
    with pytest.raises(error) as raised:
        await case.keeper.access(case.account)
    assert len(case.provider.asked) == asked + 1
    assert not any(secret in str(raised.value) for secret in case.provider.issued)
    assert str(raised.value).isprintable()


async def test_a_provider_that_repeats_what_it_was_sent_gets_it_struck_out(case: Case, memory: MemoryKeyring) -> None:
    await case.signed_in()
    case.start()
    refresh = next(iter(memory.kept.values()))
    said = {"error": f"no {refresh}", "error_description": f"{'x' * 290}{refresh} and {quote_plus(refresh)}"}
    case.provider.answers = [(400, json.dumps(said).encode())]
    with pytest.raises(SignInNeeded, match=r"no \*\*\*") as raised:
        await case.keeper.access(case.account)
    assert not [part for part in (refresh, refresh[:8]) if part in str(raised.value)]


async def test_tokens_are_asked_for_over_https_only(case: Case) -> None:
    await case.signed_in()
    case.start()
    case.config_file.write_text(case.config_file.read_text().replace("http://127.0.0.1", "http://127.0.0.1.example.org"))
    with pytest.raises(ConfigWrong, match="https"):
        await case.keeper.access(case.account)


async def test_the_page_is_opened_over_https_only(case: Case) -> None:
    case.config_file.write_text(case.config_file.read_text().replace("http://127.0.0.1", "http://example.org"))
    with pytest.raises(ConfigWrong, match="https"):
        async with case.sign_in.begin(case.account):
            pass


@pytest.mark.parametrize("page", ["http://example.org/type", "file:///etc/passwd", "https://[", ""])
def test_a_page_that_is_not_https_is_not_shown(page: str) -> None:
    with pytest.raises(ServerBroken):
        device_code({"device_code": "x", "user_code": "y", "verification_uri": page})


@pytest.mark.parametrize("interval", [0, -1, "NaN", "-Infinity", None, [], {}, "soon", "1" * 5000])
def test_a_provider_cannot_make_us_ask_without_a_pause(interval: object) -> None:
    answer = {**_CODE, "interval": interval}
    device = device_code(answer)
    assert device.interval >= 5
    assert device_code({**answer, "expires_in": interval}).lifetime >= 0


@pytest.mark.parametrize("lifetime", ["NaN", None, [], "soon"])
def test_a_token_whose_lifetime_is_no_number_is_used_for_a_while(lifetime: object) -> None:
    assert tokens({"access_token": "x", "expires_in": lifetime}, 1000.0).renew_at > 1000


async def test_a_code_ends_in_time_however_seldom_the_provider_is_to_be_asked(
    tmp_path: Path, provider: AuthorizationServer, mail: DemoServers, memory: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = Case(tmp_path, provider, mail, device=True)
    monkeypatch.setattr(provider, "device", lambda form: (200, {**_CODE, "interval": 1e9, "expires_in": 0.01}))
    provider.typed = ["authorization_pending"] * 10
    async with case.sign_in.begin(case.account, SignInBy.CODE) as under_way:
        with pytest.raises(SignInNeeded, match="in time"):
            await under_way.finished()


async def test_no_answer_at_all_is_no_reason_to_sign_in_again(case: Case, memory: MemoryKeyring) -> None:
    await case.signed_in()
    case.start()
    text = case.config_file.read_text()
    case.config_file.write_text(text.replace(f":{case.provider.port}/token", ":1/token"))
    with pytest.raises(Offline):
        await case.keeper.access(case.account)
    case.config_file.write_text(text)
    await case.check()


async def test_without_a_client_it_is_told_what_to_register(case: Case) -> None:
    case.config_file.write_text("")
    assert case.sign_in.ways(case.account) == ()
    with pytest.raises(SignInNeeded, match=r"\[oauth.example\]"):
        await case.keeper.access(case.account)
    gmail = ServerAddress("imap.gmail.com", 993, Security.TLS, "a@gmail.com", AuthMethod.OAUTH2)
    missing = case.sign_in.what_is_missing(Account("g", Address("", "a@gmail.com"), gmail))
    assert "[oauth.gmail]" in missing.advice
    assert "app password" in missing.advice.lower()
    case.config_file.write_text('[oauth.gmail]\nclient_id = "mine"\n')
    assert case.sign_in.ways(Account("g", Address("", "a@gmail.com"), gmail)) == (SignInBy.BROWSER,)


async def test_no_secret_is_told_to_anybody(case: Case, caplog: pytest.LogCaptureFixture) -> None:
    lines: list[bytes] = []
    caplog.set_level(logging.DEBUG)
    case.servers = Servers(case.secrets, lambda direction, line: lines.append(line))
    await case.signed_in()
    await case.check()
    case.mail.set_password("something else")
    await case.check()
    said = b"\n".join(lines).decode() + caplog.text + repr(case.keeper.__dict__)
    assert lines
    assert not [secret for secret in case.provider.issued if secret in said]


def test_the_tunnel_is_told_in_an_ssh_session_only() -> None:
    assert tunnel(4711, {}) == ""
    told = tunnel(4711, {"SSH_CONNECTION": "10.0.0.1 50000 10.0.0.2 22"})
    assert told.startswith("ssh -L 4711:127.0.0.1:4711 ")
    assert told.endswith("@10.0.0.2")
