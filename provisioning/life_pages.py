"""The operator's page of one city's life: its state, what can be done, what was done."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from bezpechne.accounts import access
from bezpechne.accounts.permissions import Permission
from provisioning import life as actions
from provisioning.life_forms import StepForm
from provisioning.life_history import lines
from provisioning.life_steps import BY_CODE, STATE_WORDS, Step, steps_for, waiting_words
from tenants.models import City


@dataclass(frozen=True)
class Row:
    """A step on the page: its form, why it has to wait, whether it is unfolded."""

    step: Step
    form: StepForm
    hindrance: str
    opened: bool


def _city(slug: str) -> City:
    return get_object_or_404(City.objects.defer("outline").prefetch_related("domains"), slug=slug)


def _page(
    request: HttpRequest,
    city: City,
    *,
    tried: Step | None = None,
    form: StepForm | None = None,
    refusal: str = "",
) -> HttpResponse:
    """`tried`: the step whose form has errors; it stays open with what was typed."""
    before = request.GET.get("before", "")
    history, more = lines(city, int(before) if before.isdecimal() and len(before) < 19 else None)
    offered = steps_for(city)
    rows = [
        Row(
            step,
            form if step == tried and form else StepForm(step=step, city=city),
            step.hindrance(city),
            step == tried,
        )
        for step in offered
    ]
    primary = next((domain.url for domain in city.domains.all() if domain.is_primary), "")
    context = {
        # `city` would dress the platform's page as the city's.
        "subject": city,
        "url": primary,
        "seen": actions.seen(city),
        "state_words": STATE_WORDS[city.state],
        "waiting_words": waiting_words(),
        "fresh_export": actions.has_fresh_export(city),
        "open_steps": [row for row in rows if not row.step.closing],
        "closing_steps": [row for row in rows if row.step.closing],
        "refusal": refusal if tried not in offered else "",
        "history": history,
        "more": more,
        "first_page": not before,
    }
    return render(request, "provisioning/life.html", context, status=422 if tried else 200)


@access.staff(Permission.OPERATE)
@never_cache
@require_safe
def life(request: HttpRequest, slug: str) -> HttpResponse:
    """State, dates, allowed steps in plain words, history."""
    return _page(request, _city(slug))


@access.staff(Permission.OPERATE)
@never_cache
@require_POST
def life_step(request: HttpRequest, slug: str, step: str) -> HttpResponse:
    """Takes one step; a refusal is shown in its form, or above all when it is no longer offered."""
    city, row = _city(slug), BY_CODE.get(step)
    if row is None:
        raise Http404
    form = StepForm(request.POST, step=row, city=city)
    refusal = ""
    if form.is_valid():
        # Without the page's own field nobody knows what the person saw: refused like a stale one.
        seen = form.cleaned_data["expected"] or "nothing"
        try:
            row.act(access.actor_of(request), city, form.cleaned_data, seen)
        except actions.CityChangeRefused as error:
            refusal = str(error)
            form.add_error(None, refusal)
            city = _city(slug)
        else:
            messages.success(request, str(row.done))
            return (
                redirect("platform:console")
                if step == "delete"
                else redirect("platform:life", slug)
            )
    return _page(request, city, tried=row, form=form, refusal=refusal)
