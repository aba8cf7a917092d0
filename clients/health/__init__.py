"""How well the firm sees its clients, and alarms that come and go by themselves."""
