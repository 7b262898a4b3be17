# SPDX-License-Identifier: GPL-3.0-or-later
"""``tuimail doctor``: what works, what does not, and what to do, for one account or for all."""

import argparse
import asyncio
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tuimail import __version__
from tuimail.cli.account import shape
from tuimail.cli.output import in_utf8, print_json, print_lines, write_file
from tuimail.cli.program import Examination, program_of
from tuimail.model.account import Account
from tuimail.model.check import CheckedAccount, CheckStep, StepStatus
from tuimail.model.errors import ExitStatus, InputWrong, TuimailError
from tuimail.model.text import safe_line

_MARKS = {StepStatus.OK: "✓", StepStatus.WARN: "!", StepStatus.FAIL: "✗"}
_COLOURS = {StepStatus.OK: "32", StepStatus.WARN: "33", StepStatus.FAIL: "31"}
_STEP_COLUMN = 20
_QUESTION = "Send a message to yourself and see it arrive? [y/N] "


@dataclass(slots=True)
class _Findings:
    """All that was found."""

    program: list[CheckStep] = field(default_factory=list)
    accounts: list[CheckedAccount] = field(default_factory=list)

    @property
    def steps(self) -> list[CheckStep]:
        """Of the program and all accounts."""
        return [*self.program, *(step for account in self.accounts for step in account.steps)]

    @property
    def exit_status(self) -> int:
        """Of the worst step."""
        return max((step.exit_status for step in self.steps), default=ExitStatus.OK)


def doctor(options: argparse.Namespace) -> int:
    """Examine, show, and end with the status of what is worst."""
    examination = program_of(options).examination(options.home, verbose=options.verbose)
    say = _show if not options.json else _nothing
    in_utf8()
    findings = asyncio.run(_examine(options, examination, say))
    if options.json:
        accounts = [{"name": each.name, "steps": [shape(step) for step in each.steps]} for each in findings.accounts]
        print_json({"accounts": accounts, "program": [shape(step) for step in findings.program]})
    else:
        print_lines(["", _summary(findings)])
    if options.report:
        _write_report(Path(options.report), examination, findings)
        if not options.json:
            print_lines([f"The report is in {options.report}: read it before you attach it."])
    return findings.exit_status


async def _examine(options: argparse.Namespace, examination: Examination, say: Callable[[CheckStep | str], None]) -> _Findings:
    findings = _Findings()
    accounts, broken = _accounts(options, examination)
    say("tuimail")
    for step in await examination.doctor.health():
        findings.program.append(step)
        say(step)
    if broken is not None:
        return findings
    oneself = bool(accounts) and _mail_oneself(options)
    for account in accounts:
        say(f"{account.key} ({account.identity.email})")
        steps = []
        async for step in examination.doctor.examine(account, mail_oneself=oneself):
            steps.append(step)
            say(step)
        findings.accounts.append(CheckedAccount(account.key, tuple(steps)))
    return findings


def _accounts(options: argparse.Namespace, examination: Examination) -> tuple[list[Account], TuimailError | None]:
    """Those that are asked for. What is wrong with the configuration is a finding of its own."""
    wanted = options.name or options.account
    try:
        everybody = examination.accounts()
    except TuimailError as error:
        return [], error
    accounts = [account for account in everybody if wanted in ("", account.key, account.identity.email)]
    if wanted and not accounts:
        raise InputWrong(f"There is no account “{safe_line(wanted)}”.", "tuimail account list shows the names.")
    return accounts, None


def _mail_oneself(options: argparse.Namespace) -> bool:
    """Whether the user wants a message to go out."""
    if options.yes:
        return True
    if options.json or not (sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    return input(_QUESTION).strip().lower() in ("y", "yes")


def _show(step: CheckStep | str) -> None:
    """One line for a step, one more for its remedy; a text is a heading."""
    coloured = sys.stdout.isatty() and "NO_COLOR" not in os.environ

    def paint(text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if coloured else text

    if isinstance(step, str):
        print(f"\n{paint(safe_line(step), '1')}")
        return
    took = f"  ({step.seconds:.1f} s)" if step.seconds >= 1 else ""
    mark = paint(_MARKS[step.status], _COLOURS[step.status])
    print(f"  {mark} {step.step:{_STEP_COLUMN}}  {safe_line(step.detail)}{took}")
    if step.advice:
        print(f"    {'':{_STEP_COLUMN}}  → {safe_line(step.advice)}", flush=True)


def _nothing(_: CheckStep | str) -> None:
    """With ``--json`` the document is all that is printed."""


def _summary(findings: _Findings) -> str:
    count = {status: sum(step.status is status for step in findings.steps) for status in StepStatus}
    if not count[StepStatus.FAIL]:
        warnings = f", {count[StepStatus.WARN]} to be known" if count[StepStatus.WARN] else ""
        return f"All is well: {count[StepStatus.OK]} steps{warnings}."
    first = next(step for step in findings.steps if step.status is StepStatus.FAIL)
    more = f" and {count[StepStatus.FAIL] - 1} more" if count[StepStatus.FAIL] > 1 else ""
    return f"Not well: {first.step}{more}. What to do stands behind the arrow."


def _write_report(file: Path, examination: Examination, findings: _Findings) -> None:
    """What can be attached to a bug: no secret, no mail, and nothing that tells whose mail it is."""
    lines = [f"tuimail {__version__}, Python {sys.version.split()[0]}, {sys.platform}"]
    for title, steps in [("program", findings.program), *((each.name, list(each.steps)) for each in findings.accounts)]:
        lines += ["", title]
        for step in steps:
            lines.append(f"  {step.status:4}  {step.step}  {step.server}  {step.detail}  ({step.seconds:.2f} s)")
            lines += [f"        → {step.advice}"] if step.advice else []
    lines += ["", "dialogue", *(f"  {line}" for line in examination.dialogue())]
    text = examination.redact("\n".join(lines)) + "\n"
    write_file(file, text)
