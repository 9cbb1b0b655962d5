//! Records of a topic: kept with the offset to go on from, in one transaction.

use database::Transaction;
use opentelemetry::KeyValue;
use tonic_telemetry::{
    conventions::MESSAGING_DESTINATION_PARTITION_ID, database::QueryError as _,
    messaging::MessageHeaders,
};

use super::{
    Inbox,
    offsets::{ADVANCE, BURY_RECORD, OFFSET, PLACE, SET_OFFSET},
    statements::ACCEPT,
};
use crate::{Event, Failure, event::now_ms, work::without_spans};

/// A record that was read.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) offset: i64,
    /// The event, or why the record holds none.
    pub(crate) event: Result<Event, String>,
}

/// A record that holds no event, and why.
struct NoEvent {
    /// `TOPIC/PARTITION/OFFSET`.
    id: String,
    reason: String,
}

impl Inbox {
    /// The offset that a partition is read from, or `None` where it never was.
    pub(crate) async fn next_offset(
        &self,
        topic: &str,
        partition: i32,
    ) -> Result<Option<i64>, Failure> {
        let query = OFFSET.bind(topic.to_owned()).bind(i64::from(partition));
        let found: Option<(i64,)> = without_spans(self.database.fetch_optional(query)).await?;
        Ok(found.map(|(offset,)| offset))
    }

    /// Reads a partition from this offset on, even where that is a step back.
    pub(crate) async fn set_offset(
        &self,
        topic: &str,
        partition: i32,
        offset: i64,
    ) -> Result<(), Failure> {
        let query = SET_OFFSET
            .bind(topic.to_owned())
            .bind(i64::from(partition))
            .bind(offset);
        without_spans(self.database.write(query)).await?;
        Ok(())
    }

    /// Keeps records, and the offset behind them: the events for the consumer, what is no event as
    /// dead letters. Those that came before are left as they are.
    pub(crate) async fn take(
        &self,
        topic: &str,
        partition: i32,
        records: Vec<Taken>,
        next: i64,
    ) -> Result<(), Failure> {
        let (mut events, mut others) = (Vec::new(), Vec::new());
        for Taken { offset, event } in records {
            match event {
                Ok(event) => events.push((offset, event)),
                Err(reason) => others.push(NoEvent {
                    id: format!("{topic}/{partition}/{offset}"),
                    reason,
                }),
            }
        }
        // Two batches that lock the same rows in another order would wait for each other for ever.
        events.sort_by(|(_, left), (_, right)| left.id.cmp(&right.id));
        let headers: Vec<&MessageHeaders> = events.iter().map(|(_, it)| &it.headers).collect();
        let id = KeyValue::new(MESSAGING_DESTINATION_PARTITION_ID, partition.to_string());
        let span = self.spans.receive(headers.into_iter(), vec![id]);
        let advance = ADVANCE
            .bind(topic.to_owned())
            .bind(i64::from(partition))
            .bind(next);
        let work = async {
            let mut transaction = self.database.begin().await?;
            keep(&mut transaction, partition, &events).await?;
            let buried = bury(&mut transaction, &others).await?;
            transaction.write(advance).await?;
            transaction.commit().await?;
            Ok(buried)
        };
        let kind = |error: &database::QueryError| error.error_type();
        let buried = span.run(work, kind).await?;
        self.report(&others, &buried);
        self.wake.notify_one();
        Ok(())
    }

    /// Says how many records of a partition are not read yet.
    pub(crate) fn lag(&self, partition: i32, records: i64) {
        let lag = &self.metrics.lag;
        lag.with_label_values(&[&partition.to_string()])
            .set(records.max(0));
    }

    /// Counts and logs the dead letters that are new.
    fn report(&self, others: &[NoEvent], buried: &[u64]) {
        for (NoEvent { id, reason }, _) in others.iter().zip(buried).filter(|it| *it.1 == 1) {
            tracing::error!(event = id, "dead letter: {reason}");
            self.count("dead_letter");
        }
    }
}

async fn keep(
    transaction: &mut Transaction<'_>,
    partition: i32,
    events: &[(i64, Event)],
) -> Result<(), database::QueryError> {
    let now = now_ms();
    let accepts = events.iter().map(|(_, event)| super::accept(event, now));
    transaction.write_all(ACCEPT, accepts.collect()).await?;
    let places = events.iter().map(|(offset, event)| {
        PLACE
            .bind(event.id.clone())
            .bind(i64::from(partition))
            .bind(*offset)
    });
    transaction.write_all(PLACE, places.collect()).await?;
    Ok(())
}

async fn bury(
    transaction: &mut Transaction<'_>,
    others: &[NoEvent],
) -> Result<Vec<u64>, database::QueryError> {
    let now = now_ms();
    let letters = others
        .iter()
        .map(|NoEvent { id, reason }| BURY_RECORD.bind(id.clone()).bind(reason.clone()).bind(now));
    transaction.write_all(BURY_RECORD, letters.collect()).await
}
