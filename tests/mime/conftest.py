# SPDX-License-Identifier: GPL-3.0-or-later
"""Generated examples may take the time they need: a busy machine is no failure."""

from hypothesis import HealthCheck, settings

settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")
