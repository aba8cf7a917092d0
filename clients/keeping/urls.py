"""Addresses of what keeps clients and subscriptions in step."""

from django.urls import path

from clients.keeping import views

urlpatterns = [
    path("systembrukere/abonnementer/", views.subscriptions, name="subscriptions"),
    path("systembrukere/abonnementer/spor-igjen/", views.ask_again, name="subscriptions-again"),
    path("systembrukere/abonnementer/<int:pk>/fjern/", views.watched_remove, name="watched-remove"),
]
