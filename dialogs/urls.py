app_name = "dialogs"
urlpatterns: list[object] = []
