"""Addresses without a final slash, the same in every language."""

from django.urls import path

from provisioning.api import documents, views

app_name = "api"
CALLS = [
    path("hromadas", views.Hromadas.as_view(), name="hromadas"),
    path("hromadas/<str:code>", views.Hromada.as_view(), name="hromada"),
    path("cities", views.Cities.as_view(), name="cities"),
    path("cities/<slug:slug>", views.OneCity.as_view(), name="city"),
    path("cities/<slug:slug>/provisioning", views.Provisioning.as_view(), name="provisioning"),
    path("cities/<slug:slug>/launch", views.Launch.as_view(), name="launch"),
    path("cities/<slug:slug>/suspend", views.Suspend.as_view(), name="suspend"),
    path("cities/<slug:slug>/resume", views.Resume.as_view(), name="resume"),
]
urlpatterns = [
    *CALLS,
    path("openapi.json", documents.openapi, name="openapi"),
]
