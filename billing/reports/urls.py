"""Reports, inside the namespace of the finance pages."""

from django.urls import path

from billing.reports import (
    comparison_views,
    drill_views,
    link_views,
    reconcile_views,
    saved_views,
    views,
)

urlpatterns = [
    path("reports/", views.report, name="reports"),
    path("reports/documents/", views.report_documents, name="report_documents"),
    path("reports/find/", views.report_find, name="report_find"),
    path("reports/file/<str:ending>/", views.report_file, name="report_file"),
    path("reports/cities/csv/", comparison_views.report_cities_file, name="report_cities_file"),
    path("reports/cities/", comparison_views.report_cities, name="report_cities"),
    path("reports/acts/<int:pk>/", drill_views.report_act, name="report_act"),
    path("reports/costs/<int:pk>/", drill_views.report_cost, name="report_cost"),
    path("reports/reconciliation/", reconcile_views.report_routes, name="report_routes"),
    path("reports/kept/", saved_views.saved_reports, name="saved_reports"),
    path("reports/kept/<int:pk>/remove/", saved_views.remove_report, name="remove_report"),
    path("reports/links/", link_views.report_links, name="report_links"),
    path("reports/links/<int:pk>/revoke/", link_views.revoke_link, name="revoke_link"),
    path("r/<str:token>/", link_views.report_link, name="report_link"),
    path("r/<str:token>/<str:ending>/", link_views.report_link_file, name="report_link_file"),
]
