"""Mission files of ground stations, written and read."""
