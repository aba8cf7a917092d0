from django.urls import URLPattern, path

from dialogs.searches import command_views, profile, views

urlpatterns: list[URLPattern] = [
    path("lagrede-sok/", views.saved, name="saved-searches"),
    path("lagrede-sok/nytt/", views.save, name="search-save"),
    path("lagrede-sok/antall/", views.menu_counts, name="search-counts"),
    path("lagrede-sok/start/", views.start_with, name="search-start"),
    path("lagrede-sok/angre/", views.undo_delete, name="search-undo-delete"),
    path("lagrede-sok/<int:pk>/", views.edit, name="search-edit"),
    path("lagrede-sok/<int:pk>/filtre/", views.update, name="search-update"),
    path("lagrede-sok/<int:pk>/slett/", views.delete, name="search-delete"),
    path("hurtigmeny/", command_views.commands, name="commands"),
    path("profil/", profile.profile, name="profile"),
]
