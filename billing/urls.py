"""Pages about money on the platform's host, under /finance/."""

from django.urls import include, path

app_name = "finance"
urlpatterns = [
    path("", include("billing.pages.urls")),
    path("", include("billing.reports.urls")),
]
