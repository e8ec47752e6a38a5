"""The one-off task that brings the database up to date before the API's service moves."""

from infra.components.migration.migration import NAME, Migration, MigrationArgs

__all__ = ["NAME", "Migration", "MigrationArgs"]
