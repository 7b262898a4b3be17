# SPDX-License-Identifier: GPL-3.0-or-later
"""What a server's reply means to the user (RFC 5321 §4.2, RFC 3463, RFC 4954 §6). Pure."""

from dataclasses import dataclass

from tuimail.model.draft import RefusedRecipient
from tuimail.model.errors import AnswerUnknown, ServerBroken, ServerRefused, SignInNeeded, TryLater, TuimailError
from tuimail.model.text import SafeText, safe_line

_SIGN_IN_CODES = frozenset({530, 534, 535, 538})
_ADVICE = {
    452: "The server is short of space, or there are too many recipients at once.",
    530: "The server wants a sign-in: set `auth` in the configuration, or name `--user` beside `--server`.",
    534: "The server wants another way to sign in, often an app password.",
    535: "Check user name and password; many providers want an app password.",
    538: "The server wants the connection encrypted: set `security` to tls or starttls.",
    552: "Make it smaller, or send a link instead of the attachment.",
}
IMPLICIT_TLS = 'Set `security = "tls"` with port 465, or ask the provider.'
_STARTTLS_ADVICE = 'The server wants the connection encrypted: set `security = "starttls"`.'


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply of the server."""

    code: int
    text: SafeText
    """All of its lines in one."""

    @classmethod
    def of(cls, code: int, text: str) -> "Reply":
        """``text`` as the server sent it."""
        return cls(code, safe_line(" ".join(text.split("\n")), limit=500))

    @property
    def ok(self) -> bool:
        """2yz: done."""
        return 200 <= self.code < 300

    @property
    def wants_more(self) -> bool:
        """3yz: the server waits for the rest (DATA, AUTH)."""
        return 300 <= self.code < 400

    @property
    def temporary(self) -> bool:
        """4yz: the same may work later."""
        return 400 <= self.code < 500

    def __str__(self) -> str:
        return f"{self.code} {self.text}".rstrip()


def error_of(reply: Reply, step: str) -> TuimailError:
    """The error for a reply that is not the hoped-for one. ``step`` is what we did, such as ``"the sender"``."""
    said = f"The server answered to {step}: {reply}"
    advice = _ADVICE.get(reply.code, "")
    if reply.code == 530 and "STARTTLS" in reply.text.upper():
        return ServerRefused(said, _STARTTLS_ADVICE, code="530")
    if reply.code in _SIGN_IN_CODES:
        return SignInNeeded(said, advice)
    if reply.temporary:
        return TryLater(said, advice)
    if 500 <= reply.code < 600:
        return ServerRefused(said, advice, code=str(reply.code))
    return ServerBroken(said)


def before_tls(where: str, code: int) -> TuimailError:
    """For a reply that came before TLS: anybody may have written it, so it is not shown, nor believed about the sign-in."""
    if 400 <= code < 500:
        return TryLater(f"{where} put us off before TLS was set up ({code}).", "It is tried again.")
    return ServerRefused(f"{where} refused us before TLS was set up ({code}).", IMPLICIT_TLS, code=str(code))


def answer_unknown() -> AnswerUnknown:
    """After the final dot, no reply or none that can be understood."""
    return AnswerUnknown(
        "The message was handed over, but the server's answer did not come.",
        "It may have been sent: look whether it arrived before you send it again.",
    )


def refused_recipients(recipients: tuple[str, ...], replies: list[Reply]) -> tuple[RefusedRecipient, ...]:
    """Those whose RCPT was not accepted; ``replies`` are in the order of ``recipients``."""
    return tuple(
        RefusedRecipient(address, reply.code, reply.text)
        for address, reply in zip(recipients, replies, strict=True)
        if not reply.ok
    )


def all_refused(refused: tuple[RefusedRecipient, ...]) -> TuimailError:
    """The error when no recipient is left: to be tried again as long as one of the refusals is temporary."""
    step = "the recipient" if len(refused) == 1 else "all recipients, first"
    chosen = next((one for one in refused if 400 <= one.code < 500), refused[0])
    error = error_of(Reply(chosen.code, safe_line(chosen.text)), f"{step} {chosen.address}")
    if isinstance(error, ServerRefused):
        error.recipients = refused
    return error
