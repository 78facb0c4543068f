"""Files that are the same in every language."""

from django.urls import path, re_path

from community.portal.views import browsing, faces, photos

urlpatterns = [
    path("photo/<uuid:key>/<str:size>.jpg", photos.photo, name="photo"),
    path("photo/draft/<uuid:submit_key>/<uuid:key>.jpg", photos.draft_photo, name="draft_photo"),
    path("logo/<str:stem>.png", photos.logo, name="logo"),
    path("icon.svg", faces.icon_svg, name="icon_svg"),
    re_path(r"^icon-(?P<size>180|512)\.png$", faces.icon_png, name="icon_png"),
    re_path(r"^card-(?P<language>uk|en)\.png$", faces.card, name="card"),
    re_path(r"^site-(?P<language>uk|en)\.webmanifest$", faces.manifest, name="manifest"),
    path("accent.css", browsing.accent, name="accent"),
]
