"""The queue: what waits, who works, what died."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from bezpechne.accounts import access
from bezpechne.accounts.permissions import Permission
from bezpechne.kernel.query_strings import number_of, query
from provisioning.console.actions import jobs as actions
from provisioning.console.queries import jobs as queries


@access.staff(Permission.OPERATE)
@require_safe
def jobs(request: HttpRequest) -> HttpResponse:
    """Three queries, whatever the queue holds."""
    dead, more = queries.dead(number_of(request.GET, "after"))
    tasks = queries.tasks()
    context = {
        "tasks": tasks,
        "workers": queries.workers(),
        "dead": dead,
        "dead_number": sum(task.dead for task in tasks),
        "older_url": query({"after": more}) if more else "",
        "newer_url": "?" if request.GET.get("after") else "",
    }
    return render(request, "console/jobs.html", context)


@access.staff(Permission.OPERATE)
@require_POST
def retry_jobs(request: HttpRequest) -> HttpResponse:
    """`job`: one; without it all. What is no number retries nothing."""
    one = number_of(request.POST, "job") if "job" in request.POST else None
    number = actions.retry(by=access.actor_of(request), job_id=one)
    if number:
        text = ngettext(
            "%(n)d job is back in the queue.", "%(n)d jobs are back in the queue.", number
        )
        messages.success(request, text % {"n": number})
    else:
        messages.info(request, _("There was nothing to put back: somebody was quicker."))
    return redirect("platform:jobs")


@access.staff(Permission.OPERATE)
@require_POST
def delete_job(request: HttpRequest, job: int) -> HttpResponse:
    """One dead job, for good."""
    if actions.delete(by=access.actor_of(request), job_id=job):
        messages.success(request, _("The job is deleted."))
    else:
        messages.info(request, _("This job is not among the failed ones any more."))
    return redirect("platform:jobs")
