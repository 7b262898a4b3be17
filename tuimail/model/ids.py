# SPDX-License-Identifier: GPL-3.0-or-later
"""Identifiers of rows in the store. They are ours; a server never sees them."""

from typing import NewType

AccountId = NewType("AccountId", int)
FolderId = NewType("FolderId", int)
MessageId = NewType("MessageId", int)
"""A message row, stable for the life of the store. Not the Message-ID header field."""
ActionId = NewType("ActionId", int)
DraftId = NewType("DraftId", int)
OutboxId = NewType("OutboxId", int)
UndoId = NewType("UndoId", int)
"""One gesture of the user that can be taken back."""
