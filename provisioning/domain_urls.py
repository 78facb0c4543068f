"""Under /console/cities/<slug>/, in the namespace of the platform's pages."""

from django.urls import path

from provisioning import domain_pages as pages

urlpatterns = [
    path("domains/", pages.domains, name="domains"),
    path("domains/<int:pk>/check/", pages.check, name="domain_check"),
    path("domains/<int:pk>/primary/", pages.primary, name="domain_primary"),
    path("domains/<int:pk>/remove/", pages.remove, name="domain_remove"),
    path("rename/", pages.rename, name="rename_slug"),
]
