"""Finds plug-ins: the modules of one folder, then the entry points of the group with the same name.

A plug-in kind is one ``Catalog``, declared beside the type it collects. A built-in plug-in is a file in
the kind's folder that calls ``CATALOG.register(name)``; a stranger's is a separate package with an entry
point in the group named like the folder. Both come in by the same door.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pkgutil import iter_modules
from typing import Generic, TypeVar

from schema_matching_pipeline.errors import AlreadyExistsError, UnknownNameError

Plugin = TypeVar("Plugin")
_LOG = logging.getLogger(__name__)


class Catalog(Generic[Plugin]):
    """All plug-ins of one kind by name, found on first use."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self._plugins: dict[str, Plugin] = {}
        self._listed: tuple[tuple[str, Plugin], ...] = ()
        self._scanned = False

    def register(self, name: str) -> Callable[[Plugin], Plugin]:
        """A decorator that puts a plug-in under its name."""

        def put(plugin: Plugin) -> Plugin:
            if name in self._plugins:
                raise AlreadyExistsError(f"plug-in of {self.folder}", name)
            self._plugins[name] = plugin
            return plugin

        return put

    def __getitem__(self, name: str) -> Plugin:
        """The plug-in of that name.

        Raises:
            UnknownNameError: no plug-in has that name; the known ones are listed.
        """
        self._scan()
        if name not in self._plugins:
            raise UnknownNameError(f"plug-in of {self.folder}", name, self._plugins)
        return self._plugins[name]

    def __iter__(self) -> Iterator[str]:
        """The names in alphabetical order, so that results never depend on the file system."""
        self._scan()
        return iter(sorted(self._plugins))

    def items(self) -> tuple[tuple[str, Plugin], ...]:
        """Names and plug-ins, in alphabetical order of the names."""
        self._scan()
        if len(self._listed) != len(self._plugins):
            self._listed = tuple(sorted(self._plugins.items(), key=lambda item: item[0]))
        return self._listed

    def _scan(self) -> None:
        if self._scanned:
            return
        self._scanned = True
        for module in iter_modules(import_module(self.folder).__path__):
            import_module(f"{self.folder}.{module.name}")
        for point in entry_points(group=self.folder):
            self._load(point)

    def _load(self, point: EntryPoint) -> None:
        """Brings in a stranger's plug-in; one that cannot be imported is named, and the others go on."""
        try:
            point.load()
        except Exception as error:  # noqa: BLE001 - a stranger's module raises what it likes, and must not stop the product
            package = point.dist.name if point.dist else point.module
            _LOG.warning(
                "The plug-in %r of the package %r cannot be loaded (%s) and is left out. Install a version of the package that fits this product, or remove it: pip uninstall %s",
                point.name,
                package,
                type(error).__name__,
                package,
            )
