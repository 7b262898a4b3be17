# SPDX-License-Identifier: GPL-3.0-or-later
"""Setting up an account: no password goes where the user has not looked, who cannot be reached is passed over."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from tuimail.accounts.book import AccountBook
from tuimail.accounts.secrets import SecretStore
from tuimail.engine.account_form import AccountForm
from tuimail.engine.new_account import SetupState, name_for
from tuimail.engine.setup import Setup
from tuimail.model.account import Account, AuthMethod, Security, ServerAddress
from tuimail.model.discovery import Proposal, Provider, SignInWay, Trial, Trust
from tuimail.model.errors import CertificateRefused, InputWrong, Offline, SignInNeeded, TuimailError

EMAIL = "ada@example.org"


def servers(host: str, trust: Trust = Trust.DOMAIN, provider: Provider | None = None, other: tuple[str, ...] = ()) -> Proposal:
    return Proposal(
        host,
        trust,
        imap=ServerAddress(f"imap.{host}", 993, Security.TLS, EMAIL),
        smtp=ServerAddress(f"smtp.{host}", 465, Security.TLS, EMAIL),
        provider=provider or Provider(),
        other_usernames=other,
    )


@dataclass
class World:
    """Proposals, and servers that answer as they are told to."""

    home: Path
    proposed: list[Proposal]
    errors: dict[str, TuimailError] = field(default_factory=dict)
    """By host, or by host and port."""
    users: set[str] = field(default_factory=lambda: {EMAIL})
    given: list[tuple[str, str, str | None]] = field(default_factory=list)
    """Host, user name and secret of every sign-in."""
    asked: int = 0

    async def check(self, account: Account, kind: str, secret: str | None) -> None:
        server: ServerAddress = getattr(account, kind)
        for known in (server.host, f"{server.host}:{server.port}"):
            if known in self.errors:
                raise self.errors[known]
        self.given.append((server.host, server.username, secret))
        if secret != "sesame" or server.username not in self.users:
            raise SignInNeeded("Invalid credentials")

    async def proposals(self, email: str, tell: Callable[[Trial], None]) -> AsyncGenerator[Proposal, None]:
        for proposal in self.proposed:
            self.asked += 1
            yield proposal

    def provider_of(self, account: Account) -> Provider:
        return Provider()

    @property
    def setup(self) -> Setup:
        return Setup(AccountBook(self.home / "config.toml", SecretStore()), self.check, lambda: self)


async def outcome(world: World, secret: str = "sesame") -> SetupState:
    new = world.setup.begin(EMAIL, lambda trial: None)
    try:
        return await new.attempt(secret)
    finally:
        await new.close()


async def test_both_servers_are_signed_in_to_and_the_account_saved(tmp_path: Path) -> None:
    world = World(tmp_path, [servers("example.org"), servers("other.example.org")])
    new = world.setup.begin(EMAIL, lambda trial: None)
    assert await new.attempt("sesame") is SetupState.SIGNED_IN
    assert {host for host, _, _ in world.given} == {"imap.example.org", "smtp.example.org"}
    assert world.asked == 1
    account, kept = await new.save("sesame")
    await new.close()
    assert not kept
    assert world.setup.accounts() == (account,)
    assert "sesame" not in (tmp_path / "config.toml").read_text()


@pytest.mark.parametrize(
    "proposal",
    [servers("example.org", Trust.DNS), servers("example.org", Trust.GUESSED), servers("hoster.example"),
     servers("hoster.example", Trust.DIRECTORY)],
    ids=["DNS", "guess", "outside", "directory"],
)  # fmt: skip
async def test_nothing_is_sent_before_the_user_has_seen_where_it_goes(tmp_path: Path, proposal: Proposal) -> None:
    world = World(tmp_path, [proposal])
    new = world.setup.begin(EMAIL, lambda trial: None)
    assert await new.attempt("sesame") is SetupState.CONFIRM
    assert new.unconfirmed == (f"imap.{proposal.source}", f"smtp.{proposal.source}")
    assert world.given == []
    new.confirm()
    assert await new.attempt("sesame") is SetupState.SIGNED_IN
    await new.close()


@pytest.mark.parametrize("closed", [465, 587])
async def test_submission_is_tried_at_its_other_port(tmp_path: Path, closed: int) -> None:
    proposal = servers("example.org")
    assert proposal.smtp is not None
    if closed == 587:
        proposal = replace(proposal, smtp=replace(proposal.smtp, port=587, security=Security.STARTTLS))
    world = World(tmp_path, [proposal], {f"smtp.example.org:{closed}": Offline("closed")})
    new = world.setup.begin(EMAIL, lambda trial: None)
    assert await new.attempt("sesame") is SetupState.SIGNED_IN
    account, _ = await new.save("sesame")
    await new.close()
    assert account.smtp is not None
    expected = (587, Security.STARTTLS) if closed == 465 else (465, Security.TLS)
    assert (account.smtp.port, account.smtp.security) == expected
    assert all(step.error is None for step in new.steps)


async def test_where_neither_port_answers_the_first_is_told(tmp_path: Path) -> None:
    world = World(tmp_path, [servers("example.org")], {"smtp.example.org": Offline("gone")})
    new = world.setup.begin(EMAIL, lambda trial: None)
    assert await new.attempt("sesame") is SetupState.FAILED
    await new.close()
    assert new.account.smtp is not None
    assert new.account.smtp.port == 465


async def test_who_cannot_be_reached_is_passed_over_and_the_next_is_seen_first(tmp_path: Path) -> None:
    world = World(tmp_path, [servers("example.org"), servers("b.example.org", Trust.DNS)])
    world.errors["imap.example.org"] = Offline("gone")
    new = world.setup.begin(EMAIL, lambda trial: None)
    assert await new.attempt("sesame") is SetupState.CONFIRM
    assert "imap.b.example.org" not in {host for host, _, _ in world.given}
    new.confirm()
    assert await new.attempt("sesame") is SetupState.SIGNED_IN
    assert new.account.imap is not None
    assert new.account.imap.host == "imap.b.example.org"
    await new.close()


async def test_when_nobody_can_be_reached_the_best_is_told(tmp_path: Path) -> None:
    world = World(tmp_path, [servers("example.org"), servers("b.example.org")])
    world.errors = dict.fromkeys(("imap.example.org", "imap.b.example.org"), Offline("gone"))
    new = world.setup.begin(EMAIL, lambda trial: None)
    assert await new.attempt("sesame") is SetupState.FAILED
    assert new.steps[0].server == "imap.example.org:993"
    assert new.form.imap == "imap.example.org:993"


@pytest.mark.parametrize("error", [CertificateRefused("expired"), SignInNeeded("no")])
async def test_a_refusal_is_told_and_nobody_else_gets_the_password(tmp_path: Path, error: TuimailError) -> None:
    world = World(tmp_path, [servers("example.org"), servers("b.example.org")])
    world.errors["imap.example.org"] = error
    assert await outcome(world) is SetupState.FAILED
    assert world.asked == 1


async def test_sending_has_to_work_as_well(tmp_path: Path) -> None:
    world = World(tmp_path, [servers("example.org")])
    world.errors["smtp.example.org"] = Offline("gone")
    assert await outcome(world) is SetupState.FAILED


async def test_the_other_form_of_the_user_name_is_tried_once(tmp_path: Path) -> None:
    world = World(tmp_path, [servers("example.org", other=("ada",))], users={"ada"})
    new = world.setup.begin(EMAIL, lambda trial: None)
    assert await new.attempt("sesame") is SetupState.SIGNED_IN
    assert {server.username for server in (new.account.imap, new.account.smtp) if server} == {"ada"}
    world.given.clear()
    assert await outcome(world, "wrong") is SetupState.FAILED
    assert len(world.given) == 4
    world.proposed = [servers("example.org")]
    world.given.clear()
    assert await outcome(world, "wrong") is SetupState.FAILED
    assert len(world.given) == 2


@pytest.mark.parametrize(
    ("ways", "expected"), [((SignInWay.NONE,), SetupState.CLOSED), ((SignInWay.OAUTH2,), SetupState.BROWSER)]
)
async def test_who_takes_no_password_gets_none(tmp_path: Path, ways: tuple[SignInWay, ...], expected: SetupState) -> None:
    world = World(tmp_path, [servers("example.org", Trust.KNOWN, Provider(ways=ways))])
    assert await outcome(world) is expected
    assert world.given == []


async def test_nobody_knows_the_servers(tmp_path: Path) -> None:
    world = World(tmp_path, [])
    new = world.setup.begin(EMAIL, lambda trial: None)
    assert await new.attempt("sesame") is SetupState.NOT_FOUND
    assert (new.form.imap, new.form.smtp) == ("imap.example.org:993", "smtp.example.org:465")
    assert world.given == []


async def test_servers_that_the_user_typed_need_no_confirmation(tmp_path: Path) -> None:
    world = World(tmp_path, [])
    new = world.setup.begin(EMAIL, lambda trial: None)
    await new.look()
    new.use(AccountForm(EMAIL, imap="mail.elsewhere.example", smtp="localhost:25/none/noauth"))
    assert await new.attempt("sesame") is SetupState.SIGNED_IN
    assert [server.auth for server in (new.account.imap, new.account.smtp) if server] == [AuthMethod.PASSWORD, AuthMethod.NONE]


async def test_looking_can_be_given_up(tmp_path: Path) -> None:
    import asyncio

    class Slow(World):
        async def proposals(self, email: str, tell: Callable[[Trial], None]) -> AsyncGenerator[Proposal, None]:
            await asyncio.Event().wait()
            yield servers("example.org")

    new = Slow(tmp_path, []).setup.begin(EMAIL, lambda trial: None)
    looking = asyncio.create_task(new.look())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await new.close()
    assert await looking is None


def test_what_is_no_address(tmp_path: Path) -> None:
    with pytest.raises(InputWrong):
        World(tmp_path, []).setup.begin("ada", lambda trial: None)


@pytest.mark.parametrize(
    ("email", "name"),
    [("ada.lovelace@example.org", "Ada Lovelace"), ("ada+x@example.org", "Ada"), ("info@example.org", ""),
     ("a1b2@example.org", ""), ("müller_jan@example.org", "Müller Jan")],
)  # fmt: skip
def test_the_name_that_an_address_looks_like(email: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import pwd

    somebody = pwd.struct_passwd(("ada", "x", 1000, 1000, "", "/home/ada", "/bin/sh"))
    monkeypatch.setattr(pwd, "getpwuid", lambda user: somebody)
    assert name_for(email) == name


def test_the_users_own_name_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    import pwd

    somebody = pwd.struct_passwd(("ada", "x", 1000, 1000, "Augusta Ada King,Room 3,,", "/home/ada", "/bin/sh"))
    monkeypatch.setattr(pwd, "getpwuid", lambda user: somebody)
    assert name_for("info@example.org") == "Augusta Ada King"
