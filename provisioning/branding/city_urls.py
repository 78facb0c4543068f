"""Pages of the branding on a city's own host."""

from django.urls import path

from provisioning.branding import city_views as views

app_name = "look"
urlpatterns = [
    path("", views.branding, name="branding"),
    path("logo/<str:stem>.png", views.logo, name="branding_logo"),
    path("accent.css", views.accent, name="branding_accent"),
    path("<int:version>/restore/", views.restore, name="restore_branding"),
]
