use std::collections::VecDeque;

use super::{chunk::Chunk, labels::Labels, sample::Sample};

/// The samples of one set of labels, oldest first.
#[derive(Debug)]
pub(super) struct Series {
    pub(super) labels: Labels,
    chunks: VecDeque<Chunk>,
}

impl Series {
    pub(super) fn new(labels: Labels) -> Self {
        Self {
            labels,
            chunks: VecDeque::new(),
        }
    }

    /// The bytes that it takes.
    pub(super) fn size(&self) -> usize {
        let chunks = self.chunks.iter().map(Chunk::size);
        size_of::<Self>() + self.labels.size() + chunks.sum::<usize>()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    /// Adds a sample, unless there is one of the same time or later.
    pub(super) fn push(&mut self, sample: Sample) {
        match self.chunks.back_mut() {
            Some(chunk) if sample.at <= chunk.last().at => {}
            Some(chunk) if !chunk.is_full() => chunk.push(sample),
            last => {
                if let Some(full) = last {
                    full.close();
                }
                self.chunks.push_back(Chunk::new(sample));
            }
        }
    }

    /// Whether it has a sample in this time, both ends included.
    pub(super) fn is_in(&self, from: i64, to: i64) -> bool {
        self.in_time(from, to).next().is_some()
    }

    /// The samples in this time, both ends included.
    pub(super) fn samples(&self, from: i64, to: i64) -> Vec<Sample> {
        let samples = self.in_time(from, to).flat_map(Chunk::samples);
        samples
            .filter(|sample| (from..=to).contains(&sample.at))
            .collect()
    }

    /// Forgets the chunks that end before this moment.
    pub(super) fn forget_before(&mut self, moment: i64) {
        while self
            .chunks
            .front()
            .is_some_and(|chunk| chunk.last().at < moment)
        {
            self.chunks.pop_front();
        }
    }

    fn in_time(&self, from: i64, to: i64) -> impl Iterator<Item = &Chunk> {
        let ends = move |chunk: &&Chunk| chunk.last().at >= from && chunk.first().at <= to;
        self.chunks.iter().filter(ends)
    }
}
