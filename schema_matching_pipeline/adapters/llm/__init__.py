"""Language models: the doors to providers that answer questions, and ``embedders`` for texts as vectors.

Comes in:        LLMRequest, with the JSON Schema of the wanted answer.
Goes out:        LLMResponse, with the provider, the model and the tokens used.
How it decides:  providers are asked in order; the first answer counts, a failing one is passed over.
To add to it:    a base URL in the settings; every endpoint that speaks the OpenAI protocol is one.
It must never:   make up an answer, keep one, or know what the question is about.
"""

from schema_matching_pipeline.adapters.llm.chat_model import ChatModel

__all__ = ["ChatModel"]
