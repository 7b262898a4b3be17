# SPDX-License-Identifier: GPL-3.0-or-later
"""What strangers may have named stands literally in the widgets of the set-up, the doctor and the dialogs."""

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from tests.ui.widgets.support import PROBES, ThemedApp, screen_text
from tuimail.model.check import CheckStep, StepStatus
from tuimail.model.discovery import Trial, TrialState
from tuimail.ui.dialogs.dialog import Buttons, words
from tuimail.ui.screens.account_lines import StepLines, trial_lines
from tuimail.ui.screens.account_questions import Asking, Question
from tuimail.ui.widgets.text_input import TextInput


class Shown(ThemedApp):
    """The widgets, each with its place for a text."""

    def compose(self) -> ComposeResult:
        """One below the other."""
        with VerticalScroll():
            yield Static(id="trials")
            yield TextInput(id="field")
            yield StepLines()
            yield Asking()

    def show(self, probe: str) -> None:
        """Let all of them show this."""
        self.query_one("#trials", Static).update(trial_lines([Trial(probe, TrialState.FOUND, probe, probe)], settled=True))
        self.query_one(TextInput).placeholder = probe
        self.query_one(StepLines).show([CheckStep(probe, probe, StepStatus.FAIL, probe, probe)])
        self.query_one(Asking).ask(Question(probe, ((probe, "", "x"),)))
        self.query(".more").remove()
        self.query_one(VerticalScroll).mount(words(probe, "more"), Buttons([probe]))


async def test_markup_is_only_text() -> None:
    app = Shown()
    async with app.run_test(size=(160, 30)) as pilot:
        for probe in PROBES:
            app.show(probe)
            await pilot.pause()
            assert screen_text(app).count(probe) >= 12
