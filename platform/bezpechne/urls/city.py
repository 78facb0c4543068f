"""A city's pages. Ukrainian has no prefix, English has /en/."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path

from bezpechne.kernel import faults

urlpatterns = [
    path("map/", include("community.portal.map_urls")),
    path("map/", include("provisioning.city_urls")),
    path("files/", include("community.portal.file_urls")),
    *i18n_patterns(
        path("", include("community.portal.urls")),
        path("", include("billing.city_urls")),
        path("answer/", include("community.answers.urls")),
        path("", include("provisioning.acting.city_urls")),
        path("desk/hours/", include("community.timesheet.urls")),
        path("desk/city/look/", include("provisioning.branding.city_urls")),
        path("desk/", include("community.administration.urls")),
        path("desk/", include("community.desk.urls")),
        path("account/", include("bezpechne.accounts.urls")),
        path("account/", include("bezpechne.accounts.factor_urls")),
        prefix_default_language=False,
    ),
]

handler400 = faults.bad_request
handler403 = faults.permission_denied
handler404 = faults.page_not_found
handler500 = faults.server_error
