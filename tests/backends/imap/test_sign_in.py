# SPDX-License-Identifier: GPL-3.0-or-later
"""Sign-in, and the attacks on it (NO STARTTLS, USENIX Security 2021): no password in the clear, none in the log."""

import base64

import pytest

from tests.backends.imap.scripted import Line, Script, playing
from tuimail.model.account import AuthMethod, Security
from tuimail.model.errors import ServerBroken, ServerRefused, SignInNeeded, TuimailError

PASSWORD = 'p"ss\\wörd'
GREETING = b"* OK [CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN SASL-IR] hello\r\n"


def says(*answers: bytes, greeting: bytes = GREETING) -> Script:
    """A server that answers every command with the next of these; ``TAG`` stands for the tag."""

    async def script(line: Line) -> None:
        line.say(greeting)
        for answer in answers:
            tag = await line.hear()
            line.say(answer.replace(b"TAG", tag))

    return script


@pytest.mark.parametrize(
    "script",
    [
        says(b"TAG NO not now\r\n"),
        says(b"TAG BAD what\r\n"),
        says(b"TAG BAD what\r\n", greeting=b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hello\r\n"),
        says(greeting=b"* PREAUTH [CAPABILITY IMAP4rev1] welcome\r\n"),
        says(b"TAG OK begin\r\n* OK [ALERT] injected\r\n"),
        says(b"TAG OK begin\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\nTAG OK\r\n"),
        says(b"TAG OK begin\r\nx"),
        says(b"TAG OK begin\r\n* not TLS at all\r\n"),
    ],
    ids=["no", "bad", "stripped", "preauth", "injected", "injected-capabilities", "one-octet", "plain"],
)
async def test_without_tls_nothing_is_told(script: Script) -> None:
    async with playing(script, security=Security.STARTTLS) as played:
        with pytest.raises(TuimailError):
            await played.backend().connect()
        assert played.asked_for_secret == 0
        assert all(command == b"STARTTLS" for command in played.heard)


async def test_octets_right_after_the_ok_of_starttls_are_an_attack() -> None:
    async with playing(says(b"TAG OK begin\r\n* OK injected\r\n"), security=Security.STARTTLS) as played:
        with pytest.raises(ServerBroken):
            await played.backend().connect()


async def test_login_disabled() -> None:
    script = says(greeting=b"* OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] hello\r\n")
    async with playing(script) as played:
        with pytest.raises(ServerRefused):
            await played.backend().connect()
        assert (played.asked_for_secret, played.heard) == (0, [])


@pytest.mark.parametrize("mechanisms", [b"AUTH=PLAIN SASL-IR", b"AUTH=PLAIN", b"AUTH=LOGIN SASL-IR", b""])
async def test_no_secret_reaches_the_log(mechanisms: bytes) -> None:
    said: list[bytes] = []

    async def script(line: Line) -> None:
        line.say(b"* OK [CAPABILITY IMAP4rev1 " + mechanisms + b"] hello\r\n")
        tag = await line.hear(b"AUTHENTICATE|LOGIN")
        command = line.heard[-1]
        if mechanisms == b"":
            while command.endswith(b"}"):
                line.say(b"+ go\r\n")
                await line.octets(int(command.rpartition(b"{")[2][:-1]))
                await line.hear()
                command = line.heard[-1]
        while b"AUTHENTICATE" in command and b"PLAIN " not in command and len(said) < (2 if b"LOGIN" in command else 1):
            line.say(b"+ \r\n")
            await line.hear()
            said.append(base64.b64decode(line.heard[-1]))
        line.say(tag + b" OK [CAPABILITY IMAP4rev1] welcome\r\n")

    async with playing(script) as played:
        backend = played.backend()
        await backend.connect()
        secrets = [
            PASSWORD,
            "p\\",
            base64.b64encode(PASSWORD.encode()).decode(),
            base64.b64encode(f"\0ada\0{PASSWORD}".encode()).decode(),
        ]
        assert played.log
        for line in played.log:
            assert not any(secret in line for secret in secrets)
        if mechanisms == b"AUTH=LOGIN SASL-IR":
            assert said == [b"ada", PASSWORD.encode()]
        if mechanisms == b"AUTH=PLAIN":
            assert said == [f"\0ada\0{PASSWORD}".encode()]
        played.lines[0].hang_up()
        await backend.close()


@pytest.mark.parametrize("name", ["XOAUTH2", "OAUTHBEARER"])
async def test_a_refused_token(name: str) -> None:
    async def script(line: Line) -> None:
        line.say(b"* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=%s] hello\r\n" % name.encode())
        tag = await line.hear(b"AUTHENTICATE " + name.encode())
        line.say(b"+ eyJzdGF0dXMiOiI0MDAifQ==\r\n")
        await line.hear()
        assert line.heard[-1] == (b"" if name == "XOAUTH2" else b"AQ==")
        line.say(tag + b" NO [AUTHENTICATIONFAILED] expired\r\n")

    async with playing(script, auth=AuthMethod.OAUTH2) as played:
        with pytest.raises(SignInNeeded):
            await played.backend().connect()


async def test_a_scram_server_has_to_prove_itself() -> None:
    async def script(line: Line) -> None:
        line.say(b"* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=SCRAM-SHA-256] hello\r\n")
        tag = await line.hear(b"AUTHENTICATE SCRAM-SHA-256")
        first = base64.b64decode(line.heard[-1].split()[-1]).decode()
        challenge = f"r={first.rpartition('r=')[2]}server,s=c2FsdA==,i=4096"
        line.say(b"+ " + base64.b64encode(challenge.encode()) + b"\r\n")
        await line.hear()
        line.say(tag + b" OK [CAPABILITY IMAP4rev1] welcome\r\n")

    async with playing(script) as played:
        with pytest.raises(ServerBroken):
            await played.backend().connect()


async def test_an_account_without_sign_in_uses_preauth() -> None:
    async with playing(says(greeting=b"* PREAUTH [CAPABILITY IMAP4rev1] hello\r\n"), auth=AuthMethod.NONE) as played:
        backend = played.backend()
        await backend.connect()
        assert "IMAP4REV1" in backend.capabilities
        played.lines[0].hang_up()
        await backend.close()


async def test_capabilities_after_sign_in_replace_those_before() -> None:
    async def script(line: Line) -> None:
        line.say(b"* OK hello\r\n")
        await line.answer(b"CAPABILITY", b"* CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN SASL-IR\r\n")
        await line.answer(b"AUTHENTICATE PLAIN ")
        await line.answer(b"CAPABILITY", b"* CAPABILITY IMAP4rev1 QRESYNC ENABLE ID\r\n")
        enable = await line.hear(b"ENABLE QRESYNC$")
        await line.answer(rb'ID \("name" "tuimail"\)')
        line.say(enable + b" OK enabled, as iCloud says it\r\n")

    async with playing(script) as played:
        backend = played.backend()
        await backend.connect()
        assert backend.capabilities.names == {"IMAP4REV1", "QRESYNC", "ENABLE", "ID"}
        assert backend.capabilities.qresync
        played.lines[0].hang_up()
        await backend.close()


@pytest.mark.parametrize(
    "script",
    [
        says(b"TAG NO call 555-evil\r\n"),
        says(greeting=b"* BYE call 555-evil\r\n"),
        says(b"* BYE call 555-evil\r\n"),
    ],
)
async def test_words_from_before_tls_are_not_shown(script: Script) -> None:
    async def hanging_up(line: Line) -> None:
        await script(line)
        line.say(b"")
        line.hang_up()

    async with playing(hanging_up, security=Security.STARTTLS) as played:
        with pytest.raises(TuimailError) as refused:
            await played.backend().connect()
        assert "555" not in str(refused.value)


@pytest.mark.parametrize("mechanisms", [b"AUTH=PLAIN SASL-IR", b"AUTH=PLAIN", b""])
async def test_a_server_that_repeats_what_it_was_told(mechanisms: bytes) -> None:
    """Neither in the log nor in the error stands what the client has just said."""

    async def script(line: Line) -> None:
        line.say(b"* OK [CAPABILITY IMAP4rev1 LITERAL+ " + mechanisms + b"] hello\r\n")
        tag = await line.hear()
        while line.heard[-1].endswith((b"+}", b"PLAIN")):
            line.say(b"+ \r\n" if line.heard[-1].endswith(b"PLAIN") else b"")
            await line.hear()
        said = b" ".join(line.heard)
        line.say(b"* BAD what is " + said + b"\r\n" + tag + b" NO what is " + said + b"\r\n")

    async with playing(script) as played:
        with pytest.raises(SignInNeeded) as refused:
            await played.backend().connect()
        shown = str(refused.value) + "\n".join(played.log)
        assert PASSWORD not in shown
        assert 'p"ss' not in shown.replace("\\", "")
        assert base64.b64encode(f"\0ada\0{PASSWORD}".encode()).decode() not in shown
