"""Videos as photos: the frames to look at, each with its camera and pose."""

from pipeline.video.video_reading import read_video

__all__ = ["read_video"]
