//! The no-Docker backends: OTLP receiver, trace store, Jaeger query API and UI.
