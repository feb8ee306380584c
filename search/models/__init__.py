"""Encoders and the vectors they made."""

from search.models.embeddings import Embedding
from search.models.encoders import Encoder

__all__ = ["Embedding", "Encoder"]
