//! The checks of `support`, with files of SQLite.

mod support;

#[tokio::test]
async fn an_event_is_kept_with_its_cause_or_not_at_all() {
    support::an_event_is_kept_with_its_cause_or_not_at_all("sqlite").await;
}

#[tokio::test]
async fn what_is_sent_twice_is_handled_once() {
    support::what_is_sent_twice_is_handled_once("sqlite").await;
}

#[tokio::test]
async fn relays_and_consumers_share_the_work() {
    support::relays_and_consumers_share_the_work("sqlite").await;
}

#[tokio::test]
async fn what_is_not_taken_is_sent_again() {
    support::what_is_not_taken_is_sent_again("sqlite").await;
}

#[tokio::test]
async fn what_fails_is_tried_again_and_is_a_dead_letter_in_the_end() {
    support::what_fails_is_tried_again_and_is_a_dead_letter_in_the_end("sqlite").await;
}

#[tokio::test]
async fn spans_are_linked_and_polling_makes_none() {
    support::spans_are_linked_and_polling_makes_none("sqlite").await;
}
