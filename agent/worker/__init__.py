"""The process that takes calls: registration, health, drain, its place among others."""
