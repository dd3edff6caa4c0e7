from __future__ import annotations

from pathlib import Path

import pytest

from tvbrain.config import Config
from tvbrain.errors import ConfigError


def written(folder: Path, text: str) -> Path:
    file = folder / "tvbrain.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_defaults_are_those_of_the_design() -> None:
    config = Config.load(environment={})
    assert (config.dimension, config.hnsw_m, config.hnsw_ef) == (384, 32, 100)
    assert (config.max_patterns, config.sync_interval) == (10_000, (300, 900))
    assert config.constellation_url is None
    assert config.data_dir.is_absolute()


def test_later_layers_win(tmp_path: Path) -> None:
    file = written(tmp_path, "hnsw_m = 8\nhnsw_ef = 20\nmax_patterns = 1\n")
    environment = {"TVBRAIN_HNSW_EF": "30", "TVBRAIN_MAX_PATTERNS": "2"}
    config = Config.load(file, environment=environment, max_patterns=3)
    assert (config.hnsw_m, config.hnsw_ef, config.max_patterns) == (8, 30, 3)


def test_an_interval_is_a_pair_in_every_layer(tmp_path: Path) -> None:
    file = written(tmp_path, "sync_interval = [60, 120]\n")
    assert Config.load(file, environment={}).sync_interval == (60, 120)
    assert Config.load(environment={"TVBRAIN_SYNC_INTERVAL": "1,2"}).sync_interval == (1, 2)
    assert Config.load(environment={}, sync_interval=(7, 7)).sync_interval == (7, 7)


def test_an_argument_of_none_is_not_given() -> None:
    assert Config.load(environment={"TVBRAIN_DIMENSION": "64"}, dimension=None).dimension == 64


def test_an_empty_address_switches_the_constellation_off(tmp_path: Path) -> None:
    file = written(tmp_path, 'constellation_url = "https://stars.example"\n')
    assert Config.load(file, environment={}).constellation_url == "https://stars.example"
    assert (
        Config.load(file, environment={"TVBRAIN_CONSTELLATION_URL": ""}).constellation_url is None
    )


def test_a_relative_directory_is_made_absolute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert Config.load(environment={}, data_dir="tv").data_dir == tmp_path / "tv"


def test_other_variables_with_the_prefix_are_not_ours_to_judge() -> None:
    assert Config.load(environment={"TVBRAIN_KERNEL": "scalar"}).dimension == 384


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("TVBRAIN_DIMENSION", "0"),
        ("TVBRAIN_DIMENSION", "many"),
        ("TVBRAIN_DIMENSION", "1,2"),
        ("TVBRAIN_HNSW_EF", "31"),
        ("TVBRAIN_SYNC_INTERVAL", "900,300"),
        ("TVBRAIN_SYNC_INTERVAL", "300"),
        ("TVBRAIN_DATA_DIR", ""),
        ("TVBRAIN_CONSTELLATION_URL", "ftp://stars.example"),
        ("TVBRAIN_CONSTELLATION_URL", "https://[stars"),
    ],
)
def test_a_bad_variable_names_its_field_and_itself(variable: str, text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Config.load(environment={variable: text})
    assert caught.value.field == variable.removeprefix("TVBRAIN_").lower()
    assert caught.value.layer == variable
    assert str(caught.value).startswith(f"{caught.value.field} (from {variable}): ")


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("dimension = true", "dimension"),
        ("dimension = 1.5", "dimension"),
        ("sync_interval = [1, 2, 3]", "sync_interval"),
        ("dimensions = 3", "dimensions"),
        ("dimension = ", "file"),
        ("constellation_url = 3", "constellation_url"),
    ],
)
def test_a_bad_file_names_the_field_and_the_file(tmp_path: Path, text: str, field: str) -> None:
    file = written(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        Config.load(file, environment={})
    assert (caught.value.field, caught.value.layer) == (field, str(file))


def test_a_missing_file_is_an_error_and_not_the_defaults(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        Config.load(tmp_path / "absent.toml", environment={})


def test_an_argument_that_is_no_field_is_named() -> None:
    with pytest.raises(ConfigError, match=r"hnsw_k \(from arguments\)"):
        Config.load(environment={}, hnsw_k=3)


def test_the_layer_that_breaks_a_bound_between_fields_is_blamed() -> None:
    with pytest.raises(ConfigError) as caught:
        Config.load(environment={"TVBRAIN_HNSW_M": "128"})
    assert (caught.value.field, caught.value.layer) == ("hnsw_m", "TVBRAIN_HNSW_M")
