use crate::check::{
    evidence::{Evidence, TEXT},
    finding::{Finding, Verdict},
    instances::{self, Scrape},
    stack::Stack,
};

/// Where the spans of one process have gone.
#[derive(Clone, Copy, Debug, Default)]
struct Ledger {
    started: f64,
    exported: f64,
    failed: f64,
    dropped: f64,
    queued: f64,
    capacity: f64,
}

/// Reads the span ledgers: none was lost since before the call, none is unaccounted for, and
/// there is room for more.
pub(in crate::check) async fn check(stack: &Stack, evidence: &Evidence) -> Verdict {
    let mut sum = Ledger::default();
    for scrape in instances::scrape(stack, TEXT).await? {
        let ledger = Ledger::of(&scrape);
        let mut before = evidence.before.iter();
        let before = before.find(|before| before.address == scrape.address);
        let before = before.map_or(ledger, Ledger::of);
        judge(&scrape, ledger, before)?;
        sum.exported += ledger.exported;
        sum.failed += ledger.failed;
        sum.dropped += ledger.dropped;
        sum.queued += ledger.queued;
    }
    let Ledger {
        exported, queued, ..
    } = sum;
    let lost = sum.lost();
    let earlier = if lost > 0.0 {
        format!("{lost} lost, all earlier")
    } else {
        "none lost".to_owned()
    };
    Ok(format!("{exported} exported, {queued} queued, {earlier}"))
}

impl Ledger {
    fn of(scrape: &Scrape) -> Self {
        let sum = |name: &str| scrape.page.sum(name, |_| true);
        let by_success = |name: &str, success: bool| {
            scrape.page.sum(name, |sample| {
                sample.label("error_type").is_none_or(str::is_empty) == success
            })
        };
        let exported = "otel_sdk_exporter_span_exported_total";
        Self {
            started: sum("otel_sdk_span_started_total"),
            exported: by_success(exported, true),
            failed: by_success(exported, false),
            dropped: by_success("otel_sdk_processor_span_processed_total", false),
            queued: sum("otel_sdk_processor_span_queue_size"),
            capacity: sum("otel_sdk_processor_span_queue_capacity"),
        }
    }

    fn lost(&self) -> f64 {
        self.failed + self.dropped
    }

    /// Whether each span was sent or lost, or is queued. Counts are whole numbers, so a difference
    /// below a half is none.
    fn is_balanced(&self) -> bool {
        let known = self.exported + self.failed + self.dropped + self.queued;
        (self.started - known).abs() < 0.5
    }
}

/// Checks whether the ledger balances, and compares it with the one before the call.
fn judge(scrape: &Scrape, ledger: Ledger, before: Ledger) -> Result<(), Finding> {
    let [failed, dropped] = [
        ledger.failed - before.failed,
        ledger.dropped - before.dropped,
    ];
    let Ledger {
        queued, capacity, ..
    } = ledger;
    let (expected, found, advice) = if capacity < 1.0 {
        (
            "the metrics otel_sdk_* count the spans",
            format!("none of them at {}", scrape.address),
            "is tracing switched off there (OTEL_SDK_DISABLED)?",
        )
    } else if failed + dropped > 0.0 {
        (
            "no span is lost",
            format!("{failed} failed and {dropped} dropped since the call"),
            "its log says why; docs/runbooks/spans-lost.md has the steps",
        )
    } else if !ledger.is_balanced() {
        (
            "started = exported + failed + dropped + queued",
            format!("{ledger:?}"),
            "a fault of this program: please report it",
        )
    } else if queued >= capacity {
        (
            "the queue of spans has room",
            format!("{queued} of {capacity} places are taken"),
            "Jaeger is too slow for so many: sample fewer, or raise OTEL_BSP_MAX_QUEUE_SIZE",
        )
    } else {
        return Ok(());
    };
    Err(Finding::new(scrape.service, expected, found, advice))
}

#[cfg(test)]
mod tests {
    use prom_text::Page;

    use super::{Ledger, judge};
    use crate::check::instances::Scrape;

    fn scrape(text: &str) -> Scrape {
        Scrape {
            service: "user",
            address: "http://localhost:9102".to_owned(),
            page: Page::parse(text),
        }
    }

    fn page(started: u32, failed: u32, dropped: u32, queued: u32) -> Scrape {
        scrape(&format!(
            "otel_sdk_span_started_total {started}\n\
             otel_sdk_exporter_span_exported_total{{error_type=\"\"}} 10\n\
             otel_sdk_exporter_span_exported_total{{error_type=\"UNAVAILABLE\"}} {failed}\n\
             otel_sdk_processor_span_processed_total{{error_type=\"\"}} 10\n\
             otel_sdk_processor_span_processed_total{{error_type=\"queue_full\"}} {dropped}\n\
             otel_sdk_processor_span_queue_size {queued}\n\
             otel_sdk_processor_span_queue_capacity 20\n"
        ))
    }

    #[test]
    fn a_ledger_that_balances_and_lost_nothing_new_is_well() {
        let before = page(15, 2, 3, 0);
        for now in [page(15, 2, 3, 0), page(20, 2, 3, 5), page(34, 2, 3, 19)] {
            let (ledger, before) = (Ledger::of(&now), Ledger::of(&before));
            assert!(judge(&now, ledger, before).is_ok());
        }
    }

    #[test]
    fn each_way_to_lose_a_span_is_named() {
        let before = page(15, 2, 3, 0);
        for (now, found) in [
            (page(17, 4, 3, 0), "2 failed and 0 dropped since the call"),
            (page(16, 2, 4, 0), "0 failed and 1 dropped since the call"),
            (
                page(16, 2, 3, 0),
                "Ledger { started: 16.0, exported: 10.0, failed: 2.0, dropped: 3.0, queued: 0.0, capacity: 20.0 }",
            ),
            (page(35, 2, 3, 20), "20 of 20 places are taken"),
            (scrape("up 1"), "none of them at http://localhost:9102"),
        ] {
            let finding = judge(&now, Ledger::of(&now), Ledger::of(&before)).unwrap_err();
            assert_eq!(
                (finding.found.as_str(), finding.part.as_str()),
                (found, "user")
            );
        }
    }
}
