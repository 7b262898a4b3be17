# SPDX-License-Identifier: GPL-3.0-or-later
"""What one server turned out to be like, so that the next connection to it asks less."""

from dataclasses import dataclass


@dataclass(slots=True)
class ServerMemory:
    """Kept by whoever makes the connections to one account's server; written by every `connect`."""

    greeting: frozenset[str] = frozenset()
    """Capabilities before sign-in, for a greeting that tells none. Not used with STARTTLS: those are asked for each time."""
    offered: frozenset[str] = frozenset()
    """Capabilities after sign-in."""
    pipelines: bool = True
    """Whether the server reads what is said right behind the sign-in; some proxies throw it away."""
