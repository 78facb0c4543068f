"""What a city's map takes from the gazetteer."""

from django.urls import path

from provisioning import views

urlpatterns = [path("places.json", views.places, name="places")]
