"""How the city is doing."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from bezpechne.accounts import access
from bezpechne.accounts.permissions import Permission
from community.administration.overview import HEIGHT, STEP, last_months, use_of_room
from community.notices.queries import given_up
from community.questions.queries import oldest_new, oldest_waiting, tallies
from community.questions.states import WAITING, QuestionState

# Of the letters that were given up.
SHOWN = 20


@access.staff(Permission.ADMINISTER)
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Figures, the last year, letters that nobody got, room that is left."""
    numbers, year = tallies(), last_months()
    files, mails = use_of_room()
    context = {
        "waiting": sum(numbers.get(state, 0) for state in WAITING),
        "new": numbers.get(QuestionState.IN_MODERATION, 0),
        "oldest": oldest_waiting(),
        "oldest_new": oldest_new(),
        "months": year,
        "this_month": year[-1],
        "counted": any(month.received.value or month.answered.value for month in year),
        "chart": {"width": len(year) * STEP, "height": HEIGHT + 44, "base": HEIGHT + 20},
        "refused": given_up(SHOWN),
        "files": files,
        "mails": mails,
    }
    return render(request, "administration/overview.html", context)
