"""Checks of the installation."""

from __future__ import annotations

import sys

from vision import environment


def test_this_installation_is_well():
    assert environment.check_python().ok
    assert environment.check_requirements("pantau").ok
    assert environment.check_opencv_builds().ok
    assert environment.check_import("json").ok


def test_a_missing_module_names_the_remedy():
    check = environment.check_import("no_such_module", "pip install it")
    assert not check.ok
    assert "no_such_module" in check.detail
    assert check.remedy == "pip install it"


def test_a_missing_system_library_names_its_package(tmp_path, monkeypatch):
    text = "libGL.so.1: cannot open shared object file: No such file or directory"
    (tmp_path / "needs_gl.py").write_text(f"raise ImportError({text!r})", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    check = environment.check_import("needs_gl")
    assert not check.ok
    assert "libgl1" in check.remedy


def test_an_old_python_is_told(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 9, 1))
    check = environment.check_python()
    assert (check.ok, check.detail) == (False, "3.9.1")


def test_two_builds_of_opencv_are_told(monkeypatch):
    monkeypatch.setattr(environment, "version", lambda name: "5.0")
    check = environment.check_opencv_builds()
    assert not check.ok
    assert "pip uninstall" in check.remedy


def test_a_missing_dependency_is_named(monkeypatch):
    monkeypatch.setattr(
        environment, "requires", lambda name: ["numpy>=2", "atlantis>=1", "ruff; extra == 'dev'"]
    )
    check = environment.check_requirements("pantau")
    assert (check.ok, check.detail, check.remedy) == (False, "missing: atlantis", "pip install atlantis")
