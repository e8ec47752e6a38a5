"""The real Pulumi engine on a bare machine: no account, no Docker, no network."""
