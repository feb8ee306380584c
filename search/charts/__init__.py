"""Numbers as drawings: where things lie in an SVG. No ORM, no request.

The templates in `search/charts/` draw them, and `search/charts.css` colours them:
`{% include "search/charts/lines.html" with chart=chart %}`.
"""

from search.charts.bars import Bar, BarChart, Group, bar_chart
from search.charts.lines import LineChart, Point, Series, line_chart
from search.charts.matrix import MatrixChart, matrix_chart

__all__ = [
    "Bar",
    "BarChart",
    "Group",
    "LineChart",
    "MatrixChart",
    "Point",
    "Series",
    "bar_chart",
    "line_chart",
    "matrix_chart",
]
