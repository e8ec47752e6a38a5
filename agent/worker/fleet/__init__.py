"""One worker among others: what it reports, what protects its calls, and when it retires.

A task with a live call is protected, so neither a deploy nor a scale-in stops it. ECS sends a protected task no signal,
so an old worker must notice by itself that a newer version runs; else it would take new calls for ever.
"""

from agent.worker.fleet.member import Member

__all__ = ["Member"]
