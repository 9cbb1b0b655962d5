use std::collections::VecDeque;

/// How the items of a queue are kept while they wait.
pub(crate) trait Store: Send {
    /// What comes in.
    type Item<'a>;
    /// What leaves at once.
    type Batch: Send;

    /// A store that hands out at most `batch` items at once. It takes memory only when it is used.
    fn new(batch: usize) -> Self;

    /// How many items wait.
    fn len(&self) -> usize;

    /// Keeps an item behind the others.
    fn push(&mut self, item: Self::Item<'_>);

    /// Hands out the oldest items, and how many they are.
    fn take(&mut self) -> (Self::Batch, usize);
}

/// The items as they came, in order.
#[derive(Debug)]
pub(crate) struct Items<T> {
    waiting: VecDeque<T>,
    batch: usize,
}

impl<T: Send> Store for Items<T> {
    type Item<'a> = T;
    type Batch = Vec<T>;

    fn new(batch: usize) -> Self {
        let waiting = VecDeque::new();
        Self { waiting, batch }
    }

    fn len(&self) -> usize {
        self.waiting.len()
    }

    fn push(&mut self, item: T) {
        self.waiting.push_back(item);
    }

    fn take(&mut self) -> (Vec<T>, usize) {
        let batch: Vec<T> = if self.waiting.len() <= self.batch {
            // The queue gives its memory away with its items, so an idle process keeps none.
            Vec::from(std::mem::take(&mut self.waiting))
        } else {
            self.waiting.drain(..self.batch).collect()
        };
        let count = batch.len();
        (batch, count)
    }
}
