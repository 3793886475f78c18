"""What is wrong with paved surfaces beside damage: `from vision.surface import find_neglect`."""

from vision.surface.neglect import find_neglect

__all__ = ["find_neglect"]
