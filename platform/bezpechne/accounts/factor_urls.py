"""The second factor and sessions of one's own account, the same in a city and on the platform."""

from django.urls import path

from bezpechne.accounts import factor_views, passkey_views, security_views

app_name = "second_factor"
urlpatterns = [
    path("second-factor/", factor_views.code, name="code"),
    path("second-factor/set-up/", factor_views.enrol, name="enrol"),
    path("second-factor/passkey/options/", passkey_views.options, name="passkey_options"),
    path("second-factor/passkey/", passkey_views.sign_in, name="passkey"),
    path("security/", security_views.security, name="security"),
    path("security/set-up/", factor_views.set_up, name="set_up"),
    path("security/confirm/", security_views.confirm, name="confirm"),
    path("security/recovery-codes/", factor_views.renew_codes, name="renew_codes"),
    path("security/replace/", factor_views.replace, name="replace"),
    path("security/passkeys/add/", passkey_views.add, name="add_passkey"),
    path("security/passkeys/<int:pk>/", passkey_views.rename, name="rename_passkey"),
    path("security/passkeys/<int:pk>/remove/", passkey_views.remove, name="remove_passkey"),
    path("security/sessions/end/", security_views.end_others, name="end_sessions"),
    path("security/sessions/<int:pk>/end/", security_views.end_one, name="end_session"),
]
