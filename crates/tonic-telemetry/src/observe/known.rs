use std::sync::Once;

use grpc_wire::{LearnedMethods, Method, MethodTable, Methods, RpcKind};

/// How many methods a layer learns. A large service has fewer, and each takes a few kilobytes.
pub(crate) const MAX_LEARNED: usize = 256;

/// The methods of a layer, each with a `T`: those that it was given, or where it was given none, those that
/// it learns. All others are one.
#[derive(Debug)]
pub(crate) struct KnownMethods<T> {
    given: MethodTable<T>,
    learned: Option<LearnedMethods<T>>,
}

impl<T> KnownMethods<T> {
    pub(crate) fn new(given: &Methods, prepare: impl FnMut(&Method) -> T) -> Self {
        Self {
            given: given.table(prepare),
            learned: given.is_empty().then(|| LearnedMethods::new(MAX_LEARNED)),
        }
    }

    /// The value for a request path; `None` where its method may still be learned.
    pub(crate) fn find(&self, path: &str) -> Option<&T> {
        match &self.learned {
            None => Some(self.given.get(path)),
            Some(learned) => learned.get(path),
        }
    }

    /// The value for all methods that are not known.
    pub(crate) fn other(&self) -> &T {
        self.given.get("")
    }

    /// Learns a method that exists; [`other`](Self::other) where as many are known as may be.
    pub(crate) fn learn(
        &self,
        path: &str,
        kind: RpcKind,
        prepare: impl FnOnce(&Method) -> T,
    ) -> &T {
        let learned = self.learned.as_ref();
        let learned = learned.and_then(|learned| learned.learn(path, kind, prepare));
        learned.unwrap_or_else(|| {
            warn_of_limit();
            self.other()
        })
    }
}

fn warn_of_limit() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        tracing::warn!(
            "more than {MAX_LEARNED} methods are called: the further ones are `_OTHER`; give \
             `Options::methods` those of the descriptor sets"
        );
    });
}
