from django.urls import path

from community.answers.views import acts, files, pages

app_name = "answers"
urlpatterns = [
    path("address/<int:unit>/<str:token>/", files.confirm_address, name="confirm_address"),
    path("<str:token>/", pages.page, name="page"),
    path("<str:token>/others/", pages.others, name="others"),
    path("<str:token>/receipt/", pages.receipt, name="receipt"),
    path("<str:token>/opened/", acts.opened, name="opened"),
    path("<str:token>/accept/", acts.accept, name="accept"),
    path("<str:token>/pass-back/", acts.pass_back, name="pass_back"),
    path("<str:token>/pass-on/", acts.pass_on, name="pass_on"),
    path("<str:token>/take-back/", acts.take_back, name="take_back"),
    path("<str:token>/draft/", acts.draft, name="draft"),
    path("<str:token>/submit/", acts.submit, name="submit"),
    path("<str:token>/new-link/", acts.want_link, name="want_link"),
    path("<str:token>/photo/<uuid:key>/<str:size>.jpg", files.photo, name="photo"),
    path("<str:token>/letter/<uuid:key>/", files.letter, name="letter"),
]
