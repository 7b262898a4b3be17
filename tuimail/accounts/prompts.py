# SPDX-License-Identifier: GPL-3.0-or-later
"""Who answers when a secret is asked for and no screen is there (`tuimail.accounts.secrets.Prompt`)."""

import asyncio
from collections.abc import Awaitable, Callable

from tuimail.model.account import Account, ServerAddress


async def on_terminal(account: Account, server: ServerAddress) -> str:
    """Ask without showing what is typed."""
    import getpass

    question = f"Password of {server.username} at {server.host} (account {account.key}; not shown): "
    return await asyncio.to_thread(getpass.getpass, question)


def always(secret: str) -> Callable[[Account, ServerAddress], Awaitable[str]]:
    """The same answer to everything."""

    async def answer(account: Account, server: ServerAddress) -> str:  # noqa: ARG001
        return secret

    return answer
