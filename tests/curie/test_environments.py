"""Python environments from a wheelhouse made here by hand: built once, cached, and no network needed."""

import os
import shutil
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from curie.environments import build_environment
from curie.errors import EnvironmentFailed, UsageError
from tasks.study import EnvironmentSpec

pytestmark = pytest.mark.slow


def add_wheel(wheelhouse: Path, name: str, version: str = "1.0", requires: str = "") -> None:
    """A pure wheel with one module whose VERSION is `version`."""
    wheelhouse.mkdir(exist_ok=True, parents=True)
    info = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    files = {
        f"{name}.py": f"VERSION = {version!r}\n",
        f"{info}/METADATA": metadata + (f"Requires-Dist: {requires}\n" if requires else ""),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},,\n" for path in (*files, f"{info}/RECORD"))
    with zipfile.ZipFile(wheelhouse / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        for path, text in (*files.items(), (f"{info}/RECORD", record)):
            wheel.writestr(path, text)


@pytest.fixture
def wheelhouse(tmp_path: Path) -> Path:
    """Two wheels, one of which needs the other."""
    folder = tmp_path / "les roues"
    add_wheel(folder, "leafpkg")
    add_wheel(folder, "rootpkg", requires="leafpkg>=1")
    return folder


def runs(venv: Path, code: str) -> subprocess.CompletedProcess[str]:
    """What the environment's python says to `code`."""
    return subprocess.run([venv / "bin" / "python", "-I", "-c", code], capture_output=True, text=True, check=False)


def test_built_once_then_cached(tmp_path: Path, wheelhouse: Path) -> None:
    """The second call builds nothing and gives the same; what is in it imports, and nothing of ours does."""
    spec = EnvironmentSpec(requirements=("rootpkg==1.0",), wheelhouse=wheelhouse)
    first = build_environment(spec, tmp_path / "cache")
    stamp = (first.venv / "pyvenv.cfg").stat().st_mtime_ns
    second = build_environment(spec, tmp_path / "cache")
    assert (first.cached, second.cached) == (False, True)
    assert second.model_copy(update={"cached": False}) == first
    assert (second.venv / "pyvenv.cfg").stat().st_mtime_ns == stamp
    assert {"leafpkg==1.0", "rootpkg==1.0"} <= set(first.resolved)
    assert runs(first.venv, "import leafpkg; print(leafpkg.VERSION)").stdout == "1.0\n"
    for ours in ("pydantic", "curie"):
        assert "ModuleNotFoundError" in runs(first.venv, f"import {ours}").stderr


def test_the_digest_is_of_what_was_resolved(tmp_path: Path, wheelhouse: Path) -> None:
    """A file that resolves to the same versions has the same digest; another version has another."""
    lock = tmp_path / "lock.txt"
    lock.write_text("# pinned\nleafpkg\n", encoding="utf-8")
    cache = tmp_path / "cache"
    by_line = build_environment(EnvironmentSpec(requirements=("leafpkg==1.0",), wheelhouse=wheelhouse), cache)
    by_file = build_environment(EnvironmentSpec(file=lock, wheelhouse=wheelhouse), cache)
    assert by_line.venv != by_file.venv
    assert by_line.digest == by_file.digest
    add_wheel(wheelhouse, "leafpkg", "2.0")
    newer = build_environment(EnvironmentSpec(file=lock, wheelhouse=wheelhouse), cache)
    assert not newer.cached
    assert newer.digest != by_file.digest


def test_a_build_cut_off_is_begun_anew(tmp_path: Path, wheelhouse: Path) -> None:
    """Without its marker, a folder counts for nothing: what is in it is removed."""
    spec = EnvironmentSpec(requirements=("leafpkg",), wheelhouse=wheelhouse)
    first = build_environment(spec, tmp_path / "cache")
    (first.venv.parent / "complete.json").unlink()
    (first.venv / "half").write_text("built", encoding="utf-8")
    again = build_environment(spec, tmp_path / "cache")
    assert not again.cached
    assert not (again.venv / "half").exists()
    assert again.digest == first.digest


def test_a_removed_interpreter_is_noticed(tmp_path: Path, wheelhouse: Path) -> None:
    """A cached environment whose python is gone is built again."""
    spec = EnvironmentSpec(requirements=("leafpkg",), wheelhouse=wheelhouse)
    shutil.rmtree(build_environment(spec, tmp_path / "cache").venv / "bin")
    assert not build_environment(spec, tmp_path / "cache").cached


def test_two_processes_build_once(tmp_path: Path, wheelhouse: Path) -> None:
    """Of two that start together, one builds and the other waits and takes it."""
    code = (
        "import sys; from pathlib import Path; from curie.environments import build_environment;"
        "from tasks.study import EnvironmentSpec;"
        "print(build_environment(EnvironmentSpec(requirements=('leafpkg',), wheelhouse=Path(sys.argv[1])),"
        "Path(sys.argv[2])).cached)"
    )
    argv = [sys.executable, "-c", code, str(wheelhouse), str(tmp_path / "cache")]
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _: subprocess.check_output(argv, text=True).strip(), range(2)))
    assert sorted(both) == ["False", "True"]


def test_a_wheel_that_is_missing_is_named(tmp_path: Path, wheelhouse: Path) -> None:
    """Pip's words come through, and the hint says how to fill the wheelhouse; a second try fails the same way."""
    spec = EnvironmentSpec(requirements=("nosuchpkg==9",), wheelhouse=wheelhouse)
    for _ in range(2):
        with pytest.raises(EnvironmentFailed, match="No matching distribution found for nosuchpkg==9") as caught:
            build_environment(spec, tmp_path / "cache")
        assert "pip download -d" in str(caught.value.hint)


@pytest.mark.parametrize("setting", [("PIP_INDEX_URL", "http://127.0.0.1:9/simple"), ("PIP_NO_INDEX", "1")])
def test_no_network_leads_to_a_wheelhouse(tmp_path: Path, setting: tuple[str, str]) -> None:
    """An index that cannot be reached, or is switched off, ends in a hint; pip's settings come from the caller."""
    variables = {"PATH": os.environ["PATH"], "PIP_CONFIG_FILE": os.devnull, setting[0]: setting[1]}
    with pytest.raises(EnvironmentFailed) as caught:
        build_environment(EnvironmentSpec(requirements=("leafpkg",)), tmp_path / "cache", variables=variables)
    assert "pip download -d WHEELS 'leafpkg'" in str(caught.value.hint)
    assert "--wheelhouse WHEELS" in str(caught.value.hint)


def test_missing_inputs_are_usage_errors(tmp_path: Path) -> None:
    """A missing file (also one named by `-r`), wheelhouse or interpreter is the caller's to mend."""
    (tmp_path / "outer.txt").write_text("-r inner.txt\n", encoding="utf-8")
    for spec in (
        EnvironmentSpec(file=tmp_path / "none.txt"),
        EnvironmentSpec(file=tmp_path / "outer.txt"),
        EnvironmentSpec(requirements=("x",), wheelhouse=tmp_path / "none"),
    ):
        with pytest.raises(UsageError):
            build_environment(spec, tmp_path / "cache")
    with pytest.raises(UsageError, match="does not start"):
        build_environment(EnvironmentSpec(), tmp_path / "cache", python=tmp_path / "python")


def test_a_cache_that_cannot_be_made_is_infrastructure(tmp_path: Path) -> None:
    """A file where the cache should be is said in words, with the setting that moves it."""
    (tmp_path / "cache").write_text("", encoding="utf-8")
    with pytest.raises(EnvironmentFailed) as caught:
        build_environment(EnvironmentSpec(), tmp_path / "cache")
    assert "CURIE_CACHE_DIR" in str(caught.value.hint)
