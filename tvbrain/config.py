"""The brain's configuration: one frozen value out of four layers.

Later layers win: defaults, a TOML file, `TVBRAIN_*` environment variables, arguments. In TOML and
as arguments `sync_interval` is a pair, in the environment `TVBRAIN_SYNC_INTERVAL=300,900`. A value
that cannot be used raises `ConfigError`, which names the field and the layer.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from tvbrain.errors import ConfigError

ENVIRONMENT_PREFIX = "TVBRAIN_"
DEFAULTS, ARGUMENTS = "defaults", "arguments"


def _default_data_dir() -> Path:
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state, "tvbrain")


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """dimension: length of item vectors, 1 to 4096. hnsw_m: links an item has in the index, 2 to
    128. hnsw_ef: candidates kept while searching, 1 to 10,000, at least hnsw_m. max_patterns:
    patterns kept on this set, 1 to 10,000,000. sync_interval: shortest and longest wait between two
    polls, in seconds, 1 to 604,800. data_dir: the data directory, made absolute.
    constellation_url: the server to sync with, http or https; None for none.
    """

    dimension: int = 384
    hnsw_m: int = 32
    hnsw_ef: int = 100
    max_patterns: int = 10_000
    sync_interval: tuple[int, int] = (300, 900)
    data_dir: Path
    constellation_url: str | None = None

    @classmethod
    def load(
        cls,
        file: str | os.PathLike[str] | None = None,
        *,
        environment: Mapping[str, str] | None = None,
        **arguments: object,
    ) -> Self:
        """Merge the layers. `environment` is `os.environ` if left out; an argument of None is not
        given. Raises `ConfigError` for a value out of range, a name that is no field, a file
        that is missing or no TOML.
        """
        names = {field.name for field in fields(cls)}
        layers: list[tuple[str, Mapping[str, object]]] = [
            (DEFAULTS, {"data_dir": _default_data_dir()}),
        ]
        if file is not None:
            layers.append((os.fspath(file), _read_toml(Path(file))))
        source = os.environ if environment is None else environment
        for name in sorted(names):
            variable = ENVIRONMENT_PREFIX + name.upper()
            if variable in source:
                layers.append((variable, {name: _from_text(name, source[variable])}))
        layers.append((ARGUMENTS, {k: v for k, v in arguments.items() if v is not None}))

        chosen: dict[str, Any] = {}
        origin: dict[str, str] = {}
        for layer, values in layers:
            for name, value in values.items():
                if name not in names:
                    raise ConfigError(name, layer, "there is no such field")
                chosen[name] = _CHECKS[name](name, layer, value)
                origin[name] = layer
        config = cls(**chosen)
        if config.hnsw_ef < config.hnsw_m:
            blamed = "hnsw_ef" if "hnsw_ef" in origin else "hnsw_m"
            reason = f"hnsw_ef {config.hnsw_ef} is below hnsw_m {config.hnsw_m}"
            raise ConfigError(blamed, origin[blamed], reason)
        return config


def _read_toml(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError("file", str(path), error.strerror or str(error)) from error
    except ValueError as error:  # not UTF-8, or not TOML
        raise ConfigError("file", str(path), f"not a TOML file: {error}") from error


def _from_text(name: str, text: str) -> object:
    """An environment variable's text as TOML would have given it; what is no number stays text."""
    if name in ("data_dir", "constellation_url"):
        return text
    try:
        numbers = [int(part) for part in text.split(",")]
    except ValueError:
        return text
    return numbers if len(numbers) > 1 else numbers[0]


def _whole(low: int, high: int) -> Any:
    def check(name: str, layer: str, value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise ConfigError(name, layer, f"{value!r} is not a whole number")
        if not low <= value <= high:
            raise ConfigError(name, layer, f"{value} is not from {low} to {high}")
        return value

    return check


def _interval(name: str, layer: str, value: object) -> tuple[int, int]:
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        raise ConfigError(name, layer, f"{value!r} is not a pair of seconds")
    second = _whole(1, 604_800)
    shortest, longest = second(name, layer, value[0]), second(name, layer, value[1])
    if shortest > longest:
        raise ConfigError(name, layer, f"{shortest} is more than {longest}")
    return shortest, longest


def _directory(name: str, layer: str, value: object) -> Path:
    if not isinstance(value, (str, os.PathLike)) or not os.fspath(value):
        raise ConfigError(name, layer, f"{value!r} is not a path")
    return Path(value).expanduser().absolute()


def _url(name: str, layer: str, value: object) -> str | None:
    if value == "":
        return None
    try:
        parts = urlsplit(value) if isinstance(value, str) else None
    except ValueError:
        parts = None
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigError(name, layer, f"{value!r} is not an http or https address")
    return str(value)


_CHECKS = {
    "dimension": _whole(1, 4096),
    "hnsw_m": _whole(2, 128),
    "hnsw_ef": _whole(1, 10_000),
    "max_patterns": _whole(1, 10_000_000),
    "sync_interval": _interval,
    "data_dir": _directory,
    "constellation_url": _url,
}
