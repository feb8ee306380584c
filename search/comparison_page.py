"""Two encoders' answers beside each other, at the question's own address with ?compare=NAME."""

from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from search.asking import UnusableExample
from search.comparing import DEPTH, FIRST, Ask, NoSuchRival, compare, rival
from search.forms import SimilarityForm
from search.models import Encoder
from search.questions import examples_in


def render_comparison(
    request: HttpRequest, form: SimilarityForm, ctx: dict[str, Any], ask: Ask, encoder: Encoder
) -> HttpResponse:
    """`ask` puts the question to an encoder, `encoder` is the one that answers first."""
    name = request.GET["compare"]
    asked_with = {**examples_in(form.data), "compare": name}
    ctx |= {
        "first": FIRST,
        "depth": DEPTH,
        "examples_asked": asked_with,
        "unfiltered": f"{request.path}?{urlencode(asked_with, safe=',')}",
    }
    try:
        encoders = (encoder, rival(name, encoder))
        ctx["comparison"] = compare(ask, encoders, request.user, form)
    except (NoSuchRival, UnusableExample) as problem:
        form.add_error(None, str(problem))
    status = HTTPStatus.OK if form.is_valid() else HTTPStatus.BAD_REQUEST
    return render(request, "search/compare.html", ctx, status=status)
