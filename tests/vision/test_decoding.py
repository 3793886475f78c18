"""Files become pixels, or a reason."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from vision.decoding import MOST_BYTES, Undecodable, decode_picture, read_picture

ORANGE_RGB = (200, 100, 50)


def encoded(image: Image.Image, form: str, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, form, **options)
    return stream.getvalue()


def orange(mode: str = "RGB") -> Image.Image:
    return Image.new("RGB", (64, 48), ORANGE_RGB).convert(mode)


def noisy_jpeg(**options: object) -> bytes:
    pixels = np.random.default_rng(0).integers(0, 255, (120, 160, 3), dtype=np.uint8)
    return encoded(Image.fromarray(pixels), "JPEG", **options)


HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 100


@pytest.mark.parametrize("content", [b"", b"a text, no picture", b"\xff\xd8\xff\xd9", b"GIF89a", HEIC])
def test_what_is_no_picture_is_undecodable(tmp_path, content):
    file = tmp_path / "photo.jpg"
    file.write_bytes(content)
    found = read_picture(file)
    assert isinstance(found, Undecodable)
    assert found.reason == "not_an_image"


def test_a_missing_file_is_a_reason_and_no_exception(tmp_path):
    assert isinstance(read_picture(tmp_path / "none.jpg"), Undecodable)


@pytest.mark.parametrize(
    ("mode", "form"),
    [
        *[("RGB", form) for form in ("JPEG", "BMP", "GIF", "WEBP", "TIFF", "PPM", "MPO")],
        *[("CMYK", "JPEG"), ("CMYK", "TIFF"), ("RGBA", "PNG"), ("P", "PNG"), ("P", "GIF")],
    ],
)
def test_colours_come_out_as_blue_green_red(mode, form):
    pixels = decode_picture(encoded(orange(mode), form))
    assert pixels.shape == (48, 64, 3)
    assert pixels.dtype == np.uint8
    assert np.abs(pixels[0, 0].astype(int) - ORANGE_RGB[::-1]).max() <= 4


@pytest.mark.parametrize(
    ("mode", "form"), [("L", "JPEG"), ("L", "PNG"), ("LA", "PNG"), ("L", "TIFF"), ("1", "PNG")]
)
def test_grey_becomes_three_equal_channels(mode, form):
    pixels = decode_picture(encoded(orange(mode), form))
    assert pixels.shape == (48, 64, 3)
    assert (pixels == pixels[..., :1]).all()


@pytest.mark.parametrize("suffix", [".png", ".tiff"])
@pytest.mark.parametrize("shape", [(4, 5), (4, 5, 3)])
def test_sixteen_bits_keep_the_upper_eight(suffix, shape):
    content = cv2.imencode(suffix, np.full(shape, 30000, np.uint16))[1].tobytes()
    pixels = decode_picture(content)
    assert pixels.shape == (4, 5, 3)
    assert (pixels == 30000 // 256).all()


def test_a_progressive_jpeg_is_read():
    assert decode_picture(noisy_jpeg(progressive=True)).shape == (120, 160, 3)


def jpeg_that_claims(width_px: int, height_px: int) -> bytes:
    content = bytearray(noisy_jpeg())
    frame = content.find(b"\xff\xc0")
    content[frame + 5 : frame + 9] = struct.pack(">HH", height_px, width_px)
    return bytes(content)


def png_that_claims(width_px: int, height_px: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width_px, height_px, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 9999)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size_px", [(50_000, 50_000), (14_000, 12_500), (65_000, 2_700)])
@pytest.mark.parametrize("claim", [jpeg_that_claims, png_that_claims])
def test_a_small_file_that_claims_to_be_huge_is_refused_before_it_takes_memory(claim, size_px):
    tracemalloc.start()
    found = decode_picture(claim(*size_px))
    assert (type(found), found.reason) == (Undecodable, "too_large")
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()


@pytest.mark.slow
def test_a_hundred_megapixels_are_read():
    content = cv2.imencode(".jpg", np.full((8700, 11600, 3), 90, np.uint8))[1].tobytes()
    assert decode_picture(content).shape == (8700, 11600, 3)


def test_a_file_of_gigabytes_is_not_opened(tmp_path):
    file = tmp_path / "photo.jpg"
    with file.open("wb") as stream:
        stream.truncate(MOST_BYTES + 1)
    assert read_picture(file).reason == "too_large"


def test_heic_is_named(tmp_path):
    assert "HEIC" in decode_picture(HEIC).detail


def test_one_pixel_is_a_picture():
    assert decode_picture(encoded(orange().resize((1, 1)), "PNG")).shape == (1, 1, 3)


def test_stored_pixels_are_not_turned_by_exif():
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: a quarter turn
    assert decode_picture(encoded(orange(), "JPEG", exif=exif)).shape == (48, 64, 3)


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"restart_marker_blocks": 2}])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.95, 0.999])
def test_a_cut_jpeg_is_truncated(options, share):
    content = noisy_jpeg(**options)
    assert not isinstance(decode_picture(content), Undecodable)
    assert decode_picture(content[: int(len(content) * share)]).reason == "truncated"


def test_a_jpeg_that_lost_two_bytes_is_truncated():
    assert decode_picture(noisy_jpeg()[:-2]).reason == "truncated"


def test_a_cut_png_is_truncated():
    content = encoded(orange(), "PNG")
    assert decode_picture(content[:-5]).reason == "truncated"


def test_the_end_of_an_embedded_preview_is_not_the_pictures_end():
    preview = encoded(orange(), "JPEG")
    segment = b"\xff\xe2" + (len(preview) + 2).to_bytes(2, "big") + preview
    content = noisy_jpeg()
    with_preview = content[:2] + segment + content[2:]
    assert decode_picture(with_preview).shape == (120, 160, 3)
    assert decode_picture(with_preview[: len(segment) + 3000]).reason == "truncated"


def test_a_preview_behind_the_picture_does_no_harm():
    appended = noisy_jpeg() + b"\0" * 100 + encoded(orange(), "JPEG")[:-10]
    assert decode_picture(appended).shape == (120, 160, 3)


@pytest.mark.real_data
def test_real_drone_photos_are_read_whole_and_noticed_when_cut(shared):
    file = shared / "data/photos/brighton-beach/DJI_0020.JPG"
    content = file.read_bytes()
    assert (read_picture(file) == cv2.imread(str(file))).all()
    assert decode_picture(content[: len(content) // 2]).reason == "truncated"


@pytest.mark.real_data
def test_a_real_photo_that_lost_its_last_rows_is_truncated(shared: Path):
    assert read_picture(shared / "data/photos/dji-thermal/DJI_XTS.jpg").reason == "truncated"
