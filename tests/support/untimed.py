"""Loaded before a test that uses hypothesis: how long an example takes says what else the machine does.

Speed is measured by the benchmark alone. Only where it is used, because hypothesis takes a second to load.
"""

from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
