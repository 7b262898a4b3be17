# SPDX-License-Identifier: GPL-3.0-or-later
"""Modal questions. Each is a `ModalScreen` that dismisses with its answer, or with None on escape."""
