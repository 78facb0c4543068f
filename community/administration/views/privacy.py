"""The privacy notice and the consent."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bezpechne.accounts import access
from bezpechne.accounts.permissions import Permission
from bezpechne.kernel.seen import ChangedMeanwhile, mark
from community.administration.privacy_forms import PrivacyForm
from community.desk.comparing import differences
from community.questions import consent
from community.questions.actions.privacy import values_of, write_notice


@access.staff(Permission.ADMINISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def privacy(request: HttpRequest) -> HttpResponse:
    """Saving makes a new version; the earlier ones stay readable."""
    values = values_of(consent.in_force())
    if request.method != "POST":
        return _page(request, PrivacyForm(initial={**values, "seen": mark(values)}))
    form = PrivacyForm(data := request.POST.copy())
    if form.is_valid():
        try:
            made = write_notice(
                by=access.actor_of(request),
                values=form.values(),
                seen=form.cleaned_data["seen"] or None,
            )
        except ChangedMeanwhile as refusal:
            form.add_error(None, str(refusal))
            data["seen"] = mark(values)
            return _page(request, form, differences(form, values))
        if made:
            messages.success(request, _("In force from now on. Earlier consents keep their text."))
        else:
            messages.info(request, _("Nothing has changed."))
        return redirect("administration:privacy")
    return _page(request, form)


def _page(
    request: HttpRequest, form: PrivacyForm, saved: list[tuple[str, str]] | None = None
) -> HttpResponse:
    context = {"form": form, "saved": saved, "versions": consent.versions()}
    status = 422 if form.is_bound else 200
    return render(request, "administration/privacy.html", context, status=status)
