# SPDX-License-Identifier: GPL-3.0-or-later
"""What SMTP, POP3 and IMAP cost: measured, and as the model says."""
