"""What the map loads."""

from django.urls import path

from community.portal.views import browsing

app_name = "map"
urlpatterns = [
    path("pins.json", browsing.pins, name="pins"),
    path("outline.json", browsing.outline, name="outline"),
]
