# SPDX-License-Identifier: GPL-3.0-or-later
"""The composer. What is typed is kept after every pause; leaving it open is `escape`, finishing it `ctrl+x`."""

from collections.abc import Mapping
from dataclasses import replace
from time import monotonic

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static, TextArea

from tuimail.engine.engine import Engine
from tuimail.engine.estimate import estimate_for
from tuimail.model.draft import Draft, DraftKind
from tuimail.model.errors import InputWrong
from tuimail.ui.commands import Place
from tuimail.ui.dialogs.prompt import Prompt
from tuimail.ui.editor import edited
from tuimail.ui.screens.busy import Busy
from tuimail.ui.screens.draft_files import DraftFiles
from tuimail.ui.screens.keyed import Action, KeyedScreen
from tuimail.ui.screens.send_bar import SendBar
from tuimail.ui.when import parse_when, until_saved
from tuimail.ui.widgets.body_text import BodyText
from tuimail.ui.widgets.completion import Candidate, CompletionField
from tuimail.ui.widgets.hints import Hints
from tuimail.ui.widgets.message_head import size_text
from tuimail.ui.widgets.status_line import Status, StatusLine
from tuimail.ui.widgets.text_input import TextInput
from tuimail.ui.widgets.toast import Toasts

FIELDS = (("from_", "From"), ("to", "To"), ("cc", "Cc"), ("bcc", "Bcc"), ("subject", "Subject"))
Field = TextInput | CompletionField

_ATTRIBUTES = {"text": "body"}
TRY_AGAIN = 5.0  # seconds
_TITLES = {DraftKind.NEW: "New message", DraftKind.REPLY: "Reply", DraftKind.FORWARD: "Forward"}


class ComposeScreen(KeyedScreen):
    """Writes one draft."""

    AUTO_FOCUS = ""

    def __init__(self, engine: Engine, draft: Draft, *, fresh: bool = False) -> None:
        """``fresh``: the draft was made just now; left untouched it is not worth keeping."""
        super().__init__()
        self.engine = engine
        self.draft = draft
        self._fresh = fresh
        self.is_over = False
        """Whether its draft is finished, and it goes when it is in front."""
        self._timer: Timer | None = None
        self._written = self._begun = draft
        self._unsaved = 0.0
        self._estimate = estimate_for(draft, engine.accounts)
        self._busy = Busy(self)
        # They are asked for what was typed also while the program ends and has taken them off the screen already.
        self._fields = {field: self._input(field) for field, _ in FIELDS}
        self._body = BodyText(draft.body, id="text", soft_wrap=True, show_line_numbers=False, tab_behavior="focus")
        self.files = DraftFiles(self, engine.composer, self._busy, self.keep, self._now)

    def compose(self) -> ComposeResult:
        """Fields, attachments, text."""
        with Vertical(id="compose"):
            for field, label in FIELDS:
                with Horizontal(classes="field"):
                    yield Static(Content(label), classes="label")
                    yield self._fields[field]
                    yield Static("", id=f"problem-{field}", classes="problem")
            yield self.files.line
            yield self._body
        yield Toasts()
        yield StatusLine()
        yield Hints()

    def _input(self, field: str) -> Field:
        value: str = getattr(self.draft, field)
        if field == "subject":
            return TextInput(value, id=f"field-{field}")
        if field == "from_":
            return CompletionField(self._senders, value, id=f"field-{field}")
        return CompletionField(self._people, value, separator=",", id=f"field-{field}")

    def _people(self, typed: str) -> list[Candidate]:
        return [Candidate(str(person)) for person in self.engine.finder.people(typed)]

    def _senders(self, typed: str) -> list[Candidate]:  # noqa: ARG002
        return [Candidate(str(account.account.identity)) for account in self.engine.accounts]

    def field(self, name: str) -> Field:
        """The input of a field of `Draft`."""
        return self._fields[name]

    def on_mount(self) -> None:
        """Put the cursor where writing begins: the first empty field, else the text."""
        super().on_mount()
        body = self._body
        body.cursor_blink = False
        first = next((field for field in ("to", "subject") if not getattr(self.draft, field)), None)
        self.set_focus(self.field(first) if first else body)
        if not first:
            body.move_cursor((0, 0))
        self._show_files()
        hints = self.query_one(Hints)
        hints.place, hints.typing, hints.keymap = Place.COMPOSER, True, self.program.keymap

    @property
    def place(self) -> Place:
        """The composer's keys."""
        return Place.COMPOSER

    @property
    def is_busy(self) -> bool:
        """Whether a long step is going on."""
        return self._busy.is_busy

    # ── keeping what is typed ───────────────────────────────────────────────────────────────────

    @on(TextInput.Changed)
    @on(CompletionField.Changed)
    @on(TextArea.Changed)
    def _typed(self, event: TextInput.Changed | CompletionField.Changed | TextArea.Changed) -> None:
        name = (event.control.id or "").removeprefix("field-")
        if not self._unsaved and self._on_screen(name) == getattr(self.draft, _ATTRIBUTES.get(name, name)):
            return  # the program set it, or it was typed and taken away again
        if self._timer is not None:
            self._timer.stop()
        now = monotonic()
        self._timer = self.set_timer(until_saved(now - (self._unsaved or now)), self._keep_in_passing)
        if not self._unsaved:
            self._unsaved = now
            self.program.refresh_status()
        if name in dict(FIELDS):
            self.query_one(f"#problem-{name}").display = False

    def _keep_in_passing(self) -> None:
        """Save what is typed. Where that fails it stays on the screen, and is tried again."""
        if not self.program.saying.do_unasked(self.keep, "This draft is not saved."):
            self._timer = self.set_timer(TRY_AGAIN, self._keep_in_passing)

    def _on_screen(self, name: str) -> str:
        return self._body.text if name == "text" else self.field(name).value

    @on(TextInput.Submitted)
    @on(CompletionField.Submitted)
    def _entered(self) -> None:
        self.focus_next()

    def on_screen_resume(self) -> None:
        """In front again: the status line tells of this draft, unless it is finished."""
        if self.is_over:
            self.program.close_draft(self.draft.id)
        self.program.refresh_status()

    def own_status(self, status: Status) -> Status:
        """What is written, what is attached, whether it is saved, about what it takes to send it."""
        files = self.draft.attachments
        count = (
            f"{len(files)} file{'s' if len(files) > 1 else ''}, {size_text(sum(file.size for file in files))}" if files else ""
        )
        saved = "" if self.draft == self._begun and not self._unsaved else "typing…" if self._unsaved else "draft saved"
        note = "   ".join(filter(None, (count, saved, self._estimate)))
        return replace(status, place=_TITLES[self.draft.kind], position=0, total=0, marked=0, note=note)

    def keep(self) -> Draft:
        """Save the draft as it stands on the screen: after a pause, on leaving, and on a signal that ends the program."""
        if self.is_mounted:
            fields = {name: field.value for name, field in self._fields.items()}
            draft = replace(self.draft, **fields, body=self._body.text)  # type: ignore[arg-type]
            draft = replace(draft, account=self.engine.composer.account_for(draft))
            if draft != self._written:
                self._now(self.engine.composer.save_text(draft))
            self._unsaved = 0.0
            self.program.refresh_status()
        return self.draft

    # ── commands ────────────────────────────────────────────────────────────────────────────────

    def command(self, name: str) -> Action | None:
        """The composer's own commands."""
        return {
            "send_bar": self._finish,
            "attach": lambda: self.files.choose(self.draft),
            "external_editor": self._external_editor,
            "keep_draft": self._keep_draft,
            "leave_open": self._leave_open,
            "next_pane": self.focus_next_field,
            "previous_pane": lambda: self.focus_next_field(-1),
        }.get(name)

    def focus_next_field(self, step: int = 1) -> None:
        """To the next field, the text last."""
        (self.focus_next if step > 0 else self.focus_previous)()

    async def _finish(self) -> None:
        self._busy.check()
        match await self.ask(SendBar()):
            case "send":
                await self._send()
            case "send_later":
                await self._send_later()
            case "keep_and_close":
                await self._keep_and_close()
            case "discard":
                self._discard()

    def _is_untouched(self) -> bool:
        """Whether it was made just now, and nothing was written since."""
        return self._fresh and self.keep() == self._begun

    def _close_untouched(self) -> None:
        self.engine.composer.discard(self.draft.id)
        self.program.close_draft(self.draft.id)

    def _discard(self) -> None:
        """Throw the draft away, and the copy on the server that it was taken from."""
        draft, engine = self.keep(), self.engine
        if draft.stored is None and self._is_untouched():
            self._close_untouched()
            return
        engine.composer.discard(draft.id)
        on_server = draft.stored is not None and engine.pages.is_listed(draft.stored)
        trashed = engine.actions.trash((draft.stored,)).undo if draft.stored is not None and on_server else None

        def take_back() -> Draft:
            if trashed is not None:
                engine.actions.undo(trashed)
            return engine.composer.restore(draft.id)

        self.program.close_draft(draft.id)
        self.program.offer_undo("Draft discarded", take_back)

    async def _send(self, at: int | None = None) -> None:
        draft = self.keep()
        problems = self.engine.composer.problems(draft)
        self._show_problems(problems)
        if problems:
            unseen = [sentence for field, sentence in problems.items() if field not in dict(FIELDS)]
            if unseen:
                raise InputWrong(unseen[0])
            return
        with self._busy.step("The message is being sent.", "#compose"):
            item = await self.engine.composer.send(draft, at=at)
        self.program.close_draft(draft.id)
        self.program.sent(item)

    async def _send_later(self) -> None:
        typed = await self.ask(Prompt("Send later", help="2h, 30m, 18:30, or 2026-12-24 09:00"))
        if typed:
            await self._send(parse_when(typed))

    async def _keep_and_close(self) -> None:
        with self._busy.step("The draft is being kept.", "#compose"):
            folder = await self.engine.composer.keep_on_server(self.keep())
        self.program.close_draft(self.draft.id)
        self.program.say(f"Draft kept in {folder}")

    def _keep_draft(self) -> None:
        self.keep()
        self.program.say("Draft saved")

    def _leave_open(self) -> None:
        if self._is_untouched():
            self._close_untouched()
            return
        self.keep()
        self.app.pop_screen()
        key = "".join(self.program.keymap.keys_of("next_draft")[:1])
        self.program.say(f"The draft stays open: {key} returns to it")

    @on(BodyText.FilesPasted)
    def _pasted(self, event: BodyText.FilesPasted) -> None:
        async def attach_or_insert() -> None:
            if not await self.files.attach_pasted(event.files):
                self._body.insert(event.text)

        self.run_command(attach_or_insert)

    @on(BodyText.PasteTooLong)
    def _pasted_too_much(self, event: BodyText.PasteTooLong) -> None:
        self.program.show_error(
            InputWrong(
                f"{event.length:,} characters are too many to paste into a letter.",
                "Put them into a file and attach it, or write with an editor of your own.",
            )
        )

    async def _external_editor(self) -> None:
        with edited(self.program, self.engine.editing, self.keep()) as text:
            self._body.text = text
            self.keep()

    def look_for_files(self) -> None:
        """Another program may have attached files: show them. What is typed and not saved yet stays as it is."""
        stored = self.engine.composer.get(self.draft.id)
        if stored is not None and self.is_mounted and stored.attachments != self.draft.attachments:
            self._now(replace(self._written, attachments=stored.attachments))

    def _now(self, draft: Draft) -> None:
        self.draft = self._written = draft
        self._estimate = estimate_for(draft, self.engine.accounts)
        self._show_files()

    def _show_files(self) -> None:
        self.files.show(self.draft)
        self.program.refresh_status()

    def _show_problems(self, problems: Mapping[str, str]) -> None:
        """Name each problem at its field, and go to the first."""
        for field, _ in FIELDS:
            self.query_one(f"#problem-{field}", Static).update(Content(problems.get(field, "")))
            self.query_one(f"#problem-{field}").display = field in problems
        first = next((field for field, _ in FIELDS if field in problems), None)
        if first is not None:
            self.set_focus(self.field(first))
