"""What leaves the portal on its own: notices by e-mail and chat, summaries, and calendars.

Everything is written down before it is sent (`Delivery`), masked on its way out, and bounded by
what its receiver may see when it goes.
"""
