"""Which version this is."""

from importlib.metadata import PackageNotFoundError, version


def api_version() -> str:
    """Version of the installed package."""
    try:
        return version("polyglot")
    except PackageNotFoundError:
        return "0"
