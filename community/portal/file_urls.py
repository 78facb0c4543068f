"""Files that are the same in every language."""

from django.urls import path

from community.portal.views import browsing, photos

urlpatterns = [
    path("photo/<uuid:key>/<str:size>.jpg", photos.photo, name="photo"),
    path("photo/draft/<uuid:submit_key>/<uuid:key>.jpg", photos.draft_photo, name="draft_photo"),
    path("logo/<str:stem>.png", photos.logo, name="logo"),
    path("accent.css", browsing.accent, name="accent"),
]
