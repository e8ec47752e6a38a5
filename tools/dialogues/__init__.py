"""Scripted conversations, spoken by the travellers' clips in real calls and graded."""
