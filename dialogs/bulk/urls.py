from django.urls import URLPattern, path

from dialogs.bulk import views

urlpatterns: list[URLPattern] = [
    path("masseendring/", views.bulk, name="bulk"),
    path("masseendring/antall/", views.count, name="bulk-count"),
    path("masseendring/<int:pk>/", views.job, name="bulk-job"),
    path("masseendring/<int:pk>/angre/", views.undo, name="bulk-undo"),
    path("masseendring/<int:pk>/igjen/", views.retry, name="bulk-retry"),
    path("masseendringer/", views.my_jobs, name="bulk-jobs"),
]
