"""Find the firm's clients, say what each lacks, and take in lists of them."""
