from vision.shapes.outlining import outline_damage

__all__ = ["outline_damage"]
