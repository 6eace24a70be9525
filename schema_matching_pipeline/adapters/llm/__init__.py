"""Language models: the doors to providers that answer questions, and ``embedders`` for texts as vectors.

Comes in:        LLMRequest, with the JSON Schema of the wanted answer.
Goes out:        LLMResponse, with the provider, the model, the tokens used and what they cost.
How it decides:  providers are asked in order; the first answer counts, a failing one is passed over and left alone a while.
To add to it:    a provider in the settings; every endpoint that speaks the OpenAI protocol is one.
It must never:   make up an answer, keep one, show a provider another's key, or know what the question is about.
"""

from schema_matching_pipeline.adapters.llm.chat_model import ChatModel

__all__ = ["ChatModel"]
