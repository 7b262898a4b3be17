# SPDX-License-Identifier: GPL-3.0-or-later
"""The log file: rotating, readable by the user only, with everything that looks like a secret struck out.

What is logged holds no mail text: that is up to whoever logs. The filter is the second net, for tracebacks of libraries.
"""

import contextlib
import logging
import os
import re
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


def _private_file(path: Path) -> logging.Handler:
    """A rotating file that is opened with mode 0600. Raises OSError."""
    from logging.handlers import RotatingFileHandler

    class PrivateFile(RotatingFileHandler):
        def _open(self):  # type: ignore[no-untyped-def]  # typeshed's return type is generic over a private name
            descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            return os.fdopen(descriptor, "a", encoding="utf-8", errors="backslashreplace")

        def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  logging's own name
            """A full disk: what cannot be logged is done without. Otherwise a traceback would be printed over the screen."""

    return PrivateFile(path, maxBytes=_SIZE, backupCount=_KEPT)


class _WithFirstRecord(logging.Handler):
    """Opens the file when there is something to log: what rotates files takes 4 ms to import."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._handler: logging.Handler | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Log one record; a folder that cannot be written is done without."""
        if self._handler is None:
            try:
                self._handler = _private_file(self._path)
            except OSError:
                self._handler = logging.NullHandler()
            self._handler.setFormatter(self.formatter)
        self._handler.emit(record)

    def close(self) -> None:
        """Close the file. What a full disk did not take of it is done without."""
        if self._handler is not None:
            with contextlib.suppress(OSError):
                self._handler.close()
        super().close()


class _Struck(logging.Formatter):
    """Strikes out secrets in the finished text, tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        return strike_out(super().format(record))


def start_logging(folder: Path | None, level: int = logging.INFO) -> None:
    """Log to ``tuimail.log`` in that folder, never to the terminal. None, and one that cannot be written, is done without."""
    handler = _WithFirstRecord(folder / "tuimail.log") if folder is not None else logging.NullHandler()
    handler.setFormatter(_Struck(_FORMAT))
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
        old.close()
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger("tuimail").setLevel(level)
    logging.captureWarnings(capture=True)
