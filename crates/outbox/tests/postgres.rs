//! The checks of `support`, with databases of PostgreSQL.

mod support;

#[tokio::test]
async fn an_event_is_kept_with_its_cause_or_not_at_all() {
    support::an_event_is_kept_with_its_cause_or_not_at_all("postgres").await;
}

#[tokio::test]
async fn what_is_sent_twice_is_handled_once() {
    support::what_is_sent_twice_is_handled_once("postgres").await;
}

#[tokio::test]
async fn relays_and_consumers_share_the_work() {
    support::relays_and_consumers_share_the_work("postgres").await;
}

#[tokio::test]
async fn what_is_not_taken_is_sent_again() {
    support::what_is_not_taken_is_sent_again("postgres").await;
}

#[tokio::test]
async fn what_fails_is_tried_again_and_is_a_dead_letter_in_the_end() {
    support::what_fails_is_tried_again_and_is_a_dead_letter_in_the_end("postgres").await;
}

#[tokio::test]
async fn spans_are_linked_and_polling_makes_none() {
    support::spans_are_linked_and_polling_makes_none("postgres").await;
}
