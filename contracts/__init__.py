"""Wire types and names shared by the API, the agent, the emulator and the command line.

Nothing here imports the rest of the project (checked by import-linter); every other package may import this one.
"""

from contracts.names import AGENT_NAME, WIRE_VERSION, agent_name

__all__ = ["AGENT_NAME", "WIRE_VERSION", "agent_name"]
