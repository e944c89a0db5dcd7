"""The cities and the ways of governing them, read from settings."""
