"""The pages at /evaluations/: how well encoders tell this gallery's labels apart."""

from collections.abc import Sequence
from http import HTTPStatus
from io import StringIO
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from gallery.models import State, User
from gallery.views.grid import numbers
from gallery.views.uploading import SignedInRequest
from search.evaluations import drawing
from search.evaluations.comparing import MOST, compared, distinct_settings, is_paired, names_of
from search.evaluations.figures import as_json, figures_of, main_figures, write_csv
from search.evaluations.forms import USUAL, EvaluationForm, SeveralEncodersForm
from search.evaluations.samples import samples_for
from search.guards import only_for
from search.labels import LabelSource, label_sizes
from search.models import Encoder, Evaluation
from search.models.evaluations import EvaluationQuerySet, may_evaluate

PAGE_SIZE = 50
for_evaluators = only_for(may_evaluate)


@for_evaluators
@require_http_methods(["GET", "HEAD", "POST"])
def evaluations(request: SignedInRequest) -> HttpResponse:
    """Those there are, and a form that starts another, or several at once."""
    form = SeveralEncodersForm(request.POST or None, user=request.user, initial=initial_of(request))
    if form.is_valid():
        return redirect(address_of(form.start()))
    page, until = page_until(request)
    ctx = {
        "form": form,
        "evaluations": page,
        "until": until,
        "most": MOST,
        "usual": USUAL,
        "tags": label_count(LabelSource.TAGS, request.user),
        "albums": label_count(LabelSource.ALBUMS, request.user),
    }
    status = HTTPStatus.BAD_REQUEST if form.errors else HTTPStatus.OK
    return render(request, "search/evaluations/list.html", ctx, status=status)


def label_count(source: LabelSource, user: User) -> int:
    """How many labels have as many images as are usually asked for."""
    return sum(size >= USUAL for size in label_sizes(source, user).values())


def initial_of(request: SignedInRequest) -> dict[str, Any]:
    """What the form begins with: what the address says, or else the encoder that answers."""
    said = {name: request.GET[name] for name in EvaluationForm.base_fields if name in request.GET}
    active = Encoder.objects.filter(is_active=True).values_list("pk", flat=True)
    return {**said, "encoders": numbers(request.GET, "encoders") or list(active)}


def address_of(started: Sequence[Evaluation]) -> str:
    """Where what was started is shown: of one its page, of several the comparison."""
    if len(started) == 1:
        return started[0].get_absolute_url()
    pairs = [("id", evaluation.pk) for evaluation in started[:MOST]]
    return f"{reverse('search:compare_evaluations')}?{urlencode(pairs)}"


def page_until(request: SignedInRequest) -> tuple[list[Evaluation], int | None]:
    """One page of evaluations older than `until`, and where the next begins, if there is one."""
    known = Evaluation.objects.visible_to(request.user).for_lists().newest_first()
    if until := numbers(request.GET, "until"):
        known = known.filter(pk__lt=until[0])
    page = list(known[: PAGE_SIZE + 1])
    more = len(page) > PAGE_SIZE
    return page[:PAGE_SIZE], page[PAGE_SIZE - 1].pk if more else None


@for_evaluators
@require_safe
def evaluation(request: SignedInRequest, pk: int) -> HttpResponse:
    evaluation = get_object_or_404(of(request).for_pages(), pk=pk)
    ctx: dict[str, Any] = {"evaluation": evaluation, "again": again(evaluation)}
    if evaluation.state == State.READY:
        names = names_of([evaluation])
        ctx |= {
            "main": main_figures(evaluation),
            "figures": figures_of(evaluation).values(),
            "curve": drawing.curves([evaluation], names),
            "bars": drawing.class_bars(evaluation),
            "matrix": drawing.confusion(evaluation),
            "samples": samples_for(request.user, [evaluation], names),
        }
    return render(request, "search/evaluations/one.html", ctx)


def of(request: SignedInRequest) -> EvaluationQuerySet:
    return Evaluation.objects.visible_to(request.user)


def again(evaluation: Evaluation) -> str:
    """The address of the form that has the same measured once more."""
    asked = {"encoders": evaluation.encoder_id or "", **evaluation.parameters}
    asked["part"] = asked.pop("split") or ""
    return f"{reverse('search:evaluations')}?{urlencode(asked)}#start"


@for_evaluators
@require_safe
def compare(request: SignedInRequest) -> HttpResponse:
    """Several, each beside the first: the order is that of the address."""
    chosen = chosen_in(request)
    if len(chosen) < 2:
        messages.error(request, _("Tick two evaluations or more to compare them."))
        return redirect("search:evaluations")
    ctx: dict[str, Any] = {"evaluations": chosen, "names": names_of(chosen)}
    ctx["failed"] = [one for one in chosen if one.state == State.FAILED]
    ctx["waiting"] = [one for one in chosen if one.state == State.PENDING]
    if not ctx["failed"] and not ctx["waiting"]:
        ctx |= comparison(request, chosen, ctx["names"])
    return render(request, "search/evaluations/compare.html", ctx)


def comparison(
    request: SignedInRequest, chosen: Sequence[Evaluation], names: Sequence[str]
) -> dict[str, Any]:
    return {
        "rows": list(compared(chosen)),
        "is_paired": all(is_paired(chosen[0], other) for other in chosen[1:]),
        "distinct": distinct_settings(chosen),
        "curve": drawing.curves(chosen, names),
        "bars": drawing.compared_bars(chosen, names),
        "samples": samples_for(request.user, chosen, names),
        "ids": urlencode([("id", one.pk) for one in chosen]),
    }


def chosen_in(request: SignedInRequest) -> list[Evaluation]:
    """Those that the address names, each once. 404 where `request.user` may not see one."""
    pks = list(dict.fromkeys(numbers(request.GET, "id")))
    if len(pks) > MOST:
        text = _("Compare %(most)s at most.")
        raise BadRequest(text % {"most": MOST})
    found = of(request).select_related("started_by").in_bulk(pks)
    if len(found) < len(pks):
        raise Http404
    return [found[pk] for pk in pks]


@for_evaluators
@require_safe
def figures_json(request: SignedInRequest, pk: int) -> HttpResponse:
    evaluation = get_object_or_404(of(request).for_pages(), pk=pk, state=State.READY)
    return JsonResponse(as_json(evaluation), headers=attached(f"evaluation-{pk}.json"))


@for_evaluators
@require_safe
def figures_csv(request: SignedInRequest, pk: int) -> HttpResponse:
    evaluation = get_object_or_404(of(request).for_pages(), pk=pk, state=State.READY)
    return csv_of([evaluation], f"evaluation-{pk}.csv")


@for_evaluators
@require_safe
def compared_csv(request: SignedInRequest) -> HttpResponse:
    chosen = [one for one in chosen_in(request) if one.state == State.READY]
    return csv_of(chosen, "evaluations.csv")


def csv_of(evaluations: Sequence[Evaluation], name: str) -> HttpResponse:
    out = StringIO()
    write_csv(evaluations, out)
    return HttpResponse(
        out.getvalue(), content_type="text/csv; charset=utf-8", headers=attached(name)
    )


def attached(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}


@for_evaluators
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: SignedInRequest, pk: int) -> HttpResponse:
    evaluation = get_object_or_404(Evaluation.objects.filter(started_by=request.user), pk=pk)
    if request.method == "POST":
        evaluation.delete()
        messages.success(request, _("The evaluation is deleted."))
        return redirect("search:evaluations")
    return render(request, "search/evaluations/delete.html", {"evaluation": evaluation})
