# SPDX-License-Identifier: GPL-3.0-or-later
"""``tuimail account add``: the set-up without a screen, on a terminal or from a script."""

import argparse
import getpass
import os
import sys
from dataclasses import replace

from tuimail.cli.account import print_checked, print_steps
from tuimail.cli.program import program_of
from tuimail.cli.questions import agreed, certificates_remembered, typed
from tuimail.engine.account_form import AccountForm
from tuimail.engine.new_account import NewAccount, SetupState
from tuimail.engine.remedies import app_password, browser_only
from tuimail.model.account import AuthMethod
from tuimail.model.check import CheckedAccount, CheckStep
from tuimail.model.discovery import Trial, TrialState, Trust
from tuimail.model.errors import ExitStatus, FileProblem, InputWrong, Offline, ServerRefused, SignInNeeded, TuimailError
from tuimail.model.text import safe_line
from tuimail.model.typed_path import typed_path

_TRIES = 3
"""As often may a password be typed for the same servers."""
_SIGNS = {TrialState.FOUND: "✓", TrialState.NOTHING: "·", TrialState.FAILED: "·"}


async def add_account(options: argparse.Namespace) -> int:
    """Find the servers of an address, or take those that were named; sign in to them; save."""
    return await _Adding(options).run()


class _Adding:
    """One run of the command."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._setup = program_of(options).setup(options.home, verbose=options.verbose)
        self._asks = sys.stdin.isatty() and not options.password_stdin
        self._quiet = options.json
        self._talks = self._asks and not self._quiet
        self._by_page = bool(options.by)
        self._forgetful = False

    async def run(self) -> int:
        self._setup.accounts()
        email = self._options.email or (typed("E-mail address: ") if self._asks else "")
        new = self._setup.begin(email, self._tell, name=self._options.name)
        try:
            return await self._add(new)
        finally:
            await new.close()

    async def _add(self, new: NewAccount) -> int:
        await self._servers(new)
        self._confirm(new)
        secret = await self._signed_in(new) if self._by_page else self._secret(new)
        outcome, secret = await self._settled(new, secret)
        failed = outcome is not SetupState.SIGNED_IN
        checked = CheckedAccount(new.account.key, new.steps)
        if failed and not (self._options.yes or (self._asks and agreed("Save the account anyway?"))):
            if self._by_page and self._setup.sign_in is not None:
                await self._setup.sign_in.forget(new.account)
            self._tell_steps(checked, but=checked.worst)
            raise _nothing_saved(checked, told=self._talks)
        self._tell_steps(checked)
        account, kept = await new.save(secret)
        self._say(f"Account {account.key} saved.")
        if self._forgetful:
            self._say("There is no safe keyring here: at the next start tuimail account sign-in is needed again.")
        if not kept:
            self._say("There is no safe keyring here: the password will be asked for at each start (or set password_command).")
        return ExitStatus.OK

    async def _settled(self, new: NewAccount, secret: str) -> tuple[SetupState, str]:
        """Sign in; on a terminal again, after what can be mended there: a certificate that is not trusted, a mistyped password.

        How it ended, and the password that was given last.
        """
        tries = _TRIES
        while True:
            outcome = await new.attempt(secret)
            if outcome is SetupState.CONFIRM:
                self._confirm(new)
                continue
            if self._talks:
                print_steps(new.steps)
            if outcome is not SetupState.FAILED or not self._talks or self._options.yes:
                return outcome, secret
            if await certificates_remembered(self._setup, new):
                continue
            tries -= 1
            if not tries or not new.password_refused or new.uses_token:
                return outcome, secret
            again = getpass.getpass("Password, once more (not shown; enter alone: no more): ")
            if not again:
                return outcome, secret
            secret = again

    def _tell_steps(self, checked: CheckedAccount, but: CheckStep | None = None) -> None:
        """Where it was not told yet, how signing in went; ``but`` the step that is going to be told as the error."""
        if self._quiet:
            print_checked([checked])
        elif not self._talks:
            print_steps([step for step in checked.steps if step is not but])

    async def _servers(self, new: NewAccount) -> None:
        """Leave `NewAccount.proposal` filled in. Raises what keeps mail programs out."""
        options = self._options
        named = AccountForm(new.email, new.name, username=options.username, ca_file=_readable(options.ca_file))
        if options.imap or options.pop3:
            new.use(replace(named, imap=options.imap, pop3=options.pop3, smtp=options.smtp))
            return
        self._say(f"Looking for the servers of {new.email} …")
        if await new.look() is None:
            if not self._asks:
                raise Offline(
                    f"No servers were found for {new.email}.", "Name them with --imap and --smtp, and check the network."
                )
            self._ask_servers(new)
        elif new.provider.closed:
            raise ServerRefused(new.provider.notice, new.provider.link)
        elif not new.provider.takes_password:
            self._by_page = True
        elif more := {key: getattr(options, key) for key in ("smtp", "username", "ca_file") if getattr(options, key)}:
            self._confirm(new)  # what is typed is known, the rest was only found
            new.use(replace(new.form, **more))

    def _ask_servers(self, new: NewAccount) -> None:
        """Ask on the terminal, with the likeliest names to be taken by enter."""
        form = new.form
        for field, question in (("imap", "IMAP server"), ("smtp", "SMTP server")):
            while True:
                server = typed(f"{question} [{getattr(form, field)}]: ") or getattr(form, field)
                trial = replace(form, **{field: server})
                problem = trial.problems().get(field)
                if problem is None:
                    break
                print(problem)
            form = trial
        new.use(form)

    def _confirm(self, new: NewAccount) -> None:
        """Nothing goes to servers that the user has to see first. Raises InputWrong when they are not agreed to."""
        if not new.unconfirmed:
            return
        assert new.proposal is not None
        hosts = " and ".join(new.unconfirmed)
        told = f"Mail for {new.email} is at {hosts}, says: {new.proposal.source}."
        unsigned = new.proposal.trust <= Trust.DNS
        if self._asks:
            print(told)
            fine = agreed("Send the password there?")
        else:
            fine = self._options.yes and not unsigned
        if not fine:
            why = "Nothing vouches for that, so nothing was sent or saved." if unsigned else "Nothing was sent or saved."
            raise InputWrong(f"{told} {why}", f"If it is right, name the servers: {_as_options(new)}")
        new.confirm()

    async def _signed_in(self, new: NewAccount) -> str:
        """Sign in at the provider's page; there is no password."""
        from tuimail.cli.sign_in import sign_in_at_provider

        new.by_token()
        way = self._setup.sign_in
        if way is None:
            raise SignInNeeded(browser_only(new.provider))
        self._forgetful = not await sign_in_at_provider(way, new.account, self._options.by, new.provider.oauth.issuer)
        return ""

    def _secret(self, new: NewAccount) -> str:
        signing_in = new.proposal is not None and any(server.auth is not AuthMethod.NONE for server in new.proposal.servers)
        if self._options.password_stdin:
            secret = sys.stdin.readline().rstrip("\r\n")
            if signing_in and not secret:
                raise InputWrong("Standard input holds no password.", "Write it there, on one line.")
            return secret
        if not signing_in:
            return ""
        if not self._asks:
            raise InputWrong("A password is needed.", "Give it on standard input, with --password-stdin.")
        if new.provider.notice:
            print(new.provider.notice)
        if new.provider.wants_app_password:
            print(app_password(new.provider))
        return getpass.getpass("Password (not shown): ")

    def _tell(self, trial: Trial) -> None:
        if trial.state is not TrialState.ASKING:
            told = ": ".join(filter(None, (trial.detail, trial.servers)))
            self._say(f"  {_SIGNS[trial.state]} {trial.source}  {told or 'nothing'}")

    def _say(self, text: str) -> None:
        if not self._quiet:
            print(text, flush=True)


def _as_options(new: NewAccount) -> str:
    form = new.form
    named = (("--imap", form.imap), ("--pop3", form.pop3), ("--smtp", form.smtp))
    return " ".join(f"{option} {text}" for option, text in named if text)


def _readable(ca_file: str) -> str:
    """The name of the file, which is there. Raises FileProblem."""
    if ca_file:
        try:
            os.close(os.open(typed_path(ca_file), os.O_RDONLY | os.O_NONBLOCK))
        except OSError as error:
            raise FileProblem(
                f"{safe_line(ca_file)} cannot be opened: {error.strerror}.", "Check the path behind --ca-file."
            ) from error
    return ca_file


def _nothing_saved(checked: CheckedAccount, *, told: bool) -> TuimailError:
    """The error of the step that failed, as the reason for saving nothing; without it where the user has just read it."""
    step = checked.worst
    if step is None or step.error is None:
        return Offline("Nothing was saved.", "No server was found that answers.")
    if told:
        return type(step.error)("Nothing was saved.")
    where = "" if step.server in step.detail else f"{step.server}: "
    return type(step.error)(f"Nothing was saved. {where}{step.detail}", step.advice)
