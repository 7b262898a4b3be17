# SPDX-License-Identifier: GPL-3.0-or-later
"""What the set-up may have to ask beside address and password, and with which answers."""

from collections.abc import Sequence
from dataclasses import dataclass

from textual import on
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message

from tuimail.engine.new_account import NewAccount, SetupState
from tuimail.engine.remedies import app_password, browser_only
from tuimail.model.discovery import Trust
from tuimail.ui.dialogs.dialog import Buttons, words

AGREE = ("Send it there", "y", "agree")
TRY_AGAIN = ("Try again", "t", "try_again")
OTHER_SERVERS = ("Name other servers", "n", "by_hand")
SERVERS = ("Name the servers", "n", "by_hand")
SAVE_ANYWAY = ("Save anyway", "s", "save")
OTHER_ADDRESS = ("Another address", "a", "other_address")
# Without letters: these come up while a password may be being typed.
ADDRESS_AGAIN = ("Another address", "", "other_address")
SERVERS_NOW = ("Name the servers", "", "by_hand")
LEAVE = ("Leave", "", "leave")
PAGE = ("Sign in in the browser", "", "by_page")


@dataclass(frozen=True, slots=True)
class Question:
    """A text, answers (label, key, what to do), and which of them enter gives."""

    text: str
    answers: tuple[tuple[str, str, str], ...]
    chosen: int = 0
    retype: bool = False
    """The password is what may be wrong: its field keeps the focus."""


def question_for(new: NewAccount, outcome: SetupState, *, page: bool = False) -> Question:
    """What to ask where setting up cannot go on by itself. ``page``: the provider's page can be opened."""
    match outcome:
        case SetupState.CONFIRM:
            return Question(_whether_to_send(new), (AGREE, OTHER_SERVERS), chosen=1)
        case SetupState.CLOSED:
            return Question("", (ADDRESS_AGAIN, LEAVE))
        case SetupState.BROWSER if page:
            return Question("", (PAGE, SERVERS_NOW, ADDRESS_AGAIN))
        case SetupState.BROWSER:
            return Question("", (SERVERS_NOW, ADDRESS_AGAIN), chosen=1)
        case SetupState.FAILED if new.password_refused and not new.uses_token:
            return Question("Type the password again, or:", (OTHER_SERVERS, SAVE_ANYWAY), retype=True)
        case SetupState.FAILED:
            return Question("Signing in did not work, so nothing was saved.", (TRY_AGAIN, OTHER_SERVERS, SAVE_ANYWAY))
        case _:
            text = "Nobody knows the servers of this address. Its provider's help pages do: look for IMAP and SMTP."
            return Question(text, (SERVERS, OTHER_ADDRESS))


def notice_for(new: NewAccount, *, page: bool = False) -> Content:
    """What the provider's users have to know, with its link. ``page`` as above."""
    provider = new.provider
    if provider.closed:
        lines, link = [provider.notice], provider.link
    elif not provider.takes_password and page:
        lines, link = [f"{provider.label or 'The provider'} takes no password here: sign in in the browser."], ""
    elif not provider.takes_password:
        lines, link = [browser_only(provider)], ""
    else:
        lines = [provider.notice or (app_password(provider) if provider.wants_app_password else "")]
        link = provider.app_password_link or provider.enable_link or provider.link
    shown = [Content(line) for line in lines if line]
    return Content("\n").join([*shown, *([Content.styled(link, "$accent underline")] if link and shown else [])])


def _whether_to_send(new: NewAccount) -> str:
    assert new.proposal is not None
    why = (
        "Nothing vouches for that: look whether you know these names."
        if new.proposal.trust <= Trust.DNS
        else "That is outside the domain of your address."
    )
    hosts = " and ".join(new.unconfirmed)
    return f"Mail for {new.email} is at {hosts}, says: {new.proposal.source}. {why} Send the password there?"


class Asking(Vertical):
    """The place of the question."""

    DEFAULT_CSS = """
    Asking { height: auto; max-width: 100; display: none; }
    Asking Static { height: auto; margin: 0 0 1 0; }
    Asking Buttons { background: $background; }
    """

    @dataclass
    class Answered(Message):
        """What to do."""

        what: str

    def __init__(self) -> None:
        super().__init__()
        self._answers: Sequence[tuple[str, str, str]] = ()

    @property
    def open(self) -> bool:
        """Whether an answer is wanted."""
        return bool(self._answers)

    def ask(self, question: Question) -> None:
        """Show a question instead of the last one."""
        self.forget()
        self._answers = question.answers
        labels, keys = [label for label, _, _ in question.answers], [key for _, key, _ in question.answers]
        buttons = Buttons(labels, keys, chosen=question.chosen)
        self.mount(*([words(question.text)] if question.text else []), buttons)
        self.display = True

    def take_focus(self) -> None:
        """Let the buttons have the keys, as soon as they are there."""
        self.call_after_refresh(lambda: [buttons.focus() for buttons in self.query(Buttons)])

    def forget(self) -> None:
        """Ask nothing."""
        self._answers = ()
        self.remove_children()
        self.display = False

    @on(Buttons.Pressed)
    def _pressed(self, event: Buttons.Pressed) -> None:
        event.stop()
        if event.index < len(self._answers):
            self.post_message(self.Answered(self._answers[event.index][2]))
