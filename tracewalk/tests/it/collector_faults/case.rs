use std::time::Duration;

use serde_json::Value;

use test_support::collector::Collector;

use super::{CALLS, fault::Fault, service::Service};

/// The queue of a service by default: no span is dropped for want of room.
const QUEUE: u64 = 8192;

/// A service, and its collector with a fault.
pub(crate) struct Case {
    pub(crate) fault: Fault,
    workers: &'static str,
    collector: Collector,
    service: Service,
    latencies: Vec<Duration>,
}

impl Case {
    pub(crate) async fn start(fault: Fault, workers: &'static str) -> Self {
        let collector = fault.start();
        Self {
            fault,
            workers,
            service: Service::start(&collector, workers, QUEUE).await,
            collector,
            latencies: Vec::new(),
        }
    }

    /// Makes the next call. Some collectors die after half of them.
    pub(crate) async fn call(&mut self, round: u64) {
        if self.fault == Fault::Dies && round == CALLS / 2 {
            self.service.exported(round).await;
            self.collector.kill();
        }
        self.latencies.push(self.service.call().await);
    }

    /// Claims that no call waits for the exporter, which waits 100 ms after its first failure and
    /// longer after each further one: not half of them so long, and none for seconds. Ratios of
    /// latencies are measured by scripts/outage.py, on a machine that does nothing else.
    pub(crate) fn assert_unharmed(&self) {
        let what = (self.fault, self.workers);
        let mut latencies = self.latencies.clone();
        latencies.sort_unstable();
        let (median, longest) = (latencies[latencies.len() / 2], latencies.last());
        assert!(median < Duration::from_millis(100), "{what:?}: {median:?}");
        assert!(
            longest < Some(&Duration::from_secs(2)),
            "{what:?}: {longest:?}"
        );
    }

    /// Stops the service by a signal; its last line and the collector say the same.
    pub(crate) async fn end(self) {
        let ledger = self.service.ledger(CALLS).await;
        assert_eq!(ledger.dropped, 0, "{:?}: {ledger:?}", self.fault);
        let ledger = self.service.stop().await;
        let what = format!("{:?}, {} workers: {ledger}", self.fault, self.workers);
        let count = |field: &str| ledger[field].as_u64().expect("the ledger is numbers");
        assert_eq!((count("started"), count("queued")), (CALLS, 0), "{what}");
        let lost = count("failed") + count("dropped");
        assert_eq!(count("exported") + lost, CALLS, "{what}");
        // Those that it rejects arrive as well.
        let rejected = match self.fault {
            Fault::RejectsOne => count("failed"),
            _ => 0,
        };
        assert_eq!(
            count("exported") + rejected,
            self.collector.spans() as u64,
            "{what}"
        );
        assert_eq!(lost > 0, self.fault.loses(), "{what}");
        assert_eq!(
            count("exported") == 0,
            self.fault.loses_everything(),
            "{what}"
        );
        assert_warning(&ledger, self.fault, &what);
    }
}

/// The warning is for what the shutdown lost; what was refused before is no news in it.
fn assert_warning(last: &Value, fault: Fault, what: &str) {
    let warns = last["level"] == "WARN";
    assert_eq!(warns, !last["lost"].is_null(), "{what}");
    assert!(warns || !fault.keeps_the_queue_full(), "{what}");
    assert!(!warns || fault.loses(), "{what}");
}
