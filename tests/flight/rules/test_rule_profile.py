"""Rule profiles: the built-in ones, and what is refused of one's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from flight.rules.profile import profile_names, read_profile
from vision.errors import PantauError


def test_an_unknown_profile_names_the_known() -> None:
    with pytest.raises(PantauError, match="'atlantis'; known are eu-a3, eu-specific, indonesia"):
        read_profile("atlantis")


@pytest.mark.parametrize("name", ["indonesia", "eu-a3", "eu-specific"])
def test_every_rule_of_a_profile_has_its_article_and_both_languages(name: str) -> None:
    profile = read_profile(name)
    assert name in profile_names() and profile.name == name
    assert {rule.test for rule in profile.rules} == {
        "ceiling",
        "zones",
        "line_of_sight",
        "daylight",
        "checklist",
    }
    assert all(rule.article and rule.text["en"] and rule.text["id"] for rule in profile.rules)
    assert [rule.limit_m for rule in profile.tested("ceiling")] == [120.0]


def test_indonesia_keeps_500_m_beside_prohibited_areas_and_leaves_housing_open() -> None:
    profile = read_profile("indonesia")
    rule = profile.rule_for("prohibited")
    assert rule is not None and rule.margin_m == 500
    assert rule.citation == "PM 37/2020, 2.3; PP 4/2018 (verify)"
    assert profile.rule_for("residential") is None


def test_a_kind_that_no_rule_knows_is_closed() -> None:
    for name in profile_names():
        rule = read_profile(name).rule_for("volcano")
        assert rule is not None and rule.id == "zone"


def test_only_a_rule_with_an_authority_is_lifted() -> None:
    built_up = read_profile("eu-a3").rule_for("residential")
    airport = read_profile("eu-a3").rule_for("airport")
    assert built_up is not None and built_up.margin_m == 150 and not built_up.is_lifted(["built-up"])
    assert airport is not None and airport.is_lifted(["Husein"], "WICC", "husein")
    assert not airport.is_lifted(["Husein"], "WIHH")


def test_checklists_name_what_geometry_cannot_tell() -> None:
    ids = {rule.id for rule in read_profile("indonesia").tested("checklist")}
    assert ids == {
        "one-aircraft",
        "crowds",
        "certificate",
        "registration",
        "weight",
        "observer",
        "privacy",
    }


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "has no"),
        ("rules = 3", "has no"),
        ('[[rules]]\nid = "a"\ntest = "height"', "rule 'a' needs a test, one of ceiling"),
        ('[[rules]]\nid = "a"\ntest = "ceiling"\narticle = "x"', "rule 'a' lacks limit_m"),
        ('[[rules]]\nid = "a"\ntest = "zones"\narticle = "x"\nkinds = ["*"]\nmargin = 3', "unknown margin"),
        (
            '[[rules]]\nid = "a"\ntest = "ceiling"\narticle = "x"\nlimit_m = "high"',
            "length that is no number",
        ),
        ('[[rules]]\nid = "a"\ntest = "checklist"\narticle = "x"', "words in English"),
        ("][", "must be TOML"),
    ],
)
def test_a_profile_of_ones_own_is_checked(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PantauError, match=sentence) as error:
        read_profile(path)
    assert str(path) in str(error.value)


def test_a_profile_of_ones_own_is_read(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    text = '{ en = "Low.", id = "Rendah." }'
    rule = f'id = "low"\ntest = "ceiling"\narticle = "A 1"\nlimit_m = 60\ntext = {text}'
    path.write_text(f"title = {text}\n[[rules]]\n{rule}", encoding="utf-8")
    profile = read_profile(str(path))
    assert profile.name == "own" and profile.rules[0].limit_m == 60
