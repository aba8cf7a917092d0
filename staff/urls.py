"""Addresses for logging in and out. Of allauth's pages only those we have a use for."""

from allauth.account import views as account
from allauth.mfa.urls import urlpatterns as two_steps
from allauth.socialaccount import views as social
from allauth.usersessions import views as sessions
from django.urls import include, path

from staff import oidc_views, views

urlpatterns = [
    path("login/", account.login, name="account_login"),
    path("logout/", oidc_views.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("signup/", account.signup, name="account_signup"),  # closed, and says so
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("password/reset/", views.password_reset, name="account_reset_password"),
    path("to-trinn/", include(two_steps)),
    path("okter/", sessions.list_usersessions, name="usersessions_list"),
    path("invitasjon/<str:code>/", views.invitation, name="invitation"),
    path("oidc/avbrutt/", social.login_cancelled, name="socialaccount_login_cancelled"),
    path("oidc/<slug:provider_id>/login/", oidc_views.login, name="openid_connect_login"),
    path("oidc/<slug:provider_id>/login/igjen/", oidc_views.again, name="openid_connect_again"),
    path(
        "oidc/<slug:provider_id>/login/callback/",
        oidc_views.callback,
        name="openid_connect_callback",
    ),
    path("oidc/<slug:provider_id>/logout/", oidc_views.ended_there, name="openid_connect_ended"),
]
