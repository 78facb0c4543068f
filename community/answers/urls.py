from django.urls import path

from community.answers import views

app_name = "answers"
urlpatterns = [
    path("address/<int:unit>/<str:token>/", views.confirm_address, name="confirm_address"),
    path("<str:token>/", views.page, name="page"),
    path("<str:token>/opened/", views.opened, name="opened"),
    path("<str:token>/accept/", views.accept, name="accept"),
    path("<str:token>/pass-back/", views.pass_back, name="pass_back"),
    path("<str:token>/submit/", views.submit, name="submit"),
    path("<str:token>/photo/<uuid:key>/<str:size>.jpg", views.photo, name="photo"),
    path("<str:token>/letter/<uuid:key>/", views.letter, name="letter"),
]
