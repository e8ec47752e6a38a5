"""Pictures and PDFs that a traveller sends."""
