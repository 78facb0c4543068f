"""Pages of the platform's own host."""

from django.urls import include, path

from provisioning import life_pages, readiness_views
from provisioning.acting.views import act
from provisioning.administrators.views import administrator, factor
from provisioning.api import console as api_console
from provisioning.api import documents
from provisioning.city_templates import views as city_templates
from provisioning.console.views import public
from provisioning.wizard import views as wizard

app_name = "platform"
urlpatterns = [
    path("", public.landing, name="landing"),
    path("cities.json", public.country_points, name="country_points"),
    path("join/", public.join, name="join"),
    path("join/thanks/", public.joined, name="joined"),
    path("console/api-tokens/", api_console.api_tokens, name="api_tokens"),
    path("console/api-tokens/<int:pk>/revoke/", api_console.revoke, name="revoke_api_token"),
    path("api/", documents.page, name="api"),
    path("console/cities/<slug:slug>/branding/", include("provisioning.branding.urls")),
    path("console/cities/<slug:slug>/", include("provisioning.domain_urls")),
    path("console/new/", wizard.new_city, name="new_city"),
    path("console/new/slug/", wizard.new_city_slug, name="new_city_slug"),
    path("console/new/check/<uuid:key>/", wizard.new_city_check, name="new_city_check"),
    path("console/new/<slug:code>/", wizard.new_city_form, name="new_city_form"),
    path("console/cities/<slug:slug>/ready/", readiness_views.page, name="readiness"),
    path(
        "console/cities/<slug:slug>/ready/bounds/",
        readiness_views.tick_bounds,
        name="readiness_bounds",
    ),
    path(
        "console/cities/<slug:slug>/ready/link/", readiness_views.tick_link, name="readiness_link"
    ),
    path(
        "console/cities/<slug:slug>/ready/invite/",
        readiness_views.invite,
        name="readiness_invite",
    ),
    path("console/templates/", city_templates.templates, name="templates"),
    path("console/templates/<slug:code>/", city_templates.edit_template, name="edit_template"),
    path("console/templates/<slug:code>/copy/", city_templates.copy_template, name="copy_template"),
    path(
        "console/templates/<slug:code>/restore/",
        city_templates.restore_template,
        name="restore_template",
    ),
    path(
        "console/templates/<slug:code>/delete/",
        city_templates.delete_template,
        name="delete_template",
    ),
    path("console/cities/<slug:slug>/life/", life_pages.life, name="life"),
    path("console/cities/<slug:slug>/life/<slug:step>/", life_pages.life_step, name="life_step"),
    path("console/cities/<slug:slug>/act/", act, name="act"),
    path("console/cities/<slug:slug>/administrator/", administrator, name="administrator"),
    path(
        "console/cities/<slug:slug>/administrator/second-factor/",
        factor,
        name="administrator_factor",
    ),
    path("console/", include("provisioning.console.urls")),
]
