"""The pages at /trainings/: networks that learn this gallery's labels."""

import csv
from http import HTTPStatus
from io import StringIO
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gallery.views.uploading import SignedInRequest
from search.evaluations.pages import attached
from search.evaluations.samples import samples_for
from search.guards import only_for
from search.models import Encoder, Training
from search.models.trainings import Status, TrainingQuerySet, may_train
from search.training import drawing
from search.training.forms import TrainingForm
from search.training.reporting import as_json, rows
from search.training.starting import cancel

SHOWN = 100
for_trainers = only_for(may_train)


def of(request: SignedInRequest) -> TrainingQuerySet:
    return Training.objects.visible_to(request.user)


@for_trainers
@require_http_methods(["GET", "HEAD", "POST"])
def trainings(request: SignedInRequest) -> HttpResponse:
    """Those there are, and a form that starts another."""
    initial = {"base": Encoder.objects.active()}
    form = TrainingForm(request.POST or None, initial=initial)
    if form.is_valid() and (training := form.begin(request.user)):
        return redirect("search:training", training.pk)
    ctx = {"form": form, "trainings": of(request).select_related("encoder")[:SHOWN]}
    status = HTTPStatus.BAD_REQUEST if form.errors else HTTPStatus.OK
    return render(request, "search/trainings/list.html", ctx, status=status)


@for_trainers
@require_safe
def training(request: SignedInRequest, pk: int) -> HttpResponse:
    training = get_object_or_404(of(request).select_related("encoder", "started_by"), pk=pk)
    ctx: dict[str, Any] = {
        "training": training,
        "is_unfinished": training.status in {Status.WAITING, Status.RUNNING},
        "loss": drawing.losses(training),
        "accuracy": drawing.accuracies(training),
    }
    if training.report:
        ctx |= drawing.report_charts(training)
        ctx["encoders"] = drawing.compared_rows(training)
        tested = drawing.sampled(training)
        ctx["samples"] = samples_for(request.user, tested, [one.name for one in tested])
    return render(request, "search/trainings/one.html", ctx)


@for_trainers
@require_POST
def cancel_training(request: SignedInRequest, pk: int) -> HttpResponse:
    training = get_object_or_404(of(request), pk=pk)
    if not cancel(training):
        messages.info(request, _("It had ended already."))
    return redirect("search:training", pk)


@for_trainers
@require_safe
def figures_json(request: SignedInRequest, pk: int) -> HttpResponse:
    training = get_object_or_404(of(request), pk=pk)
    return JsonResponse(as_json(training), headers=attached(f"training-{pk}.json"))


@for_trainers
@require_safe
def figures_csv(request: SignedInRequest, pk: int) -> HttpResponse:
    """One line a figure: of which encoder, on what, its value, interval and queries."""
    training = get_object_or_404(of(request), pk=pk)
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(["encoder", "measured", "figure", "class", "value", "low", "high", "queries"])
    writer.writerows(rows(training))
    return HttpResponse(
        out.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers=attached(f"training-{pk}.csv"),
    )
