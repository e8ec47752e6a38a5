"""What those who run a deployment look after: how they sign in, models, budgets, alerts, privacy and its jobs."""
