"""What is heard: transcripts, ends of turns, languages."""
