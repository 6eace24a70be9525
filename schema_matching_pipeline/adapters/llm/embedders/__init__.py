"""Embedders: texts in, vectors of 1536 dimensions and length one out.

Comes in:        texts of names, never a client's values.
Goes out:        a matrix, one row a text, beside the name of the model that made it.
How it decides:  ``hashed_ngrams`` counts pieces of words, offline; ``openai_compatible`` asks an endpoint,
                 ``local_model`` a model in a folder of this machine.
To add to it:    a module here with a class of the port ``Embedder``, chosen by a setting in ``runtime``.
It must never:   answer with vectors of another model than it is named after, or make one up for a text.
"""

from schema_matching_pipeline.adapters.llm.embedders.hashed_ngrams import HashedNgrams
from schema_matching_pipeline.adapters.llm.embedders.local_model import LocalModel
from schema_matching_pipeline.adapters.llm.embedders.openai_compatible import OpenAICompatible

__all__ = ["HashedNgrams", "LocalModel", "OpenAICompatible"]
