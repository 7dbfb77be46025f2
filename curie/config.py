"""The only reader of the process's environment: where things lie on this machine, and what is passed on."""

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from curie.errors import UsageError

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

_MLFLOW_SWITCHES = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ALLOW_FILE_STORE": "true",
}
_MLFLOW_DEFAULTS = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2"}


class Settings(BaseSettings):
    """Settings by environment variable, `CURIE_` and the field's name in capitals."""

    model_config = SettingsConfigDict(env_prefix="CURIE_", frozen=True, extra="ignore")

    runs_dir: Path = Path("runs")
    """Folder of the runs, relative to the working directory."""
    cache_dir: Path | None = None
    """Folder of built environments; None: `curie` in the user's cache folder, or in the temporary one without HOME."""
    lease_dir: Path = Field(default_factory=lambda: Path(tempfile.gettempdir()) / "curie-leases")
    """Folder of the core leases; the same for all users of a machine."""

    def cache(self) -> Path:
        """The cache folder, which may not exist yet."""
        if self.cache_dir is not None:
            return self.cache_dir
        if base := os.environ.get("XDG_CACHE_HOME"):
            return Path(base) / "curie"
        if home := os.environ.get("HOME"):
            return Path(home) / ".cache" / "curie"
        return Path(tempfile.gettempdir()) / f"curie-cache-{os.getuid()}"


def search_path() -> str:
    """The caller's PATH, or the system's where there is none."""
    return os.environ.get("PATH") or SYSTEM_PATH


def passed_through(names: Iterable[str]) -> Mapping[str, str]:
    """The values of the variables that the caller wants passed to the trials.

    Raises:
        UsageError: one of them is not set.
    """
    values = {}
    for name in names:
        if name not in os.environ:
            raise UsageError(
                f"--env {name}: that variable is not set.", hint=f"export {name}=..., or drop --env {name}."
            )
        values[name] = os.environ[name]
    return values


@contextmanager
def mlflow_switches() -> Iterator[None]:
    """While open, MLflow reports to nobody and may write to a folder; it reads such switches from the environment only.

    They have to stand before it is imported, which is when it would first report. A server that does not answer is
    asked three times, unless the user's own setting says otherwise.
    """
    wanted = _MLFLOW_SWITCHES | {name: os.environ.get(name, value) for name, value in _MLFLOW_DEFAULTS.items()}
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
