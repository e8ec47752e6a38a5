"""Files that a traveller sends into a call, as a LiveKit byte stream (`sendFile`) of topic `polyglot.file`.

They are looked at in the call's own process, kept nowhere, and never run; what they are is said by their first bytes, not
by their name. What is read of them enters the conversation as text, and is kept as little or as much as what is said.
"""

from typing import Final

TOPIC_FILE: Final = "polyglot.file"
FILE_MOST: Final = 5_000_000
"""Bytes."""
FILES_MOST: Final = 5
"""In one call."""
PDF: Final = "application/pdf"
TYPES: Final = ("image/jpeg", "image/png", "image/webp", PDF)
