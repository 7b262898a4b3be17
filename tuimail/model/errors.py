# SPDX-License-Identifier: GPL-3.0-or-later
"""One error class for each thing the user can do about it.

Errors of libraries are mapped to these in the one file that imports the library, and nowhere else.
No message holds a secret or text of a mail.
"""

from enum import IntEnum
from pathlib import Path

from tuimail.model.draft import RefusedRecipient


class ExitStatus(IntEnum):
    """Exit statuses of sysexits(3)."""

    OK = 0
    FAILED = 1
    USAGE = 64
    DATA = 65
    NO_INPUT = 66
    UNAVAILABLE = 69
    TRY_LATER = 75
    NOT_SIGNED_IN = 77
    CONFIGURATION = 78


def sentences(message: str, advice: str) -> str:
    """Both as one text. A server's own words seldom end like a sentence: they get their full stop before the advice."""
    if not advice:
        return message
    return f"{message}{'' if message.endswith(('.', '!', '?', '…')) else '.'} {advice}"


def reason_of(error: OSError) -> str:
    """Why a file cannot be used. Of a link that leads nowhere the system says that the file exists, or that it does not."""
    path = Path(error.filename) if isinstance(error.filename, str | Path) else None
    if path is not None and path.is_symlink() and not path.exists():
        return f"{path} is a link to {path.readlink()}, which is not there"
    return error.strerror or type(error).__name__


class TuimailError(Exception):
    """Something the user is told: what failed (``message``) and what to do (``advice``)."""

    title = "Something went wrong"
    exit_status = ExitStatus.FAILED

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice

    @property
    def kind(self) -> str:
        """The class's name, as it stands in JSON output."""
        return type(self).__name__

    def __str__(self) -> str:
        return sentences(self.message, self.advice)


class Offline(TuimailError):
    """The server cannot be reached. Waiting actions stay; the connection is tried again."""

    title = "Offline"
    exit_status = ExitStatus.UNAVAILABLE


class SignInNeeded(TuimailError):
    """The server refused the user name, password or token, or none is known."""

    title = "Sign-in needed"
    exit_status = ExitStatus.NOT_SIGNED_IN


class CertificateRefused(TuimailError):
    """The server's certificate could not be verified."""

    title = "Certificate refused"
    exit_status = ExitStatus.UNAVAILABLE


class ServerRefused(TuimailError):
    """A permanent refusal: IMAP ``NO`` or ``BAD``, SMTP 5xx."""

    title = "The server refused"
    exit_status = ExitStatus.UNAVAILABLE

    def __init__(self, message: str, advice: str = "", *, code: str = "") -> None:
        super().__init__(message, advice)
        self.code = code
        """The response code (RFC 5530, upper case) or the SMTP reply code; empty when there is none."""
        self.recipients: tuple[RefusedRecipient, ...] = ()
        """Of a message that nobody was to get: each recipient with the server's answer."""


class TryLater(TuimailError):
    """A temporary refusal: SMTP 4xx, ``[UNAVAILABLE]``, ``[LIMIT]``, ``[INUSE]``."""

    title = "The server asks to try later"
    exit_status = ExitStatus.TRY_LATER

    def __init__(self, message: str, advice: str = "", *, code: str = "") -> None:
        super().__init__(message, advice)
        self.code = code
        """IMAP's response code in upper case; empty when there is none."""


class Unanswered(TryLater):
    """Another program holds the store and was stopped; to scripts it is a `TryLater`."""

    @property
    def kind(self) -> str:
        """As that of what it is to scripts."""
        return TryLater.__name__


class ServerBroken(TuimailError):
    """The server broke its protocol. The connection was closed."""

    title = "The server's answer makes no sense"
    exit_status = ExitStatus.UNAVAILABLE


class AnswerUnknown(TuimailError):
    """A message was handed over, but the answer never came. It must not be repeated by itself."""

    title = "Handed over, answer unknown"
    exit_status = ExitStatus.TRY_LATER


class MailMalformed(TuimailError):
    """A message (received, or to be sent) breaks the rules too far to be used."""

    title = "Malformed message"
    exit_status = ExitStatus.DATA


class InputWrong(TuimailError):
    """Something that was typed cannot be used: an address, a folder name, a command-line argument."""

    title = "Not usable"
    exit_status = ExitStatus.USAGE


class FileProblem(TuimailError):
    """A file cannot be read or written."""

    title = "File problem"
    exit_status = ExitStatus.NO_INPUT


class ConfigWrong(TuimailError):
    """The configuration is wrong; the message names file, line and key."""

    title = "Configuration error"
    exit_status = ExitStatus.CONFIGURATION


class StoreProblem(TuimailError):
    """The local store cannot be opened or written."""

    title = "Store problem"


def error_of(kind: str, message: str, advice: str = "") -> TuimailError:
    """The error that another program met and told of by `TuimailError.kind`."""
    known = {error.__name__: error for error in TuimailError.__subclasses__()}
    return known.get(kind, TuimailError)(message, advice)
