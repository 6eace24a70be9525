"""Which language models the environment names: one in simple variables, or several with a key each."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from schema_matching_pipeline.errors import ConfigurationError
from schema_matching_pipeline.model.llm import OPENAI_URL
from schema_matching_pipeline.settings import Settings, load_settings

SECRET = "sk-hunter2-hunter2"
CHAIN = [
    {"base_url": "https://one.example/v1", "api_key": SECRET, "model": "big", "prompt_price": 0.4},
    {"base_url": "http://localhost:11434/v1/", "model": "local"},
]


@pytest.fixture
def given(monkeypatch, tmp_path):
    def load(variables: Mapping[str, object]) -> Settings:
        monkeypatch.chdir(tmp_path)
        for name, value in variables.items():
            monkeypatch.setenv(name, value if isinstance(value, str) else json.dumps(value))
        return load_settings()

    return load


def test_without_a_key_there_is_no_language_model(given):
    assert given({"SMP_LLM_BASE_URL": "https://one.example/v1"}).language_models == ()


def test_one_endpoint_takes_a_key_and_perhaps_an_address(given):
    (only,) = given({"SMP_LLM_API_KEY": SECRET, "SMP_LLM_PROMPT_PRICE": "0.4"}).language_models
    assert (only.base_url, only.model, only.prompt_price) == (OPENAI_URL, "gpt-4.1-mini", 0.4)
    assert only.api_key is not None
    assert only.api_key.get_secret_value() == SECRET


def test_several_endpoints_have_a_key_a_model_and_a_price_of_their_own(given):
    settings = given({"SMP_LLM_PROVIDERS": CHAIN})
    first, second = settings.language_models
    assert (first.model, first.prompt_price, second.base_url) == ("big", 0.4, "http://localhost:11434/v1")
    assert second.api_key is None
    assert SECRET not in repr(settings) + settings.model_dump_json()


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"SMP_LLM_PROVIDERS": CHAIN, "SMP_LLM_API_KEY": SECRET}, "both set"),
        ({"SMP_LLM_PROVIDERS": f"[{SECRET}"}, "SMP_LLM_PROVIDERS: it must be JSON"),
        ({"SMP_LLM_PROVIDERS": [{"api_key": SECRET}]}, "SMP_LLM_PROVIDERS: 0: model: "),
        ({"SMP_LLM_PROVIDERS": [{"model": "m", "base_url": f"https://me:{SECRET}@h/v1"}]}, "no user"),
        ({"SMP_LLM_PROVIDERS": [{"model": "m", "base_url": "file:///etc/passwd"}]}, "one URL"),
        ({"SMP_LLM_API_KEY": SECRET, "SMP_LLM_BASE_URL": "https://a/v1,b"}, "SMP_LLM_PROVIDERS"),
        ({"SMP_LLM_API_KEY": SECRET, "SMP_LLM_BASE_URL": "ftp://a"}, "SMP_LLM_BASE_URL: it must be"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place_and_without_the_key(given, variables, told):
    with pytest.raises(ConfigurationError) as failed:
        given(variables)
    assert told in str(failed.value)
    assert SECRET not in str(failed.value)
