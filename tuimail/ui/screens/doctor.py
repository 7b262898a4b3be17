# SPDX-License-Identifier: GPL-3.0-or-later
"""What `tuimail doctor` tells, inside the program: steps as they are taken, and the dialogue with the servers as it goes on."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tuimail.engine.doctor import Doctor
from tuimail.model.account import Account, ServerAddress
from tuimail.model.check import CheckStep, StepStatus
from tuimail.model.text import safe_line
from tuimail.ui.dialogs.confirm import Confirm
from tuimail.ui.dialogs.dialog import words
from tuimail.ui.screens.busy import Busy
from tuimail.ui.screens.keyed import Action, KeyedScreen
from tuimail.ui.widgets.toast import Toasts

_SIGNS = {StepStatus.OK: ("✓", "$success"), StepStatus.WARN: ("!", "$warning"), StepStatus.FAIL: ("✗", "$error")}
_LOOK_SECONDS = 0.25
"""How often the dialogue is looked at while the screen is open."""
_SHOWN_LINES = 300
_QUESTION = "Send a message to yourself, to see that mail goes out and comes in? It is removed again."


class Examination(Protocol):
    """What the screen examines with."""

    @property
    def doctor(self) -> Doctor:
        """Who examines."""
        ...

    def dialogue(self) -> list[str]:
        """The last lines that were said with the servers, secrets struck out; safe to show."""
        ...


class DoctorScreen(KeyedScreen):
    """Examines some accounts when it opens, and again when told so."""

    AUTO_FOCUS = "#doctor-steps"
    DEFAULT_CSS = """
    #doctor-steps { height: 3fr; padding: 1 4 0 4; scrollbar-size: 1 1; }
    #doctor-steps .title { color: $primary; text-style: bold; }
    #doctor-steps .-account { margin: 1 0 0 0; text-style: bold; }
    #doctor-steps Static { height: auto; }
    #doctor-steps Horizontal { height: auto; }
    #doctor-steps Horizontal Static { width: 1fr; }
    #doctor-steps Horizontal .-step { width: 24; }
    #doctor-steps .-advice { padding: 0 0 0 24; }
    #doctor-dialogue { height: 2fr; padding: 0 4; border-top: solid $border-blurred; scrollbar-size: 1 1; }
    #doctor-said { height: auto; color: $text-muted; }
    #doctor-hints { dock: bottom; height: 1; padding: 0 4; background: $surface; }
    """

    def __init__(self, examination: Examination, accounts: Sequence[Account]) -> None:
        super().__init__()
        self._examination, self._accounts = examination, accounts
        self._said: list[str] = []
        self._busy = Busy(self)

    def compose(self) -> ComposeResult:
        """Steps above, dialogue below."""
        with VerticalScroll(id="doctor-steps"):
            yield words("Doctor", "title")
        with VerticalScroll(id="doctor-dialogue"):
            yield Static("", id="doctor-said")
        yield Static(self._hints(), id="doctor-hints")
        yield Toasts()

    def on_mount(self) -> None:
        """Begin."""
        super().on_mount()
        self.set_interval(_LOOK_SECONDS, self._listen)
        self.run_command(self.examine)

    def command(self, name: str) -> Action | None:
        """Leave, or examine again."""
        actions: Mapping[str, Action] = {"back": self.leave, "sync_now": self.examine}
        return actions.get(name)

    def leave(self) -> None:
        """Back to the mail. What is under way ends."""
        self.dismiss(None)

    async def examine(self) -> None:
        """Take all steps anew."""
        with self._busy.step("The doctor is at work."):
            steps = self.query_one("#doctor-steps", VerticalScroll)
            await steps.query(".-line").remove()
            failed = 0
            for step in await self._examination.doctor.health():
                failed += await self._show(steps, step)
            for account in self._accounts:
                heading = f"{safe_line(account.key)} ({safe_line(account.identity.email)})"
                await steps.mount(Static(Content(heading), classes="-line -account"))
                async for step in self._examination.doctor.examine(account):
                    failed += await self._show(steps, step)
            told = "What to do stands below what failed." if failed else "All is well."
            await steps.mount(Static(Content(told), classes="-line -account"))
            steps.scroll_end(animate=False)
        senders = [(account, account.smtp) for account in self._accounts if account.smtp is not None]
        if failed or not senders:
            return
        if await self.ask(Confirm(_QUESTION, yes="Send it", no="Not now")):
            await self._mail_oneself(steps, senders)

    async def _mail_oneself(self, steps: VerticalScroll, senders: Sequence[tuple[Account, ServerAddress]]) -> None:
        with self._busy.step("Waiting for the message to arrive."):
            for account, server in senders:
                await self._show(steps, await self._examination.doctor.mail_oneself(account, server))

    async def _show(self, steps: VerticalScroll, step: CheckStep) -> bool:
        """One more step; whether it failed."""
        sign, style = _SIGNS[step.status]
        head = Static(Content.assemble((f"  {sign} ", style), step.step), classes="-step")
        await steps.mount(Horizontal(head, Static(Content(safe_line(step.detail))), classes="-line"))
        if step.advice:
            await steps.mount(Static(Content(safe_line(step.advice)), classes="-line -advice"))
        steps.scroll_end(animate=False)
        return step.status is StepStatus.FAIL

    def _listen(self) -> None:
        """Show what was said meanwhile; who scrolled up stays there."""
        said = self._examination.dialogue()[-_SHOWN_LINES:]
        if said == self._said:
            return
        self._said = said
        dialogue = self.query_one("#doctor-dialogue", VerticalScroll)
        follows = dialogue.scroll_offset.y >= dialogue.max_scroll_y
        self.query_one("#doctor-said", Static).update(Content("\n".join(said)))
        if follows:
            dialogue.scroll_end(animate=False)

    def _hints(self) -> Content:
        own = (("sync_now", "examine again"), ("next_pane", "dialogue"), ("back", "leave"))
        found = [(key, what) for name, what in own for key in self.program.keymap.keys_of(name)[:1]]
        return Content("   ").join([Content.assemble((f"{key} ", "bold"), (what, "$text-muted")) for key, what in found])
