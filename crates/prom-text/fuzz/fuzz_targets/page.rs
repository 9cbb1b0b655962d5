//! Any text as a page of metrics, and as the labels of a sample.

#![no_main]

use libfuzzer_sys::fuzz_target;
use prom_text::{Line, lines, read_labels};

fuzz_target!(|text: &str| {
    let lines: Vec<_> = lines(text).collect();
    assert!(lines.len() <= text.lines().count());
    for sample in lines.into_iter().flatten() {
        if let Line::Sample(sample) = sample {
            assert!(!sample.name.is_empty());
            assert_eq!(sample.clone().into_owned().labels, sample.labels);
        }
    }
    if let Some((_, rest)) = read_labels(text) {
        assert!(text.ends_with(rest));
    }
});
