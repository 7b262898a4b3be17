# SPDX-License-Identifier: GPL-3.0-or-later
"""How the set-up shows what it does: sources that were asked, servers that were signed in to."""

from collections.abc import Iterable, Iterator, Sequence

from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from tuimail.model.check import CheckStep, StepStatus
from tuimail.model.discovery import Trial, TrialState
from tuimail.model.text import safe_line
from tuimail.model.width import cell_len

_TRIALS = {
    TrialState.ASKING: ("…", "$text-muted"),
    TrialState.FOUND: ("✓", "$success"),
    TrialState.NOTHING: ("·", "$text-muted"),
    TrialState.FAILED: ("·", "$text-muted"),
}
_STEPS = {StepStatus.OK: ("✓", "$success"), StepStatus.WARN: ("!", "$warning"), StepStatus.FAIL: ("✗", "$error")}
_TRIED = {"imap sign-in": "reading mail", "pop3 sign-in": "fetching mail", "smtp sign-in": "sending mail"}
_DETAIL = {TrialState.ASKING: "asking", TrialState.NOTHING: "nothing"}
_WIDEST = 34


def trial_lines(trials: Iterable[Trial], *, settled: bool) -> Content:
    """One line for each source. ``settled``: something was found, so that those who have not answered do not matter."""
    shown = [trial for trial in trials if not (settled and trial.state is TrialState.ASKING)]
    width = min(max((cell_len(trial.source) for trial in shown), default=0), _WIDEST)
    return Content("\n").join([_trial(trial, width) for trial in shown])


def _trial(trial: Trial, width: int) -> Content:
    sign, style = _TRIALS[trial.state]
    muted = "" if trial.state is TrialState.FOUND else "$text-muted"
    detail = safe_line(trial.detail or _DETAIL.get(trial.state, ""))
    source = safe_line(trial.source)
    filled = source + " " * (width - cell_len(source))
    line = Content.assemble((f"{sign} ", style), (filled, muted), "  ", (detail, muted))
    return Content.assemble(line, "\n  ", safe_line(trial.servers)) if trial.servers else line


class StepLines(Vertical):
    """What was signed in to: a line for each server; below a failed one what it said, and what to do."""

    DEFAULT_CSS = """
    StepLines { height: auto; display: none; }
    StepLines Static { height: auto; }
    StepLines .-told { padding: 0 0 0 2; color: $text-muted; }
    StepLines .-advice { padding: 0 0 0 2; }
    """

    def show(self, steps: Sequence[CheckStep], note: str = "") -> None:
        """Show these instead; or a note, while they are under way."""
        self.remove_children()
        self.mount(*([Static(Content.styled(note, "$text-muted"))] if note else _lines(steps)))
        self.display = bool(steps or note)


def _lines(steps: Sequence[CheckStep]) -> Iterator[Static]:
    advised = ""
    for step in steps:
        sign, style = _STEPS[step.status]
        head = Content.assemble((f"{sign} ", style), f"{_TRIED.get(step.step, step.step)}  {safe_line(step.server)}")
        good = step.status is StepStatus.OK
        yield Static(Content.assemble(head, "  ", (safe_line(step.detail), "$text-muted")) if good else head)
        if not good:
            yield Static(Content(safe_line(step.detail)), classes="-told")
        if step.advice and step.advice != advised:
            yield Static(Content(step.advice), classes="-advice")
            advised = step.advice
