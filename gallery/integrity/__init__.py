"""Looking whether rows, files and what was made of them still agree.

Gallery looks after originals, renditions and strays; an app that stands on it registers its own
checks.
"""

from gallery.integrity.defects import Check, Defect, Kind, register

__all__ = ["Check", "Defect", "Kind", "register"]
