# SPDX-License-Identifier: GPL-3.0-or-later
"""Signing in at a provider's page: where to go, what to type there, and a field for the address that a browser ended on."""

from collections.abc import Iterator

from textual import on
from textual.content import Content
from textual.style import Style
from textual.widget import Widget
from textual.widgets import Input, Static

from tuimail.engine.qr import qr_lines
from tuimail.engine.setup import SignIn, UnderWay
from tuimail.model.account import Account
from tuimail.model.errors import TuimailError
from tuimail.model.sign_in import SignInBy, SignInOffer
from tuimail.ui.dialogs.dialog import Dialog, words
from tuimail.ui.widgets.hints import Told
from tuimail.ui.widgets.text_input import TextInput

_AROUND = 14
"""Rows of the dialog beside the code."""


class SignInDialog(Dialog[bool | None]):
    """Answers when the user signed in, with whether a keyring keeps that; None for escape."""

    DEFAULT_CSS = """
    SignInDialog {
        & > .dialog { width: 100; overflow-y: auto; }
        #sign-in-qr { width: auto; height: auto; color: white; background: black; display: none; margin-bottom: 1; }
        #sign-in-paste { display: none; }
    }
    """

    def __init__(self, way: SignIn, account: Account, by: SignInBy | None = None) -> None:
        super().__init__(f"Sign in: {account.identity.email}")
        self._way, self._account, self._by = way, account, by
        self._under_way: UnderWay | None = None

    def content(self) -> Iterator[Widget]:
        """The address, the code, what to do with them."""
        yield Static(Content("Asking the provider …"), classes="message", id="sign-in-where")
        yield Static("", id="sign-in-qr")
        yield TextInput(placeholder="Paste the address that the browser ended on", id="sign-in-paste")
        yield words("", "wrong")

    @property
    def told(self) -> Told:
        """The way out."""
        return (("escape", "give up"),)

    def on_mount(self) -> None:
        """Begin at once."""
        self.run_worker(self._sign_in(), exit_on_error=False)

    async def _sign_in(self) -> None:
        try:
            async with self._way.begin(self._account, self._by) as under_way:
                self._under_way = under_way
                self._show(under_way.offer)
                kept = await under_way.finished()
        except TuimailError as error:
            self._under_way = None
            self.query_one("#sign-in-paste").display = False
            self.say_wrong(str(error))
        else:
            self.dismiss(kept)

    def _show(self, offer: SignInOffer) -> None:
        self.app.copy_to_clipboard(offer.url)
        self.query_one("#sign-in-where", Static).update(_told(offer))
        lines = qr_lines(offer.url, min(self.app.size.width - 8, 94), self.app.size.height - _AROUND)
        code = self.query_one("#sign-in-qr", Static)
        code.update(Content("\n".join(lines)))
        code.display = bool(lines)
        if not offer.code:
            field = self.query_one("#sign-in-paste", TextInput)
            field.display = True
            field.focus()

    @on(Input.Submitted)
    def _pasted(self, event: Input.Submitted) -> None:
        self.say_wrong("")
        if self._under_way is None or not event.value.strip():
            return
        try:
            self._under_way.paste(event.value)
        except TuimailError as error:
            self.say_wrong(str(error))


def _told(offer: SignInOffer) -> Content:
    lines = [
        Content("Open this address in a browser (it was copied, where the terminal allows it):"),
        Content(offer.url).stylize(Style(link=offer.url, underline=True)),
    ]
    if offer.code:
        lines.append(Content.assemble("Type this code there: ", (offer.code, "$primary bold")))
    elif offer.tunnel:
        lines.append(Content(f"Does the browser run on another machine? Run this there first: {offer.tunnel}"))
    return Content("\n").join(lines)
