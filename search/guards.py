"""Pages that some people have and others do not."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse

from gallery.models import User
from gallery.views.uploading import SignedInRequest

View = Callable[..., HttpResponse]


def only_for(permitted: Callable[[User], bool]) -> Callable[[View], View]:
    """For those who are `permitted`; for others there is nothing at the address."""

    def guard(view: View) -> View:
        @login_required
        @wraps(view)
        def guarded(request: SignedInRequest, *args: Any, **options: Any) -> HttpResponse:
            if not permitted(request.user):
                raise Http404
            return view(request, *args, **options)

        return guarded

    return guard
