"""Pages about money that a city's own site has."""

from django.urls import path

from billing.reports import public_views

app_name = "costs"
urlpatterns = [path("costs/", public_views.costs, name="page")]
