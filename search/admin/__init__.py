"""Search in Django admin: encoders, embeddings, and how each image fares."""

from search.admin import embeddings, encoders, evaluations, images, marks

__all__ = ["embeddings", "encoders", "evaluations", "images", "marks"]
