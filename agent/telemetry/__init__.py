"""What is measured of calls, for the operator's own tools: traces in OpenTelemetry's terms, and metrics for Prometheus.

Both are off unless they are set. Neither holds a word, a name or an argument of a call.
"""
