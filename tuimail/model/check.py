# SPDX-License-Identifier: GPL-3.0-or-later
"""What was tried at a server, and how it went: the lines of ``account check``, of the set-up and of ``doctor``."""

from dataclasses import dataclass, field
from enum import StrEnum

from tuimail.model.errors import ExitStatus, TuimailError


class StepStatus(StrEnum):
    """How a step went."""

    OK = "ok"
    WARN = "warn"
    """It works, but something should be known."""
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class CheckStep:
    """One thing that was tried."""

    step: str
    """What, in a word or two: ``imap sign-in``."""
    server: str
    """``host:port``; empty for a step that concerns no server."""
    status: StepStatus
    detail: str
    """A sentence: what was seen."""
    advice: str = ""
    """What to do about it; empty when there is nothing to do."""
    seconds: float = 0.0
    error: TuimailError | None = field(default=None, compare=False)
    """What a failed step raised."""

    @property
    def exit_status(self) -> ExitStatus:
        """The exit status of a command whose step this was."""
        if self.status is not StepStatus.FAIL:
            return ExitStatus.OK
        return self.error.exit_status if self.error is not None else ExitStatus.FAILED


@dataclass(frozen=True, slots=True)
class CheckedAccount:
    """All steps of one account."""

    name: str
    """The account's key."""
    steps: tuple[CheckStep, ...]

    @property
    def worst(self) -> CheckStep | None:
        """The failed step that can best be mended here: a refused sign-in before an unreachable server."""
        failed = [step for step in self.steps if step.status is StepStatus.FAIL]
        return max(failed, key=lambda step: step.exit_status, default=None)
