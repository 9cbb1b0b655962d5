//! When it opens, and when it closes again.

use std::time::Duration;

use tokio::time::Instant;

use crate::client::layers::circuit_breaker::{
    Settings,
    breaker::{Breaker, Outcome, Position},
};

pub(super) fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A breaker whose calls end at once.
struct Fixture {
    breaker: Breaker,
    now: Instant,
}

impl Fixture {
    fn new() -> Self {
        let now = Instant::now();
        Self {
            breaker: Breaker::new(Settings::default(), now),
            now,
        }
    }

    fn call(&mut self, outcome: Outcome) -> Position {
        let generation = self.breaker.admit(self.now).expect("the call passes");
        self.breaker.ended(generation, outcome, self.now);
        self.breaker.position()
    }

    fn refused(&mut self) -> bool {
        self.breaker.admit(self.now).is_err()
    }

    fn open(&mut self) {
        for _ in 0..10 {
            self.call(Outcome::Failure);
        }
        assert_eq!(self.breaker.position(), Position::Open);
    }
}

#[tokio::test(start_paused = true)]
async fn it_opens_at_the_tenth_call_when_half_fail() {
    let mut fixture = Fixture::new();
    for number in 1..=9 {
        assert_eq!(
            fixture.call(Outcome::Failure),
            Position::Closed,
            "call {number}"
        );
    }
    assert_eq!(fixture.call(Outcome::Success), Position::Open);

    let mut fixture = Fixture::new();
    for outcome in [Outcome::Failure, Outcome::Success].repeat(4) {
        assert_eq!(fixture.call(outcome), Position::Closed);
    }
    fixture.call(Outcome::Success);
    assert_eq!(fixture.call(Outcome::Success), Position::Closed, "4 of 10");
    assert_eq!(fixture.call(Outcome::Failure), Position::Closed, "5 of 11");
    assert_eq!(fixture.call(Outcome::Failure), Position::Open, "6 of 12");
}

#[tokio::test(start_paused = true)]
async fn calls_from_before_the_window_do_not_count() {
    let mut fixture = Fixture::new();
    for _ in 0..200 {
        fixture.call(Outcome::Success);
    }
    fixture.now += seconds(11);
    for number in 1..=9 {
        assert_eq!(
            fixture.call(Outcome::Failure),
            Position::Closed,
            "call {number}"
        );
    }
    assert_eq!(fixture.call(Outcome::Failure), Position::Open);

    let mut fixture = Fixture::new();
    for _ in 0..9 {
        fixture.call(Outcome::Failure);
    }
    fixture.now += seconds(11);
    assert_eq!(
        fixture.call(Outcome::Failure),
        Position::Closed,
        "the nine are forgotten"
    );
}

#[tokio::test(start_paused = true)]
async fn it_stays_open_for_five_seconds_and_closes_after_three_probes() {
    let mut fixture = Fixture::new();
    fixture.open();
    fixture.now += Duration::from_millis(4999);
    assert!(fixture.refused());
    fixture.now += Duration::from_millis(1);
    let probes: Vec<u64> = (0..3)
        .map(|_| fixture.breaker.admit(fixture.now).expect("a probe"))
        .collect();
    assert!(fixture.refused(), "a fourth while three are under way");
    for generation in probes {
        assert_eq!(fixture.breaker.position(), Position::HalfOpen);
        fixture
            .breaker
            .ended(generation, Outcome::Success, fixture.now);
    }
    assert_eq!(fixture.breaker.position(), Position::Closed);
}

#[tokio::test(start_paused = true)]
async fn one_probe_that_fails_opens_it_again() {
    let mut fixture = Fixture::new();
    fixture.open();
    fixture.now += seconds(5);
    assert_eq!(fixture.call(Outcome::Success), Position::HalfOpen);
    assert_eq!(fixture.call(Outcome::Failure), Position::Open);
    fixture.now += seconds(4);
    assert!(fixture.refused());
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_is_given_up_makes_room_for_another() {
    let mut fixture = Fixture::new();
    fixture.open();
    fixture.now += seconds(5);
    for _ in 0..10 {
        assert_eq!(fixture.call(Outcome::Neutral), Position::HalfOpen);
    }
}

#[tokio::test(start_paused = true)]
async fn old_news_does_not_change_the_state() {
    let mut fixture = Fixture::new();
    let slow: Vec<u64> = (0..20)
        .map(|_| fixture.breaker.admit(fixture.now).expect("the call passes"))
        .collect();
    fixture.open();
    fixture.now += seconds(5);
    assert_eq!(fixture.call(Outcome::Success), Position::HalfOpen);
    for generation in slow {
        fixture
            .breaker
            .ended(generation, Outcome::Failure, fixture.now);
    }
    assert_eq!(fixture.breaker.position(), Position::HalfOpen);
}
