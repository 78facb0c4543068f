"""The second factor; included on the hosts that ask for one."""

from django.urls import path

from bezpechne.accounts import factor_views

app_name = "second_factor"
urlpatterns = [
    path("second-factor/", factor_views.code, name="code"),
    path("second-factor/set-up/", factor_views.enrol, name="enrol"),
    path("security/", factor_views.security, name="security"),
    path("security/recovery-codes/", factor_views.renew_codes, name="renew_codes"),
    path("security/replace/", factor_views.replace, name="replace"),
]
