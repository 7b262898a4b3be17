# SPDX-License-Identifier: GPL-3.0-or-later
"""The form for an account: both servers are signed in to before anything is kept."""

from dataclasses import replace

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from tuimail.engine.setup import AccountForm, CheckStep, Setup
from tuimail.ui.commands import Place
from tuimail.ui.dialogs.confirm import Confirm
from tuimail.ui.dialogs.dialog import Buttons
from tuimail.ui.screens.keyed import Action, KeyedScreen
from tuimail.ui.widgets.text_input import TextInput
from tuimail.ui.widgets.toast import Toasts

FIELDS = (
    ("email", "E-mail address", "ada@example.org"),
    ("password", "Password", ""),
    ("name", "Your name", "as recipients see it"),
    ("imap", "IMAP server", "imap.example.org, host:port or host:port/starttls"),
    ("smtp", "SMTP server", "smtp.example.org"),
    ("username", "User name", "if it is not the e-mail address"),
)


class AccountFormScreen(KeyedScreen):
    """Asks for an account, checks it, keeps it. `on_saved` goes on."""

    AUTO_FOCUS = "#account-email"

    def __init__(self, setup: Setup, *, first: bool) -> None:
        super().__init__()
        self._setup = setup
        self._first = first

    def compose(self) -> ComposeResult:
        """A field for each thing to know."""
        with VerticalScroll(id="account-form"):
            yield Static(Content("Welcome to tuimail" if self._first else "Add an account"), classes="title")
            for field, label, example in FIELDS:
                with Horizontal(classes="field"):
                    yield Static(Content(label), classes="label")
                    yield TextInput(placeholder=example, password=field == "password", id=f"account-{field}")
                yield Static("", id=f"account-problem-{field}", classes="problem")
            yield Buttons(("Check and save", "Reset", "Cancel"))
            yield Static("", id="account-steps")
        yield Toasts()

    @property
    def place(self) -> Place:
        """A form has the composer's keys: none that type."""
        return Place.COMPOSER

    @property
    def form(self) -> AccountForm:
        """What is typed."""
        return AccountForm(**{field: self.query_one(f"#account-{field}", TextInput).value for field, _, _ in FIELDS})

    def command(self, name: str) -> Action | None:
        """Escape leaves; tab goes on."""
        return {
            "leave_open": self.leave,
            "back": self.leave,
            "next_pane": lambda: self._go_on(1),
            "previous_pane": lambda: self._go_on(-1),
        }.get(name)

    def _go_on(self, step: int) -> None:
        (self.focus_next if step > 0 else self.focus_previous)()

    def leave(self) -> None:
        """Nothing is kept."""
        self.app.pop_screen()
        if self._first:
            self.run_command(self.program.leaving.leave)

    @on(Input.Submitted)
    def _entered(self) -> None:
        self.focus_next()

    @on(Buttons.Pressed)
    def _pressed(self, event: Buttons.Pressed) -> None:
        self.run_command((self._save, self.reset, self.leave)[event.index])

    def reset(self) -> None:
        """Empty every field."""
        for field, _, _ in FIELDS:
            self.query_one(f"#account-{field}", TextInput).value = ""
        self._show_problems({})
        self.set_focus(self.query_one("#account-email"))

    async def _save(self) -> None:
        form = self.form
        problems = form.problems()
        if not form.password:
            problems["password"] = "A password is needed to sign in."
        self._show_problems(problems)
        if problems:
            self.set_focus(self.query_one(f"#account-{next(iter(problems))}"))
            return
        self._show_steps((), "Signing in…")
        account = self._setup.account_from(replace(form, password=""))
        steps = await self._setup.check(account, form.password)
        self._show_steps(steps, "")
        if any(step.status == "fail" for step in steps):
            question = "Signing in did not work. Save the account anyway?"
            if not await self.ask(Confirm(question, yes="Save anyway", no="Back to the form")):
                return
        kept = await self._setup.save(account, form.password)
        await self.program.account_saved(account.key, secret_kept=kept)

    def _show_problems(self, problems: dict[str, str]) -> None:
        for field, _, _ in FIELDS:
            line = self.query_one(f"#account-problem-{field}", Static)
            line.update(Content(problems.get(field, "")))
            line.display = field in problems

    def _show_steps(self, steps: tuple[CheckStep, ...], text: str) -> None:
        signs = {"ok": "✓", "warn": "!", "fail": "✗"}
        lines = [f"{signs[step.status]} {step.step} {step.server}: {step.detail} {step.advice}".rstrip() for step in steps]
        self.query_one("#account-steps", Static).update(Content("\n".join(lines) or text))
