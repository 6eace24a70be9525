"""Reads a YAML text by its nodes, so that every mistake keeps its line and none stops the reading."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches
from enum import StrEnum
from itertools import islice
from typing import NoReturn, TypeVar

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from schema_matching_pipeline.errors import ConfigurationError

Choice = TypeVar("Choice", bound=StrEnum)

_KINDS = {
    "tag:yaml.org,2002:str": "text",
    "tag:yaml.org,2002:bool": "yes or no",
    "tag:yaml.org,2002:int": "a number",
    "tag:yaml.org,2002:float": "a number",
    "tag:yaml.org,2002:null": "nothing",
    "tag:yaml.org,2002:timestamp": "a date",
    "tag:yaml.org,2002:map": "a mapping",
    "tag:yaml.org,2002:seq": "a list",
}
_TRUE = frozenset({"true", "yes", "on"})
_SHOWN = 60
_LISTED = 20


class YamlReader:
    """One file being read: typed reads that answer None after noting a mistake."""

    def __init__(self, what: str) -> None:
        self.what = what
        self._mistakes: list[tuple[int, str]] = []

    def root(self, text: str) -> Node | None:
        """The document's top node, None where the text is empty.

        Raises:
            ConfigurationError: the text is not YAML at all; nothing more can be said about it then.
        """
        try:
            return yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            self.refuse(mark.line + 1 if mark else 1, f"not YAML: {error.problem or error.context}")
        except yaml.YAMLError:
            self.refuse(1, "not YAML: it holds a character that YAML does not allow")
        except RecursionError:
            self.refuse(1, "nested too deeply to be read")

    def refuse(self, line: int, message: str) -> NoReturn:
        """Gives up at once: nothing more can be said about the text.

        Raises:
            ConfigurationError: always.
        """
        raise ConfigurationError(self.what, [f"line {line}: {message}"])

    def mistake(self, node: Node | None, where: str, message: str) -> None:
        """Notes a mistake at the node's line; the file's first line where there is no node."""
        line = node.start_mark.line + 1 if node is not None else 1
        self._mistakes.append(
            (line, f"line {line}: {where}: {message}" if where else f"line {line}: {message}")
        )

    def finish(self) -> None:
        """Passes when nothing was noted.

        Raises:
            ConfigurationError: with all mistakes, in the order of their lines.
        """
        if self._mistakes:
            raise ConfigurationError(self.what, [text for _, text in sorted(self._mistakes, key=_line)])

    def entries(self, node: Node, where: str, known: Collection[str] | None = None) -> dict[str, Node]:
        """Keys and value nodes of a mapping; unknown and repeated keys are mistakes."""
        if not isinstance(node, MappingNode):
            self._wrong_kind(node, where, "a mapping of keys to values")
            return {}
        found: dict[str, Node] = {}
        for key_node, value in node.value:
            key = self._key(key_node, where)
            if key is None:
                continue
            if key in found:
                self.mistake(key_node, where, f"the key {_shown(key)} stands twice")
            elif known is not None and key not in known:
                self.mistake(key_node, where, f"unknown key {_shown(key)}.{hint(key, known)}")
            else:
                found[key] = value
        return found

    def _key(self, node: Node, where: str) -> str | None:
        if isinstance(node, ScalarNode):
            return str(node.value)
        self.mistake(node, where, "a key must be a word")
        return None

    def elements(self, node: Node, where: str) -> tuple[Node, ...]:
        """The element nodes of a list."""
        if isinstance(node, SequenceNode):
            return tuple(node.value)
        self._wrong_kind(node, where, "a list")
        return ()

    def text(self, node: Node, where: str) -> str | None:
        """A text that is not blank; a bare ``no`` or ``12`` is a mistake, because YAML reads it otherwise."""
        if not _is_scalar(node, "str"):
            self._wrong_kind(node, where, "text (put it in quotes)")
            return None
        if not str(node.value).strip():
            self.mistake(node, where, "must not be blank")
            return None
        return str(node.value)

    def free_text(self, node: Node, where: str) -> str:
        """Prose: any scalar as it is written, nothing as an empty text."""
        if _is_scalar(node, "null"):
            return ""
        return self.literal(node, where) or ""

    def literal(self, node: Node, where: str) -> str | None:
        """Any scalar as it is written: ``01`` stays ``01`` and ``no`` stays ``no``."""
        if isinstance(node, ScalarNode) and not _is_scalar(node, "null"):
            return str(node.value)
        self._wrong_kind(node, where, "a single value")
        return None

    def literals(self, node: Node, where: str) -> tuple[str, ...]:
        """A list of scalars as they are written, each once."""
        found: list[str] = []
        for element in self.elements(node, where):
            value = self.literal(element, where)
            if value is None:
                continue
            if value in found:
                self.mistake(element, where, f"{_shown(value)} stands twice in the list")
            found.append(value)
        return tuple(found)

    def flag(self, node: Node, where: str) -> bool | None:
        """True or false."""
        if _is_scalar(node, "bool"):
            return str(node.value).lower() in _TRUE
        self._wrong_kind(node, where, "true or false")
        return None

    def share(self, node: Node, where: str) -> float | None:
        """A number from 0 to 1."""
        value = _number(node)
        if value is None and not _is_number(node):
            self._wrong_kind(node, where, "a number from 0 to 1")
        elif value is None:
            self.mistake(
                node, where, f"must be a number from 0 to 1 such as 0.95, but is {_shown(str(node.value))}"
            )
        elif not 0.0 <= value <= 1.0:
            self.mistake(node, where, f"must be from 0 to 1, but is {_shown(str(node.value))}")
        else:
            return value
        return None

    def choice(self, node: Node, where: str, kind: str, choices: dict[str, Choice]) -> Choice | None:
        """One of the known words, whatever its case."""
        word = self.literal(node, where)
        if word is None:
            return None
        found = choices.get(word.strip().lower())
        if found is None:
            self.mistake(node, where, f"unknown {kind} {_shown(word)}.{hint(word, choices)}")
        return found

    def _wrong_kind(self, node: Node, where: str, wanted: str) -> None:
        self.mistake(node, where, f"must be {wanted}, but is {_KINDS.get(node.tag, 'of an unknown kind')}")


def words_of(choices: type[Choice]) -> dict[str, Choice]:
    """The words that name each member of a closed set."""
    return {str(choice.value): choice for choice in choices}


def _line(noted: tuple[int, str]) -> int:
    return noted[0]


def _is_scalar(node: Node, kind: str) -> bool:
    return isinstance(node, ScalarNode) and node.tag == f"tag:yaml.org,2002:{kind}"


def _is_number(node: Node) -> bool:
    return _is_scalar(node, "int") or _is_scalar(node, "float")


def _number(node: Node) -> float | None:
    if not _is_number(node):
        return None
    try:
        return float(node.value)
    except ValueError:  # infinite, no number, octal, hexadecimal or base 60: nobody writes a share so
        return None


def hint(word: str, known: Collection[str]) -> str:
    """The nearest known word, or where none is near the first few known ones, as a sentence behind a mistake."""
    close = get_close_matches(word.lower(), known, n=1)
    return (
        f" Did you mean {close[0]!r}?" if close else f" Known: {', '.join(islice(known, _LISTED)) or 'none'}."
    )


def _shown(word: str) -> str:
    return repr(word if len(word) <= _SHOWN else word[:_SHOWN] + "...")
