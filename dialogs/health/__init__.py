"""What only the dialogs tell of our access: services above our level, and a diagnosis."""
