"""Pages of a city about people of the platform who act there."""

from django.urls import path

from provisioning.acting import views

app_name = "acting"
urlpatterns = [
    path("account/act/end/", views.end, name="end"),
    path("account/act/<str:token>/", views.begin, name="begin"),
    path("desk/platform/", views.log, name="log"),
]
