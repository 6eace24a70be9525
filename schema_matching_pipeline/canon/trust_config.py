"""Trust profiles and risk classes from ``schema-matching.yml``: the packaged file, with one's own laid over it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import TypeVar

from yaml.nodes import Node, SequenceNode

from schema_matching_pipeline.canon.yaml_reader import YamlReader, words_of
from schema_matching_pipeline.model.canonical import RiskClass
from schema_matching_pipeline.model.trust import RiskRule, TrustConfig, TrustProfile

Key = TypeVar("Key")

_TOP = ("default_trust_profile", "review_floor", "trust_profiles", "risk_classes")
_FLAGS = (
    "review_required_before_production",
    "auto_exclude_flagged_columns",
    "auto_verify_high_occurrence_values",
)
_SWITCHES = ("auto_accept_threshold", *_FLAGS)
_RULE_KEYS = ("entities", "minimum_confidence", "validation_required")


def read_trust(text: str, where: str) -> TrustConfig:
    """The trust configuration of a text laid over the packaged one; ``where`` names the file in messages.

    Raises:
        ConfigurationError: with every mistake of the text, each with its line and key.
    """
    return _read(text, where, _packaged())


@cache
def default_trust() -> TrustConfig:
    """The packaged trust configuration."""
    return read_trust("", "the packaged schema-matching.yml")


@dataclass
class _Layer:
    """What one file says; keys it does not mention are absent."""

    top: dict[str, object] = field(default_factory=dict)
    profiles: dict[str, dict[str, object]] = field(default_factory=dict)
    rules: dict[RiskClass, dict[str, object]] = field(default_factory=dict)
    nodes: dict[str, Node] = field(default_factory=dict)

    def over(self, base: _Layer) -> _Layer:
        """This layer laid over another, key by key; the places are this layer's."""
        return _Layer(
            top=base.top | self.top,
            profiles=_laid_over(base.profiles, self.profiles),
            rules=_laid_over(base.rules, self.rules),
            nodes=self.nodes,
        )


def _laid_over(
    base: dict[Key, dict[str, object]], upper: dict[Key, dict[str, object]]
) -> dict[Key, dict[str, object]]:
    names = (*base, *(name for name in upper if name not in base))
    return {name: base.get(name, {}) | upper.get(name, {}) for name in names}


@cache
def _packaged() -> _Layer:
    text = files("schema_matching_pipeline.canon").joinpath("data/schema-matching.yml").read_text("utf-8")
    reader = YamlReader("The packaged schema-matching.yml")
    layer = _read_layer(reader, text)
    reader.finish()
    return layer


def _read(text: str, where: str, base: _Layer) -> TrustConfig:
    reader = YamlReader(where)
    layer = _read_layer(reader, text).over(base)
    _check_complete(reader, layer)
    _check_one_class(reader, layer)
    _check_default(reader, layer)
    reader.finish()
    return TrustConfig.model_validate(
        {
            **layer.top,
            "trust_profiles": tuple(
                TrustProfile.model_validate({"name": name, **switches})
                for name, switches in layer.profiles.items()
            ),
            "risk_classes": tuple(
                RiskRule.model_validate({"name": name, **rule}) for name, rule in layer.rules.items()
            ),
        }
    )


def _read_layer(reader: YamlReader, text: str) -> _Layer:
    layer = _Layer()
    root = reader.root(text)
    if root is None:
        return layer
    entries = reader.entries(root, "", _TOP)
    layer.nodes.update(entries)
    if "default_trust_profile" in entries:
        _keep(
            layer.top,
            "default_trust_profile",
            reader.text(entries["default_trust_profile"], "default_trust_profile"),
        )
    if "review_floor" in entries:
        _keep(layer.top, "review_floor", reader.share(entries["review_floor"], "review_floor"))
    if "trust_profiles" in entries:
        _read_profiles(reader, entries["trust_profiles"], layer)
    if "risk_classes" in entries:
        _read_rules(reader, entries["risk_classes"], layer)
    return layer


def _keep(into: dict[str, object], key: str, value: object) -> None:
    """Keeps what could be read; what could not has been noted as a mistake."""
    if value is not None:
        into[key] = value


def _read_profiles(reader: YamlReader, node: Node, layer: _Layer) -> None:
    for name, body in reader.entries(node, "trust_profiles").items():
        where = f"trust_profiles.{name}"
        layer.nodes[where] = body
        switches = layer.profiles.setdefault(name, {})
        for switch, value in reader.entries(body, where, _SWITCHES).items():
            read = reader.flag if switch in _FLAGS else reader.share
            layer.nodes[f"{where}.{switch}"] = value
            _keep(switches, switch, read(value, f"{where}.{switch}"))


def _read_rules(reader: YamlReader, node: Node, layer: _Layer) -> None:
    classes = words_of(RiskClass)
    for name, body in reader.entries(node, "risk_classes", tuple(classes)).items():
        where = f"risk_classes.{name}"
        rule = layer.rules.setdefault(classes[name], {})
        entries = reader.entries(body, where, _RULE_KEYS)
        for key, value in entries.items():
            layer.nodes[f"{where}.{key}"] = value
            _keep(rule, key, _rule_value(reader, key, value, f"{where}.{key}"))


def _rule_value(reader: YamlReader, key: str, value: Node, where: str) -> object:
    match key:
        case "entities":
            return reader.literals(value, where)
        case "minimum_confidence":
            return reader.share(value, where)
        case _:
            return reader.flag(value, where)


def _check_complete(reader: YamlReader, layer: _Layer) -> None:
    """A profile of one's own states all four switches: a forgotten one must not be guessed."""
    for name, switches in layer.profiles.items():
        where = f"trust_profiles.{name}"
        for switch in _SWITCHES:
            if switch not in switches and f"{where}.{switch}" not in layer.nodes:
                reader.mistake(layer.nodes.get(where), where, f"the switch {switch} is missing")


def _check_one_class(reader: YamlReader, layer: _Layer) -> None:
    held: dict[str, RiskClass] = {}
    for risk_class, rule in layer.rules.items():
        where = f"risk_classes.{risk_class}.entities"
        for entity in _names(rule.get("entities")):
            if held.setdefault(entity, risk_class) is not risk_class:
                message = f"{entity!r} stands in {held[entity]} as well; an entity has one risk class"
                reader.mistake(_element(layer.nodes.get(where), entity), where, message)


def _names(entities: object) -> tuple[str, ...]:
    return entities if isinstance(entities, tuple) else ()


def _element(node: Node | None, text: str) -> Node | None:
    """The element of a list that holds a text; the list itself where none does."""
    if not isinstance(node, SequenceNode):
        return node
    return next((element for element in node.value if element.value == text), node)


def _check_default(reader: YamlReader, layer: _Layer) -> None:
    name = layer.top.get("default_trust_profile")
    if name not in layer.profiles:
        known = ", ".join(layer.profiles)
        node = layer.nodes.get("default_trust_profile")
        reader.mistake(node, "default_trust_profile", f"there is no profile {name!r}. Known: {known}.")
