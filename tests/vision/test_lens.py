import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision.camera import Camera
from vision.lens import BrownLens, FisheyeLens, Lens, PinholeLens

coefficients = st.tuples(
    st.floats(-0.6, 0.6), st.floats(-0.6, 0.6), st.floats(-0.05, 0.05), st.floats(-0.05, 0.05),
    st.floats(-0.4, 0.4),
)  # fmt: skip
fisheyes = st.builds(
    lambda *numbers: FisheyeLens(numbers[:3], (1.0, *numbers[3:])),
    st.floats(-0.2, 0.2), st.floats(-0.2, 0.2), st.floats(-0.1, 0.1),
    st.floats(-0.05, 0.05), st.floats(-0.05, 0.05), st.floats(0.9, 1.1),
)  # fmt: skip
lenses = st.one_of(coefficients.map(lambda numbers: BrownLens(*numbers)), fisheyes)
azimuths = st.floats(0, 2 * np.pi)
off_axis = st.floats(0, 80)
BARREL = BrownLens(-0.3, 0.0, 0.0, 0.0, 0.0)  # folds back where 1 = 3 · 0.3 r²
FOLD = 1 / np.sqrt(0.9)


def direction(off_axis_deg: float, azimuth: float) -> np.ndarray:
    return np.tan(np.radians(off_axis_deg)) * np.array([[np.cos(azimuth), np.sin(azimuth)]])


@pytest.mark.parametrize("lens", [PinholeLens(), BARREL, FisheyeLens((-0.1,))])
def test_no_directions_are_no_places_and_the_axis_is_the_middle(lens: Lens) -> None:
    assert lens.distort(np.empty((0, 2))).shape == lens.undistort(np.empty((0, 2))).shape == (0, 2)
    assert (lens.distort(np.zeros((1, 2))) == 0).all() and (lens.undistort(np.zeros((1, 2))) == 0).all()


@given(lenses, off_axis, azimuths)
def test_what_a_lens_shows_is_found_again_exactly(lens: Lens, angle: float, azimuth: float) -> None:
    there = direction(angle, azimuth)
    place = lens.distort(there)
    if np.isfinite(place).all():
        assert lens.undistort(place) == pytest.approx(there, abs=1e-7)


@given(lenses, st.floats(-1.5, 1.5), st.floats(-1.5, 1.5))
def test_a_place_in_the_picture_has_one_direction_or_none(lens: Lens, x: float, y: float) -> None:
    place = np.array([[x, y]])
    there = lens.undistort(place)
    if np.isfinite(there).all():
        assert lens.distort(there) == pytest.approx(place, abs=1e-11)


@given(lenses, azimuths)
def test_places_move_outwards_with_their_direction(lens: Lens, azimuth: float) -> None:
    rays = np.vstack([direction(angle, azimuth) for angle in np.linspace(0, 85, 50)])
    places = lens.distort(rays)
    known = np.isfinite(places[:, 0])
    assert known[0] and not (np.diff(known.astype(int)) > 0).any()  # once outside, outside for good
    steps = np.diff(places[known], axis=0)
    assert ((steps * direction(45, azimuth)).sum(axis=1) > 0).all()


def test_outside_of_its_field_a_lens_shows_nothing() -> None:
    """At twice the fold a barrel's polynomial comes back to the other side of the picture."""
    assert np.isfinite(BARREL.distort(np.array([[0.99 * FOLD, 0.0]]))).all()
    assert np.isnan(BARREL.distort(np.array([[1.01 * FOLD, 0.0], [0.0, 2 * FOLD]]))).all()
    farthest = 2 / 3 * FOLD
    assert np.isnan(BARREL.undistort(np.array([[1.001 * farthest, 0.0], [3.0, 3.0], [np.nan, 0.0]]))).all()
    assert np.isfinite(BARREL.undistort(np.array([[0.999 * farthest, 0.0]]))).all()


@given(coefficients, off_axis, azimuths)
def test_the_jacobian_is_that_of_the_model(
    numbers: tuple[float, float, float, float, float], angle: float, azimuth: float
) -> None:
    lens, there, step = BrownLens(*numbers), direction(angle / 2, azimuth), 1e-6
    beside = there + step * np.array([[1, 0], [-1, 0], [0, 1], [0, -1]])
    places = lens.distort(beside)
    if np.isfinite(places).all():
        (xx, yx), (xy, yy) = (places[0] - places[1]) / (2 * step), (places[2] - places[3]) / (2 * step)
        assert np.concatenate(lens.jacobian(there)) == pytest.approx([xx, xy, yy], abs=1e-6)
        assert xy == pytest.approx(yx, abs=1e-6)


def test_brown_is_opencvs() -> None:
    cv2 = pytest.importorskip("cv2")
    numbers = (0.05, -0.08, 0.001, -0.0007, 0.03)
    points = np.array([[0.1, 0.2, 1.0], [-0.4, 0.3, 1.0], [0.5, -0.4, 1.0]])
    theirs, _ = cv2.projectPoints(points, np.zeros(3), np.zeros(3), np.eye(3), np.array(numbers))
    assert BrownLens(*numbers).distort(points[:, :2]) == pytest.approx(theirs[:, 0], abs=1e-12)


def test_pix4ds_fisheye() -> None:
    """Its matrix has the radius of the circle at 90°, a polynomial of 1 puts angles in proportion."""
    lens, focal_px = FisheyeLens.from_pix4d((1800.0, 0.0, 0.0, 1800.0), (0.0, 1.0))
    assert focal_px * np.pi / 2 == pytest.approx(1800)
    assert focal_px * lens.distort(direction(45, 0.0)) == pytest.approx(np.array([[900.0, 0.0]]))
    lens, focal_px = FisheyeLens.from_pix4d(
        (2203.93, 1.0, -2.0, 2210.0), (0.0, 1.0, -0.0561, 0.0351, -0.0953)
    )
    t = 40 / 90
    rho = t - 0.0561 * t**2 + 0.0351 * t**3 - 0.0953 * t**4
    expected = rho * np.array([[2203.93, 1.0], [-2.0, 2210.0]]) @ [0.6, 0.8]
    assert focal_px * lens.distort(direction(40, np.arctan2(0.8, 0.6))) == pytest.approx(expected[None])


@pytest.mark.parametrize(
    ("matrix", "polynomial"),
    [((0.0, 0.0, 0.0, 1.0), (0.0, 1.0)), ((1.0, 0.0, 0.0, 1.0), ()), ((1.0, 0.0, 0.0, 1.0), (0.1, 1.0)),
     ((1.0, 0.0, 0.0, -1.0), (0.0, 1.0)), ((1.0, 0.0, 0.0, 1.0), (0.0, -1.0))],
)  # fmt: skip
def test_what_is_no_fisheye(matrix: tuple[float, ...], polynomial: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="no lens"):
        FisheyeLens.from_pix4d(matrix, polynomial)  # type: ignore[arg-type]


def test_a_fisheye_camera_agrees_with_its_lens() -> None:
    lens, focal_px = FisheyeLens.from_pix4d((1500.0, 0.0, 0.0, 1500.0), (0.0, 1.0, -0.03, 0.16))
    camera = Camera("fisheye", 1280, 960, focal_px, 650.0, 470.0, fisheye=lens)
    pixel = camera.project(np.array([[0.3, -0.2, 1.0]]))
    assert pixel == pytest.approx([650, 470] + focal_px * lens.distort(np.array([[0.3, -0.2]])))
    assert camera.rays(pixel) == pytest.approx(np.array([[0.3, -0.2, 1.0]]), abs=1e-9)
