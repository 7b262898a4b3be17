# SPDX-License-Identifier: GPL-3.0-or-later
"""What a mail backend has to do, asked of the embedded server and of a real Dovecot alike."""
