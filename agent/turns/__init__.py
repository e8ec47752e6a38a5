"""The turns of a call: what was asked, what runs for it, how it is answered."""
