import untimed  # noqa: F401 - before the first property is declared
