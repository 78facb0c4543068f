from django.urls import path

from community.portal.views import asking, browsing, following, photos, privacy

app_name = "portal"
urlpatterns = [
    path("", browsing.home, name="home"),
    path("q/<int:number>/", browsing.question, name="question"),
    path("about/", browsing.about, name="about"),
    path("privacy/", privacy.privacy, name="privacy"),
    path("privacy/<str:version>/", privacy.version, name="privacy_version"),
    path("ask/", asking.ask, name="ask"),
    path("ask/sent/<str:token>/", asking.pending, name="pending"),
    path("ask/sent/<str:token>/again/", asking.resend, name="resend"),
    path("confirm/<str:token>/", asking.confirm, name="confirm"),
    path("follow/lost/", following.lost_link, name="lost_link"),
    path("follow/<str:token>/", following.follow, name="follow"),
    path("follow/<str:token>/photo/<uuid:key>/<str:size>.jpg", photos.own_photo, name="own_photo"),
]
