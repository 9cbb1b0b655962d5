# The newest Jaeger that is a Go module, 2.13, has the former names of four settings.
s/span_metrics/spanmetrics/g
s/otlp_http/otlphttp/g
s/{attributes: \[{name: \([^,]*\), value: \([^}]*\)}\]}/{\1: \2}/
s/topics: \[\([^]]*\)\]/topic: \1/
