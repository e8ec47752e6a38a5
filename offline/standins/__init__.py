"""Stand-ins for provider plugins that are not installed.

Each is a gRPC server that the real Pulumi engine takes for the plugin. Inputs are checked against the annotations of the
provider's own Python SDK; a change that the cloud can only make by replacing is a replacement; computed outputs look
like the cloud's. They are not the cloud: they know nothing of quotas, permissions, or rules between two resources.
"""
