"""One call: what it knows, how it begins, changes and ends, and what it shares with page and API."""
