use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tonic::Code;

use crate::{completion::OnComplete, server::principal::Caller};

/// The calls under way, by caller and kind.
#[derive(Debug, Default)]
pub(super) struct Running(Mutex<HashMap<Caller, [usize; 3]>>);

#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Unary = 0,
    Stream = 1,
    Separate = 2,
}

impl Running {
    pub(super) fn lock(&self) -> MutexGuard<'_, HashMap<Caller, [usize; 3]>> {
        // No code panics while it holds the lock; after a panic the counts would still be right.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The place of one call among those of its caller, free again when the call is over.
#[derive(Debug)]
pub(super) struct Permit {
    pub(super) running: Arc<Running>,
    pub(super) caller: Caller,
    pub(super) kind: Kind,
}

impl OnComplete for Permit {
    fn complete(self, _: Code) {
        let mut callers = self.running.lock();
        if let Some(running) = callers.get_mut(&self.caller) {
            running[self.kind as usize] -= 1;
            if *running == [0; 3] {
                callers.remove(&self.caller);
            }
        }
    }
}
