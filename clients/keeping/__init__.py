"""Keep clients in step with Enhetsregisteret, and subscriptions with Altinn Events."""
