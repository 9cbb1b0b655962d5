//! The effect of an event: a line in the audit log.

use database::{Statement, Transaction};
use grpc_wire::code_name;
use outbox::{Event, Failure, Handler};
use tonic_resilience::server::layers::inject_fault::InjectFaultLayer;

/// The id of an event is not unique here, so that an event with two effects would be seen.
pub(super) const SCHEMA: &str = "CREATE TABLE IF NOT EXISTS audit_log (
    event_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    action TEXT NOT NULL,
    happened_at_ms BIGINT NOT NULL
)";

const ADD: Statement = Statement {
    operation: "INSERT",
    table: "audit_log",
    text: "INSERT INTO audit_log (event_id, user_id, action, happened_at_ms) \
           VALUES ($1, $2, $3, $4)",
};

/// Writes the audit log.
#[derive(Clone, Copy, Debug)]
pub(super) struct Audit {
    /// Where callers may ask for faults: those in the baggage that came with the event.
    pub(super) faults: Option<InjectFaultLayer>,
}

impl Handler for Audit {
    async fn prepare(&self, _: &Event, attempt: u32) -> Result<(), Failure> {
        let Some(faults) = &self.faults else {
            return Ok(());
        };
        let injected = faults
            .inject(proto::PROCESS_EVENT, attempt.saturating_sub(1))
            .await;
        injected.map_err(|status| Failure::new(code_name(status.code()), status.message()))
    }

    async fn handle(
        &self,
        event: &Event,
        transaction: &mut Transaction<'_>,
    ) -> Result<(), Failure> {
        let add = ADD
            .bind(event.id.clone())
            .bind(event.subject.clone())
            .bind(event.kind.clone())
            .bind(event.created_at_ms);
        transaction.write(add).await?;
        Ok(())
    }
}
