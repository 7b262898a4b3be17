# SPDX-License-Identifier: GPL-3.0-or-later
"""From an e-mail address and a password to the inbox: two questions, and what is found and tried shown as it happens."""

from collections.abc import Mapping

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static
from textual.worker import Worker

from tuimail.engine.account_form import AccountForm
from tuimail.engine.new_account import NewAccount, SetupState
from tuimail.engine.setup import Setup
from tuimail.model.discovery import SignInWay, Trial
from tuimail.model.errors import InputWrong
from tuimail.ui import dialogs
from tuimail.ui.commands import Place
from tuimail.ui.dialogs.dialog import words
from tuimail.ui.screens.account_lines import StepLines, trial_lines
from tuimail.ui.screens.account_questions import Asking, notice_for, question_for
from tuimail.ui.screens.keyed import Action, KeyedScreen
from tuimail.ui.widgets.text_input import TextInput
from tuimail.ui.widgets.toast import Toasts

BY_PAGE = "or enter alone: sign in in the browser"
NO_KEYRING = "There is no safe keyring here: the password is kept until tuimail ends, then it is asked for again."


class AccountWizard(KeyedScreen):
    """Sets up one account."""

    AUTO_FOCUS = "#wizard-email"

    def __init__(self, setup: Setup, *, first: bool) -> None:
        super().__init__()
        self._setup = setup
        self._first = first
        self._new: NewAccount | None = None
        self._looking: Worker[None] | None = None
        self._trials: dict[str, Trial] = {}
        self._page_lasts = True

    def compose(self) -> ComposeResult:
        """Two questions; below them what happens."""
        with VerticalScroll(id="wizard", can_focus=False):
            yield words("Welcome to tuimail" if self._first else "Add an account", "title")
            with Horizontal(classes="field"):
                yield words("E-mail address", "label")
                yield TextInput(placeholder="ada@example.org", id="wizard-email")
            with Horizontal(classes="field", id="wizard-second"):
                yield Static("Password", classes="label", id="wizard-password-label")
                yield TextInput(password=True, id="wizard-password")
            yield Static("", id="wizard-notice")
            yield Static("", id="wizard-trials")
            yield StepLines(id="wizard-steps")
            yield Asking()
        yield Static(self._hints(), id="wizard-hints")
        yield Toasts()

    def on_mount(self) -> None:
        """The password is the second question. What discovery needs is imported while the first is answered."""
        super().on_mount()
        self.query_one("#wizard-second").display = False
        self._notice(Content(""))
        self.run_worker(self._setup.finder(), exit_on_error=False)

    @property
    def place(self) -> Place:
        """A form has the composer's keys: none that type."""
        return Place.COMPOSER

    def command(self, name: str) -> Action | None:
        """Escape leaves; the key of the external editor opens the form with every field."""
        actions: Mapping[str, Action] = {
            "leave_open": self.leave,
            "back": self.leave,
            "external_editor": self.by_hand,
            "next_pane": lambda: self._go_on(1),
            "previous_pane": lambda: self._go_on(-1),
        }
        return actions.get(name)

    def _go_on(self, step: int) -> None:
        """From the address tab leads to the password, as enter does."""
        email = self.query_one("#wizard-email", TextInput)
        if step > 0 and self.focused is email and email.value.strip():
            self._address_given(email.value.strip())
        else:
            (self.focus_next if step > 0 else self.focus_previous)()

    def _hints(self) -> Content:
        own = (("external_editor", "name the servers yourself"), ("leave_open", "leave"))
        found = [(key, what) for name, what in own for key in self.program.keymap.keys_of(name)[:1]]
        hints = [("enter", "go on"), *found]
        return Content("   ").join([Content.assemble((f"{key} ", "bold"), (what, "$text-muted")) for key, what in hints])

    # ── the first question ──────────────────────────────────────────────────────────────────────

    @on(Input.Submitted, "#wizard-email")
    def _address_entered(self, event: Input.Submitted) -> None:
        self._address_given(event.value.strip())

    def _address_given(self, email: str) -> None:
        if self._new is not None and self._new.email == email:
            self._ask_password()
            return
        try:
            new = self._setup.begin(email, self._tell)
        except InputWrong as error:
            self._notice(Content.styled(str(error), "$error"))
        else:
            self._ask_password()
            self._begin(new)

    def _ask_password(self) -> None:
        """At once, so that nobody has to wait for what is found meanwhile."""
        self.query_one("#wizard-second").display = True
        self.set_focus(self.query_one("#wizard-password"))

    def _begin(self, new: NewAccount) -> None:
        old, self._new = self._new, new
        self._trials.clear()
        self._show_trials()
        self._asking.forget()
        self._steps.show(())
        self._notice(Content(""))
        self._looking = self.run_worker(self._look(old, new), exit_on_error=False)

    async def _look(self, old: NewAccount | None, new: NewAccount) -> None:
        """Find the servers while the password is being typed."""
        if old is not None:
            await old.close()
        await new.look()
        if self._setup.sign_in is not None and SignInWay.OAUTH2 in new.provider.ways and not new.provider.closed:
            await self._setup.sign_in.look(new.account, new.provider.oauth.issuer)
        if new is not self._new:
            return
        self._show_trials()
        self._notice(notice_for(new, page=self._has_page(new)))
        if new.proposal is None:
            self._ask(SetupState.NOT_FOUND, focus=False)
        elif new.provider.closed:
            self._ask(SetupState.CLOSED)
        elif not new.provider.takes_password:
            self._ask(SetupState.BROWSER)
        else:
            label = "App password" if new.provider.wants_app_password else "Password"
            self.query_one("#wizard-password-label", Static).update(Content(label))
            self.query_one("#wizard-password", TextInput).placeholder = BY_PAGE if self._has_page(new) else ""

    def _tell(self, trial: Trial) -> None:
        self._trials[trial.source] = trial
        self._show_trials()

    # ── the second question ─────────────────────────────────────────────────────────────────────

    @on(Input.Submitted, "#wizard-password")
    def _password_entered(self, event: Input.Submitted) -> None:
        if event.value:
            if self._new is not None:
                self._new.by_password()
            self.run_command(self._sign_in)
        elif self._asking.open:
            self._asking.take_focus()
        elif self._new is not None and self._has_page(self._new):
            self.run_command(self._by_page)

    @property
    def _password(self) -> str:
        return self.query_one("#wizard-password", TextInput).value

    async def _sign_in(self) -> None:
        new = self._new
        if new is None:
            return
        self._asking.forget()
        if self._looking is not None:
            await self._looking.wait()
        if new is not self._new:
            return
        if self._asking.open:
            self._asking.take_focus()
            return
        self._steps.show((), "" if new.unconfirmed else "… signing in")
        outcome = await new.attempt(self._password)
        if new is not self._new:
            return
        self._show_trials()
        self._steps.show(() if outcome is SetupState.CONFIRM else new.steps)
        if outcome is SetupState.SIGNED_IN:
            await self._save()
        else:
            self._ask(outcome)

    async def _save(self) -> None:
        assert self._new is not None
        _, kept = await self._new.save(self._password)
        kept = self._page_lasts if self._new.uses_token else kept
        await self._new.close()
        await self.program.accounts.changed(f"{self._new.email} is set up." if kept else NO_KEYRING)

    # ── what may have to be answered ────────────────────────────────────────────────────────────

    def _ask(self, outcome: SetupState, *, focus: bool = True) -> None:
        """Ask what the outcome leaves open; without the focus where a password may be being typed."""
        assert self._new is not None
        if outcome in (SetupState.CLOSED, SetupState.BROWSER):
            self.query_one("#wizard-second").display = False
        question = question_for(self._new, outcome, page=self._has_page(self._new))
        self._asking.ask(question)
        if question.retype:
            password = self.query_one("#wizard-password", TextInput)
            self.set_focus(password)
            password.action_select_all()
        elif focus:
            self._asking.take_focus()
        self.call_after_refresh(self._asking.scroll_visible)

    @on(Asking.Answered)
    def _answered(self, event: Asking.Answered) -> None:
        actions: Mapping[str, Action] = {
            "agree": self._agree,
            "try_again": self._sign_in,
            "by_hand": self.by_hand,
            "save": self._save,
            "by_page": self._by_page,
            "other_address": self._other_address,
            "leave": self.leave,
        }
        self.run_command(actions[event.what])

    async def _agree(self) -> None:
        if self._new is not None:
            self._new.confirm()
            await self._sign_in()

    def _has_page(self, new: NewAccount) -> bool:
        """Whether one can sign in at the provider's page."""
        way = self._setup.sign_in
        return new.proposal is not None and not new.provider.closed and way is not None and bool(way.ways(new.account))

    async def _by_page(self) -> None:
        """Sign in at the provider's page, then to the servers."""
        new, way = self._new, self._setup.sign_in
        if new is None or way is None:
            return
        kept = await self.ask(dialogs.SignInDialog(way, new.account))
        if kept is None:
            self._asking.take_focus()
        elif new is self._new:
            new.by_token()
            self._page_lasts = kept
            await self._sign_in()

    def _other_address(self) -> None:
        self._asking.forget()
        self._notice(Content(""))
        self.set_focus(self.query_one("#wizard-email"))

    def by_hand(self) -> None:
        """Open the form with every field, filled in with what is known and the best guess."""
        from tuimail.ui.screens.account_form import AccountFormScreen

        typed = self.query_one("#wizard-email", TextInput).value.strip()
        try:
            form = (self._new or self._setup.begin(typed, self._tell)).form
        except InputWrong:
            form = AccountForm(typed)
        tried = self._new.steps if self._new is not None else ()
        self.app.push_screen(AccountFormScreen.adding(self._setup, form, self._password, tried))

    def leave(self) -> None:
        """Nothing is kept."""
        new, self._new = self._new, None
        if new is not None:
            self.app.run_worker(new.close(), exit_on_error=False)
            if new.uses_token and self._setup.sign_in is not None:
                self.app.run_worker(self._setup.sign_in.forget(new.account), exit_on_error=False)
        self.app.pop_screen()
        if self._first:
            self.run_command(self.program.leaving.leave)

    # ── showing ─────────────────────────────────────────────────────────────────────────────────

    @property
    def _asking(self) -> Asking:
        return self.query_one(Asking)

    @property
    def _steps(self) -> StepLines:
        return self.query_one(StepLines)

    def _notice(self, text: Content) -> None:
        notice = self.query_one("#wizard-notice", Static)
        notice.update(text)
        notice.display = bool(text.plain)

    def _show_trials(self) -> None:
        settled = self._new is not None and self._new.proposal is not None
        lines = self.query_one("#wizard-trials", Static)
        lines.update(trial_lines(self._trials.values(), settled=settled))
        lines.display = bool(self._trials)
