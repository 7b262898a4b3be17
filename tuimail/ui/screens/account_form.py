# SPDX-License-Identifier: GPL-3.0-or-later
"""Every field of an account: for one whose servers have to be named by hand, and to change or repair one."""

from collections.abc import Sequence
from dataclasses import replace

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from tuimail.engine.account_form import AccountForm
from tuimail.engine.setup import Setup
from tuimail.model.account import Account, AuthMethod
from tuimail.model.check import CheckStep, StepStatus
from tuimail.model.errors import CertificateRefused
from tuimail.ui.certificates import remembered
from tuimail.ui.commands import Place
from tuimail.ui.dialogs.confirm import Confirm
from tuimail.ui.dialogs.dialog import Buttons
from tuimail.ui.screens.account_lines import StepLines
from tuimail.ui.screens.account_wizard import NO_KEYRING
from tuimail.ui.screens.keyed import Action, KeyedScreen
from tuimail.ui.widgets.text_input import TextInput
from tuimail.ui.widgets.toast import Toasts

FIELDS = (
    ("email", "E-mail address", "ada@example.org"),
    ("password", "Password", ""),
    ("name", "Your name", "as recipients see it"),
    ("imap", "IMAP server", "imap.example.org, host:port or host:port/starttls"),
    ("pop3", "POP3 server", "only where there is no IMAP"),
    ("smtp", "SMTP server", "smtp.example.org"),
    ("username", "User name", "if it is not the e-mail address"),
    ("auth", "Sign-in", "password, or oauth2, or none"),
    ("command", "Password command", "a program that gives the password, or the token"),
    ("ca_file", "CA file", "a certificate that is trusted beside the system's"),
    ("aliases", "Other addresses", "ada@lovelace.example, *@ada.example"),
    ("signature", "Signature", ""),
)


class AccountFormScreen(KeyedScreen):
    """Shows an account's fields, signs in to its servers, keeps it."""

    AUTO_FOCUS = "#account-email"

    def __init__(
        self, setup: Setup, form: AccountForm, *, account: Account | None = None, tried: Sequence[CheckStep] = ()
    ) -> None:
        super().__init__()
        self._setup = setup
        self._form = form
        self._account = account
        self._tried = tried

    @classmethod
    def adding(cls, setup: Setup, form: AccountForm, password: str, tried: Sequence[CheckStep]) -> "AccountFormScreen":
        """For a new account, with what is known of it; ``tried`` tells what did not work."""
        return cls(setup, replace(form, password=password), tried=tried)

    @classmethod
    def editing(cls, setup: Setup, account: Account) -> "AccountFormScreen":
        """For an account of the configuration."""
        return cls(setup, AccountForm.of(account), account=account)

    def compose(self) -> ComposeResult:
        """A field for each thing to know."""
        with VerticalScroll(id="account-form", can_focus=False):
            title = f"Edit the account {self._account.key}" if self._account else "Name the servers"
            yield Static(Content(title), classes="title")
            for field, label, example in FIELDS:
                kept = "unchanged" if field == "password" and self._account else example
                with Horizontal(classes="field"):
                    yield Static(Content(label), classes="label")
                    value = getattr(self._form, field)
                    yield TextInput(value, placeholder=kept, password=field == "password", id=f"account-{field}")
                yield Static("", id=f"account-problem-{field}", classes="problem")
            yield Buttons(("Check and save", "Reset", "Cancel"))
            yield StepLines(id="account-steps")
        yield Toasts()

    def on_mount(self) -> None:
        """Show what was tried before."""
        super().on_mount()
        if self._tried:
            self.query_one(StepLines).show(self._tried)

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

    @on(Input.Submitted)
    def _entered(self) -> None:
        self.focus_next()

    @on(Buttons.Pressed)
    def _pressed(self, event: Buttons.Pressed) -> None:
        self.run_command((self._save, self.reset, self.leave)[event.index])

    def reset(self) -> None:
        """Put every field back to what it was."""
        for field, _, _ in FIELDS:
            self.query_one(f"#account-{field}", TextInput).value = getattr(self._form, field)
        self._show_problems({})
        self.set_focus(self.query_one("#account-email"))

    async def _save(self) -> None:
        form = self.form
        problems = form.problems(self._account)
        if not problems and (missing := await self._missing(form)):
            problems["password"] = missing
        self._show_problems(problems)
        if problems:
            self.set_focus(self.query_one(f"#account-{next(iter(problems))}"))
            return
        account = form.changed(self._account) if self._account else self._setup.account_from(form)
        secret = form.password or (await self._setup.kept_secret(self._account) if self._account else None) or ""
        self._show_steps((), "… signing in")
        steps = await self._setup.check(account, secret or None)
        self._show_steps(steps)
        if any(isinstance(step.error, CertificateRefused) for step in steps):
            account = await remembered(self._setup, account, self.ask) or account
            steps = await self._setup.check(account, secret or None)
            self._show_steps(steps)
        if any(step.status is StepStatus.FAIL for step in steps):
            question = "Signing in did not work. Save the account anyway?"
            if not await self.ask(Confirm(question, yes="Save anyway", no="Back to the form")):
                return
        kept = await (self._setup.change(account, secret) if self._account else self._setup.save(account, secret))
        await self.program.accounts.changed(f"The account {account.key} is saved." if kept else NO_KEYRING)

    async def _missing(self, form: AccountForm) -> str:
        """What is said when a password is needed and none is there."""
        if form.password or form.command.strip() or form.auth.strip() == AuthMethod.NONE:
            return ""
        if self._account is None:
            servers = (form.imap or "imap", form.pop3, form.smtp or "smtp")
            return "" if all(not text or text.endswith("/noauth") for text in servers) else "A password is needed to sign in."
        return "" if await self._setup.kept_secret(self._account) is not None else "No password is kept: type it here."

    def _show_problems(self, problems: dict[str, str]) -> None:
        for field, _, _ in FIELDS:
            line = self.query_one(f"#account-problem-{field}", Static)
            line.update(Content(problems.get(field, "")))
            line.display = field in problems

    def _show_steps(self, steps: Sequence[CheckStep], note: str = "") -> None:
        lines = self.query_one(StepLines)
        lines.show(steps, note)
        self.call_after_refresh(lines.scroll_visible)
