"""Encoders, the vectors they made, and what people look for."""

from search.models.embeddings import Embedding
from search.models.encoders import Encoder
from search.models.evaluations import Evaluation
from search.models.explanations import Explanation
from search.models.marks import RelevanceMark
from search.models.measurements import SearchMeasurement
from search.models.queries import Query
from search.models.saved import SavedSearch
from search.models.scales import DistanceScale
from search.models.timings import EmbeddingTime
from search.models.trainings import Training, TrainingImage

__all__ = [
    "DistanceScale",
    "Embedding",
    "EmbeddingTime",
    "Encoder",
    "Evaluation",
    "Explanation",
    "Query",
    "RelevanceMark",
    "SavedSearch",
    "SearchMeasurement",
    "Training",
    "TrainingImage",
]
