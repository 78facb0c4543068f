from django.urls import path

from community.portal.views import (
    asking,
    browsing,
    following,
    leaving,
    photos,
    privacy,
    uploading,
)

app_name = "portal"
urlpatterns = [
    path("", browsing.home, name="home"),
    path("q/<int:number>/", browsing.question, name="question"),
    path("about/", browsing.about, name="about"),
    path("help/", browsing.help_page, name="help"),
    path("accessibility/", browsing.accessibility, name="accessibility"),
    path("privacy/", privacy.privacy, name="privacy"),
    path("privacy/<str:version>/", privacy.version, name="privacy_version"),
    path("ask/", asking.ask, name="ask"),
    path("ask/photos/<uuid:submit_key>/", uploading.kept_photos, name="kept_photos"),
    path("ask/photos/<uuid:submit_key>/add/", uploading.add_photo, name="add_photo"),
    path("ask/sent/<str:token>/", asking.pending, name="pending"),
    path("ask/sent/<str:token>/again/", asking.resend, name="resend"),
    path("ask/sent/<str:token>/discard/", asking.discard, name="discard"),
    path("confirm/<str:token>/", asking.confirm, name="confirm"),
    path("follow/lost/", following.lost_link, name="lost_link"),
    path("follow/stop/<str:token>/", leaving.stop_following, name="stop_following"),
    path("follow/<str:token>/", following.follow, name="follow"),
    path("follow/<str:token>/withdraw/", following.withdraw, name="withdraw"),
    path("follow/<str:token>/undo/", following.undo_withdrawal, name="undo_withdrawal"),
    path("follow/<str:token>/address/", following.new_address, name="new_address"),
    path("follow/<str:token>/address/code/", following.confirm_address, name="confirm_address"),
    path("follow/<str:token>/language/", following.language, name="language"),
    path("follow/<str:token>/helped/", following.rate, name="rate"),
    path("follow/<str:token>/comment/", following.comment, name="comment"),
    path("follow/<str:token>/reopen/", following.reopen, name="reopen"),
    path("follow/<str:token>/photo/<uuid:key>/<str:size>.jpg", photos.own_photo, name="own_photo"),
]
