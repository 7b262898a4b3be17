# SPDX-License-Identifier: GPL-3.0-or-later
"""A secret that can be had anew is tried once more when a server does not take it: a token that ended before its time."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from tuimail.backends.port import RenewableSecret, SecretSource
from tuimail.model.errors import SignInNeeded

T = TypeVar("T")


async def renewed_once(secret: SecretSource, sign_in: Callable[[], Awaitable[T]]) -> T:
    """Sign in; after a refusal once more, with another secret where there will be one."""
    try:
        return await sign_in()
    except SignInNeeded:
        if not (isinstance(secret, RenewableSecret) and secret.refused()):
            raise
    return await sign_in()
