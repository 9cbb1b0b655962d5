//! Spans, metrics, logs and propagation for tonic: the crate to copy.
