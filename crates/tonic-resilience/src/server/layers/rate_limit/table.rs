use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use crate::server::principal::Caller;

/// For each caller, the time when its burst is complete again.
#[derive(Debug)]
pub(super) struct Table {
    /// The time that one call costs.
    interval: Duration,
    /// How far ahead of the clock a caller may be.
    burst: Duration,
    capacity: usize,
    callers: Mutex<Callers>,
}

#[derive(Debug)]
struct Callers {
    rested_at: HashMap<Caller, Instant>,
    /// When the next sweep may be: a flood of new callers must not cost one sweep each.
    sweep_at: Instant,
}

/// Least time between two sweeps of a full table.
const SWEEP: Duration = Duration::from_secs(1);

impl Table {
    /// A table for `capacity` callers, each with `rate` calls a second and `burst` at once.
    pub(super) fn new(rate: u32, burst: u32, capacity: usize) -> Self {
        let interval = Duration::from_secs(1) / rate.max(1);
        Self {
            interval,
            burst: interval * burst.max(1),
            capacity,
            callers: Mutex::new(Callers {
                rested_at: HashMap::new(),
                sweep_at: Instant::now(),
            }),
        }
    }

    /// Counts a call; the time to wait when it is one too many.
    pub(super) fn count(&self, caller: Caller) -> Result<(), Duration> {
        let now = Instant::now();
        // After a panic, at worst one call is not counted.
        let mut callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
        if !callers.rested_at.contains_key(&caller) && !callers.make_room(self.capacity, now) {
            return Err(self.interval);
        }
        let rested_at = callers.rested_at.entry(caller).or_insert(now);
        let next = (*rested_at).max(now) + self.interval;
        let wait = (next - now).saturating_sub(self.burst);
        if !wait.is_zero() {
            return Err(wait);
        }
        *rested_at = next;
        Ok(())
    }

    #[cfg(test)]
    pub(super) fn callers(&self) -> usize {
        let callers = self.callers.lock().expect("no test panics with the lock");
        callers.rested_at.len()
    }
}

impl Callers {
    /// Whether one more caller fits; a full table first removes callers whose burst is complete.
    fn make_room(&mut self, capacity: usize, now: Instant) -> bool {
        if self.rested_at.len() >= capacity && now >= self.sweep_at {
            self.sweep_at = now + SWEEP;
            self.rested_at.retain(|_, rested_at| *rested_at > now);
        }
        self.rested_at.len() < capacity
    }
}
