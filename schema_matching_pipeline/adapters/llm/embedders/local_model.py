"""Vectors of meaning by a model that lies in a folder of this machine: nothing is downloaded, nothing leaves."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from schema_matching_pipeline.adapters.llm.embedders.fitted import fitted
from schema_matching_pipeline.errors import LanguageModelError, MissingExtraError
from schema_matching_pipeline.ports import EMBEDDING_DIMENSIONS, Embedded

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

BATCH_SIZE = 64
_DIGEST_BYTES = 8
_WEIGHTS = (".safetensors", ".bin", ".onnx")


class LocalModel:
    """A model in the form of sentence-transformers, on the processor; loaded when the first text comes."""

    def __init__(self, folder: Path, *, batch_size: int = BATCH_SIZE) -> None:
        self._folder = folder
        self._batch_size = batch_size

    @cached_property
    def model(self) -> str:
        """The name of the folder and a hash of the weights: two models in folders of one name are two models.

        Raises:
            LanguageModelError: the folder holds no model.
        """
        weights = sorted(path for path in self._folder.rglob("*") if path.suffix in _WEIGHTS)
        if not weights:
            raise self._fault("the folder holds no weights")
        digest = blake2b(digest_size=_DIGEST_BYTES)
        for path in weights:
            digest.update(path.read_bytes())
        return f"{self._folder.resolve().name}-{digest.hexdigest()}"

    @property
    def is_outside(self) -> bool:
        """Texts stay on this machine."""
        return False

    @property
    def provider(self) -> str:
        """Nobody: texts stay."""
        return ""

    def embed(self, texts: Sequence[str]) -> Embedded:
        """One row of length one for each text.

        Raises:
            MissingExtraError: sentence-transformers is not installed.
            LanguageModelError: the folder holds no model, or one whose vectors cannot be stored.
        """
        if not texts:
            return Embedded(np.zeros((0, EMBEDDING_DIMENSIONS), dtype=np.float32))
        vectors = self._loaded.encode(list(texts), batch_size=self._batch_size, show_progress_bar=False)
        try:
            return Embedded(fitted(np.asarray(vectors, dtype=np.float32)))
        except ValueError as error:
            raise self._fault(str(error)) from None

    @cached_property
    def _loaded(self) -> SentenceTransformer:
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError:
            raise MissingExtraError("SMP_EMBEDDER=local_model", "embeddings") from None
        try:
            return SentenceTransformer(str(self._folder), device="cpu", local_files_only=True)
        except (OSError, ValueError, KeyError) as error:
            raise self._fault(type(error).__name__) from None

    def _fault(self, what: str) -> LanguageModelError:
        return LanguageModelError(f"No vectors from the model in {self._folder}: {what}.")
