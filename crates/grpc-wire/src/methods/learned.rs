use std::{
    hash::{BuildHasher as _, RandomState},
    sync::{Mutex, OnceLock, PoisonError},
};

use crate::{Method, RpcKind};

/// Methods that a program learns while it runs, each with a `T`: for a program without descriptor sets.
///
/// A look-up takes no lock and allocates nothing. What is learned is never forgotten, so there is a limit:
/// what names a method may be a caller.
///
/// ```
/// use grpc_wire::{LearnedMethods, RpcKind};
///
/// let methods = LearnedMethods::new(1);
/// let learn = |path| methods.learn(path, RpcKind::Unary, |method| method.name);
/// assert_eq!(methods.get("/shop.v1.Stock/Find"), None);
/// assert_eq!(learn("/shop.v1.Stock/Find"), Some(&"Find"));
/// assert_eq!(methods.get("/shop.v1.Stock/Find"), Some(&"Find"));
/// assert_eq!(learn("/shop.v1.Stock/Count"), None); // one is the limit
/// ```
#[derive(Debug)]
pub struct LearnedMethods<T> {
    /// Twice as many as can be learned. A method is in the first free slot from that of its hash on.
    slots: Box<[OnceLock<Box<Learned<T>>>]>,
    hasher: RandomState,
    /// How many can still be learned. Who learns waits here; who looks up does not.
    free: Mutex<usize>,
}

#[derive(Debug)]
struct Learned<T> {
    path: &'static str,
    value: T,
}

impl<T> LearnedMethods<T> {
    /// A table that can learn as many methods as `limit` says.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        let slots = (0..2 * limit).map(|_| OnceLock::new());
        Self {
            slots: slots.collect(),
            hasher: RandomState::new(),
            free: Mutex::new(limit),
        }
    }

    /// The value for a request path; `None` where it is not learned.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&T> {
        let known = self.slots_of(path).map_while(OnceLock::get);
        let mut same = known.filter(|known| known.path == path);
        same.next().map(|known| &known.value)
    }

    /// Learns the method of a request path, whose value is prepared once.
    ///
    /// `None` where as many are known as may be, or where the path is none of a method.
    pub fn learn(
        &self,
        path: &str,
        kind: RpcKind,
        prepare: impl FnOnce(&Method) -> T,
    ) -> Option<&T> {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = self.get(path) {
            return Some(known);
        }
        let left = free.checked_sub(1)?;
        let slot = self.slots_of(path).find(|slot| slot.get().is_none())?;
        let method = Method::leak(path.to_owned(), kind)?;
        *free = left;
        let learned = slot.get_or_init(|| {
            Box::new(Learned {
                path: method.path,
                value: prepare(&method),
            })
        });
        Some(&learned.value)
    }

    /// All slots, from that of the hash of this path on.
    fn slots_of(&self, path: &str) -> impl Iterator<Item = &OnceLock<Box<Learned<T>>>> {
        let first = self.hasher.hash_one(path) % (self.slots.len().max(1) as u64);
        let (before, from) = self.slots.split_at(usize::try_from(first).unwrap_or(0));
        from.iter().chain(before)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicUsize, Ordering},
        thread,
    };

    use super::*;

    fn path(number: usize) -> String {
        format!("/shop.v1.Stock/Find{number}")
    }

    #[test]
    fn many_threads_learn_each_method_once_and_no_more_than_the_limit() {
        let methods = LearnedMethods::new(64);
        let prepared = AtomicUsize::new(0);
        let count = |_: &Method| prepared.fetch_add(1, Ordering::Relaxed);
        thread::scope(|scope| {
            for first in 0..4 {
                let methods = &methods;
                scope.spawn(move || {
                    for number in (0..100).map(|number| (first * 25 + number) % 100) {
                        let path = path(number);
                        let learned = methods.learn(&path, RpcKind::Unary, count);
                        assert_eq!(learned, methods.get(&path));
                    }
                });
            }
        });
        let known = (0..100).filter(|number| methods.get(&path(*number)).is_some());
        assert_eq!((known.count(), prepared.into_inner()), (64, 64));
    }

    #[test]
    fn what_is_no_path_of_a_method_takes_no_place() {
        let methods = LearnedMethods::new(1);
        for no_path in ["", "/", "/shop.v1.Stock", "shop.v1.Stock/Find"] {
            let learned = methods.learn(no_path, RpcKind::Unary, |method| *method);
            assert_eq!(learned, None, "{no_path}");
        }
        let learned = methods.learn("/shop.v1.Stock/Find", RpcKind::Unary, |method| *method);
        let learned = learned.map(|method| (method.service, method.name, method.kind));
        assert_eq!(learned, Some(("shop.v1.Stock", "Find", RpcKind::Unary)));
        let none = LearnedMethods::<()>::new(0);
        assert_eq!(none.get("/shop.v1.Stock/Find"), None);
    }
}
