"""Pages of the hand-overs, under /finance/handovers/."""

from django.urls import path

from provisioning.handover import list_views, step_views, views

app_name = "handover"
urlpatterns = [
    path("", list_views.handovers, name="list"),
    path("new/", list_views.new, name="new"),
    path("<int:pk>/", views.page, name="page"),
    path("<int:pk>/step/", step_views.step, name="step"),
    path("<int:pk>/next/", step_views.advance, name="next"),
    path("<int:pk>/back/", step_views.back, name="back"),
    path("<int:pk>/due/", step_views.due, name="due"),
    path("<int:pk>/close/", step_views.close, name="close"),
    path("<int:pk>/switch/", step_views.switch, name="switch"),
    path("<int:pk>/extend/", step_views.extend, name="extend"),
    path("<int:pk>/suspend/", step_views.suspend, name="suspend"),
    path("<int:pk>/renew/", step_views.renew, name="renew"),
    path("<int:pk>/evidence.pdf", views.evidence_pdf, name="evidence"),
    path("<int:pk>/<slug:kind>.<slug:ending>", views.draft, name="draft"),
]
