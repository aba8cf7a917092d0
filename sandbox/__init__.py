"""A stand-in over HTTP for Maskinporten, Altinn's token exchange, Dialogporten and Altinn Events.

It shares no code with the portal and is reached only over HTTP. What it does differently from
Altinn is listed in `README.md`.
"""
