"""What a stack can be told: one typed model, read from `pulumi config`."""

from infra.settings.loading import SettingsError, load, of_file, parse
from infra.settings.model import Settings

__all__ = ["Settings", "SettingsError", "load", "of_file", "parse"]
