"""What is installed from a wheel: our two packages, with every file they read at run time."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "--quiet",
            "--no-deps",
            "--no-build-isolation",
            "-w",
            folder,
            ROOT,
        ],
        check=True,
        capture_output=True,
    )
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_our_packages_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {n.split("/")[0] for n in names if ".dist-info" not in n} == {
        "causalcopilot",
        "causalcopilot_tools",
    }


def test_the_wheel_holds_every_data_file(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder, ending in (("prompts", ".md"), ("datasets", ".toml")):
        for file in (ROOT / folder).glob(f"*{ending}"):
            assert f"causalcopilot/{folder}/{file.name}" in names
    for package in ("causalcopilot", "tools/causalcopilot_tools"):
        for file in (ROOT / package).rglob("*"):
            if file.suffix in (".py", ".json", ".css", ".typed") and "__pycache__" not in file.parts:
                inside = file.relative_to(ROOT / ("tools" if package.startswith("tools") else "."))
                assert str(inside) in names


def test_the_wheel_runs_from_another_folder(wheel: Path, tmp_path: Path) -> None:
    target = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(target)
    code = (
        f"import sys; sys.path.insert(0, {str(target)!r})\n"
        "import causalcopilot\n"
        f"assert causalcopilot.__file__.startswith({str(target)!r}), causalcopilot.__file__\n"
        "from causalcopilot.cli.app import run\n"
        "sys.exit(run(['datasets', 'list']) or run(['tools', 'check']))"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        cwd=tmp_path,
        env={**os.environ, "CCP_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "dataset:nhefs" in done.stdout
