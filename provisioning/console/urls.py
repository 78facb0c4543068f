"""The console's pages; names live in the namespace `platform` of provisioning.urls."""

from django.urls import path

from provisioning.console.views import announcements, city, fleet, jobs, journal, requests

urlpatterns = [
    path("", fleet.console, name="console"),
    path("cities.csv", fleet.cities_csv, name="cities_csv"),
    path("cities.json", fleet.points, name="points"),
    path("cities/<slug:slug>/", city.city, name="city"),
    path("requests/", requests.requests, name="requests"),
    path("requests/<int:pk>/", requests.one_request, name="request"),
    path("announcements/", announcements.announcements, name="announcements"),
    path("announcements/<int:pk>/end/", announcements.end_announcement, name="end_announcement"),
    path("jobs/", jobs.jobs, name="jobs"),
    path("jobs/retry/", jobs.retry_jobs, name="retry_jobs"),
    path("jobs/<int:job>/delete/", jobs.delete_job, name="delete_job"),
    path("journal/", journal.journal, name="journal"),
    path("journal.csv", journal.journal_csv, name="journal_csv"),
    path("cities/<slug:slug>/map/", city.set_basemap, name="basemap"),
    path("cities/<slug:slug>/limits/", city.set_limits, name="limits"),
]
