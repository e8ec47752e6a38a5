"""Keeps what is said in a call out of the log, whoever logs it.

The library marks such fields by a `pii` segment in their names and writes them to standard output all the same; errors of
its and others' code quote what they could not read. Both processes of a call have the filter: the one that runs it forwards
records whose text is made already.
"""

import logging
import traceback
from typing import Final

OURS: Final = ("polyglot", "__main__")
"""Loggers whose messages are written by us: constant words, and fields that hold no content."""
SAFE_FIELDS: Final = frozenset(
    {"job_id", "agent_name", "pid", "version", "package", "rtc-version", "url", "region", "port", "id", "function"}
    | {"session", "pipeline", "event", "room_id", "speech_id", "status", "state", "tid"}
)
"""Texts that a library's record may keep; numbers always stay."""
_STANDARD: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}
MARK: Final = "pii"


class WithoutContent(logging.Filter):
    """Takes content out of records; none is dropped."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Strip one record in place."""
        ours = record.name.split(".", maxsplit=1)[0] in OURS
        for name, value in list(vars(record).items()):
            if name in _STANDARD:
                continue
            harmless = ours or name in SAFE_FIELDS or isinstance(value, bool | int | float | None)
            if MARK in name.split(".") or not harmless:
                delattr(record, name)
        self._strip_error(record)
        if not ours:
            # What follows a colon is, in all libraries of a call, what the message is about.
            record.msg, record.args = record.getMessage().split(": ", maxsplit=1)[0].split("\n", maxsplit=1)[0], None
        return True

    def _strip_error(self, record: logging.LogRecord) -> None:
        """An error's place and kind, without its words: those may quote an argument or a transcript."""
        if record.exc_info:
            kind, _, where = record.exc_info
            frames = "".join(traceback.format_tb(where)) if where else ""
            record.exc_text = f"{frames}{kind.__name__ if kind else ''}"
            record.exc_info = None
        elif record.exc_text:
            lines = record.exc_text.splitlines()
            record.exc_text = "\n".join(line for line in lines if line.startswith(" ") or ": " not in line)


def keep_content_out() -> None:
    """Filter whatever this process logs by the handlers it has now; to be called again for later ones."""
    for handler in logging.getLogger().handlers:
        if not any(isinstance(known, WithoutContent) for known in handler.filters):
            handler.addFilter(WithoutContent())
