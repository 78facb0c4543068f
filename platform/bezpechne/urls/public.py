"""The platform's own pages."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path

from bezpechne.kernel import faults

urlpatterns = [
    path("api/v1/", include("provisioning.api.urls")),
    path("stripe/", include("billing.stripe.urls")),
    *i18n_patterns(
        path("", include("provisioning.urls")),
        path("finance/handovers/", include("provisioning.handover.urls")),
        path("finance/", include("billing.urls")),
        path("account/", include("bezpechne.accounts.urls")),
        path("account/", include("bezpechne.accounts.factor_urls")),
        prefix_default_language=False,
    ),
]
if settings.DEBUG or settings.DEMO:
    urlpatterns.append(path("styleguide/", include("bezpechne.styleguide")))
if settings.DEMO:
    urlpatterns.append(path("mailbox/", include("provisioning.demo.urls")))

handler400 = faults.bad_request
handler403 = faults.permission_denied
handler404 = faults.page_not_found
handler500 = faults.server_error
