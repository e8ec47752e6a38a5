"""What survives a task: database and cache."""

from infra.components.data.data import Data
from infra.components.data.database import Database
from infra.components.data.store import StoreArgs
from infra.components.data.valkey import Cache

__all__ = ["Cache", "Data", "Database", "StoreArgs"]
