"""Letters to operators: that something is there, never what it says."""

from django.urls import reverse
from django.utils.translation import gettext as _

from bezpechne.accounts.models import AccountMail, User
from bezpechne.kernel.mail.letters import Letter
from bezpechne.kernel.mail.outbox import writes
from bezpechne.kernel.site import platform_site
from provisioning.console.actions.requests import MAIL_KIND
from provisioning.console.models import JoinRequest, RequestState


@writes(MAIL_KIND)
def join_request(mail: AccountMail) -> Letter | None:
    """None when somebody works on it already, or the operator left."""
    to = User.objects.filter(pk=mail.recipient_id or 0, is_active=True).first()
    waits = JoinRequest.objects.filter(pk=mail.subject_id, state=RequestState.NEW).exists()
    if to is None or not waits:
        return None
    here = platform_site()
    return Letter(
        to=to.email,
        subject=_("A new request to join"),
        paragraphs=[_("Somebody wants to bring a city to the platform.")],
        button=(
            _("Open the request"),
            here.absolute(
                reverse(
                    "platform:request",
                    args=[mail.subject_id],
                    urlconf="bezpechne.urls.public",
                )
            ),
        ),
        site=here.name,
        site_url=here.url,
    )
