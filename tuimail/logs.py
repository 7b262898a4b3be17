# SPDX-License-Identifier: GPL-3.0-or-later
"""The log file: rotating, readable by the user only, with everything that looks like a secret struck out.

What is logged holds no mail text: that is up to whoever logs. The filter is the second net, for tracebacks of libraries.
"""

import logging
import os
import re
from logging.handlers import RotatingFileHandler
from pathlib import Path

_SIZE = 2_000_000
_KEPT = 2
_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_SECRETS = (
    (re.compile(r"(?i)\b(AUTH(?:ENTICATE)? +[A-Z0-9-]+) +\S+"), r"\1 ***"),
    (re.compile(r"(?i)\b(LOGIN) +(\"(?:[^\"\\]|\\.)*\"|\S+) +(\"(?:[^\"\\]|\\.)*\"|\S+)"), r"\1 \2 ***"),
    (re.compile(r"(?i)\b(Bearer) +[^\s\"']+"), r"\1 ***"),
    (
        re.compile(
            r"(?i)([\"']?\b(?:password|passwd|secret|access_token|refresh_token|id_token|client_secret|code_verifier|device_code|code)[\"']?\s*[=:]\s*)"
            r"(\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|[^\s,&)}\]]+)"
        ),
        r"\1***",
    ),
    (re.compile(r"(\b[a-z][a-z0-9+.-]*://[^\s/@:]*:)[^\s/@]+@"), r"\1***@"),
)


def strike_out(text: str) -> str:
    """The text with passwords, tokens and SASL messages replaced by ``***``."""
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text


class _PrivateFile(RotatingFileHandler):
    """A rotating file that is opened with mode 0600."""

    def _open(self):  # type: ignore[no-untyped-def]  # typeshed's return type is generic over a private name
        descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        return os.fdopen(descriptor, "a", encoding="utf-8", errors="backslashreplace")


class _Struck(logging.Formatter):
    """Strikes out secrets in the finished text, tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        return strike_out(super().format(record))


def start_logging(folder: Path, level: int = logging.INFO) -> None:
    """Log to ``tuimail.log`` in that folder instead of the terminal. A folder that cannot be written is done without."""
    handler: logging.Handler
    try:
        handler = _PrivateFile(folder / "tuimail.log", maxBytes=_SIZE, backupCount=_KEPT)
    except OSError:
        handler = logging.NullHandler()
    handler.setFormatter(_Struck(_FORMAT))
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
        old.close()
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger("tuimail").setLevel(level)
    logging.captureWarnings(capture=True)
