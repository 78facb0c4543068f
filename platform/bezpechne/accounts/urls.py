from django.urls import path

from bezpechne.accounts import views

app_name = "accounts"
urlpatterns = [
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("reset/", views.reset, name="reset"),
    path("reset/<str:uid>/<str:token>/", views.reset_confirm, name="reset_confirm"),
    path("invitation/<str:token>/", views.accept, name="accept"),
]
