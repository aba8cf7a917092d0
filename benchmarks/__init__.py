"""How fast the portal is beside a yardstick on the same machine in the same run. See README.md."""
