"""Finds, compares and watches flights."""
