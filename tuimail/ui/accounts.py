# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts added, edited and removed from inside the program. What this needs is imported when it is asked for."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from tuimail.model.account import Account
from tuimail.model.errors import InputWrong
from tuimail.model.notice import ConnectionState
from tuimail.ui import dialogs
from tuimail.ui.screens.keyed import Action

if TYPE_CHECKING:
    from tuimail.engine.accounts import OpenAccount
    from tuimail.engine.setup import Setup
    from tuimail.ui.app import TuimailApp
    from tuimail.ui.screens.doctor import Examination


class AccountScreens:
    """The ways to the screens for accounts, and what follows from them."""

    def __init__(
        self,
        app: "TuimailApp",
        make_setup: "Callable[[], Setup] | None",
        make_examination: "Callable[[], Examination] | None" = None,
    ) -> None:
        self._app = app
        self._make_examination = make_examination
        self._make_setup = make_setup
        self._setup: Setup | None = None
        self.start_again: str | None = None
        """What to say after beginning anew with other accounts; None: the program ends for good."""

    @property
    def commands(self) -> Mapping[str, Action]:
        """Command → what it does."""
        return {
            "add_account": self.add,
            "edit_account": self.edit,
            "remove_account": self.remove,
            "sign_in": self.sign_in_again,
            "doctor": self.examine,
        }

    async def welcome(self) -> None:
        """Set up the first account, where there is none and one can be made."""
        if not len(self._app.engine.accounts) and self._make_setup is not None:
            await self._show_wizard(first=True)

    async def add(self) -> None:
        """Set up another account."""
        await self._show_wizard(first=False)

    async def edit(self) -> None:
        """Show the fields of an account."""
        from tuimail.ui.screens.account_form import AccountFormScreen

        chosen = await self._chosen("Edit an account")
        if chosen is not None:
            await self._app.push_screen(AccountFormScreen.editing(self.setup(), chosen))

    async def remove(self) -> None:
        """Forget an account and its secrets, after its name was typed."""
        chosen = await self._chosen("Remove an account")
        if chosen is None:
            return
        question = f"Remove {chosen.key} ({chosen.identity.email}) from tuimail? Its mail stays on the server."
        if await self._app.push_screen_wait(
            dialogs.Confirm(question, title="Remove an account", yes="Remove", typed=chosen.key)
        ):
            self._app.last_screen.forbid()
            await self.setup().remove(chosen.key)
            await self.changed(f"The account {chosen.key} was removed. Its mail stays on the server.")

    @property
    def can_change(self) -> bool:
        """Whether there is a configuration to change; the demo has none."""
        return self._make_setup is not None

    @property
    def waiting_for_page(self) -> "OpenAccount | None":
        """The first account that the user has to sign in to at its provider's page."""
        needed = ConnectionState.SIGN_IN_NEEDED
        accounts = self._app.engine.accounts
        return next((one for one in accounts if one.account.signs_in_by_page and one.loop.state is needed), None)

    async def sign_in_again(self) -> None:
        """Have the user sign in at the provider's page, for the first account that waits for that."""
        waiting = self.waiting_for_page
        if waiting is None:
            raise InputWrong("No account waits for a sign-in at its provider's page.")
        way = self.setup().sign_in
        if way is not None:
            await way.look(waiting.account)
        if way is None or not way.ways(waiting.account):
            raise way.what_is_missing(waiting.account) if way is not None else InputWrong("Nothing signs in here.")
        kept = await self._app.push_screen_wait(dialogs.SignInDialog(way, waiting.account))
        if kept is not None:
            self._app.live.tell_again()
            waiting.loop.retry()
            lasts = "" if kept else " There is no safe keyring: the next start asks again."
            self._app.say(f"{waiting.account.identity.email} is signed in.{lasts}", seconds=8)

    @property
    def refusing_certificate(self) -> "OpenAccount | None":
        """The first account whose server has a certificate that is refused."""
        accounts = self._app.engine.accounts
        return next((one for one in accounts if one.loop.state is ConnectionState.REFUSED), None)

    async def look_at_certificate(self) -> None:
        """Show the certificate that is refused now, and remember it if the user agrees; where none is any more, connect."""
        from tuimail.ui.certificates import remembered

        refusing = self.refusing_certificate
        if refusing is None:
            raise InputWrong("No certificate is refused.")
        self._app.live.tell_again()
        changed = await remembered(self.setup(), refusing.account, self._app.push_screen_wait)
        if changed is None:
            refusing.loop.retry()
            return
        await self.setup().change(changed)
        await self.changed(f"The certificate for {changed.key} is remembered.")

    async def examine(self) -> None:
        """Show what the doctor says: of the accounts in trouble, or of all where none is."""
        from tuimail.ui.screens.doctor import DoctorScreen

        if self._make_examination is None:
            raise InputWrong("There is nothing to examine here.")
        well = (ConnectionState.ONLINE, ConnectionState.SYNCING)
        accounts = tuple(self._app.engine.accounts)
        troubled = [one for one in accounts if one.loop.state not in well]
        await self._app.push_screen(DoctorScreen(self._make_examination(), [one.account for one in troubled or accounts]))

    async def changed(self, greeting: str) -> None:
        """Begin anew with the accounts as they are now, and say something then."""
        self.start_again = greeting
        await self._app.leaving.leave()

    def setup(self) -> "Setup":
        """What sets up accounts. Raises InputWrong where there is nothing to set up, as in the demo."""
        if self._setup is None:
            if self._make_setup is None:
                raise InputWrong("There are no accounts to set up here.")
            self._setup = self._make_setup()
        return self._setup

    async def _chosen(self, title: str) -> Account | None:
        accounts = self.setup().accounts()
        if not accounts:
            raise InputWrong("There is no account yet.", "The palette has “Add an account”.")
        if len(accounts) == 1:
            return accounts[0]
        choices = [(dialogs.Choice(account.key, str(account.identity)), account) for account in accounts]
        return await self._app.push_screen_wait(dialogs.Choose(title, choices))

    async def _show_wizard(self, *, first: bool) -> None:
        from tuimail.ui.screens.account_wizard import AccountWizard

        await self._app.push_screen(AccountWizard(self.setup(), first=first))
