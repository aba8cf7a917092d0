app_name = "dialogs"
urlpatterns = []
