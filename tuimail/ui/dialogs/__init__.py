# SPDX-License-Identifier: GPL-3.0-or-later
"""Dialogs that lie over a screen, each imported when it is first shown: a start shows none."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tuimail.ui.dialogs.choose import Choose as Choose
    from tuimail.ui.dialogs.choose_folder import ChooseFolder as ChooseFolder
    from tuimail.ui.dialogs.confirm import Confirm as Confirm
    from tuimail.ui.dialogs.error import ErrorDialog as ErrorDialog
    from tuimail.ui.dialogs.fetching import Fetching as Fetching
    from tuimail.ui.dialogs.password import Password as Password
    from tuimail.ui.dialogs.prompt import Prompt as Prompt
    from tuimail.ui.dialogs.sign_in import SignInDialog as SignInDialog
    from tuimail.ui.widgets.choice_list import Choice as Choice

_WHERE = {
    "Choice": "tuimail.ui.widgets.choice_list",
    "Choose": "tuimail.ui.dialogs.choose",
    "ChooseFolder": "tuimail.ui.dialogs.choose_folder",
    "Confirm": "tuimail.ui.dialogs.confirm",
    "ErrorDialog": "tuimail.ui.dialogs.error",
    "Fetching": "tuimail.ui.dialogs.fetching",
    "Password": "tuimail.ui.dialogs.password",
    "Prompt": "tuimail.ui.dialogs.prompt",
    "SignInDialog": "tuimail.ui.dialogs.sign_in",
}


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_WHERE[name]), name)
