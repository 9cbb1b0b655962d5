//! Spans in the order of a tree, whatever their references say.

use std::collections::{HashMap, HashSet};

use super::{
    critical_path,
    jaeger::Span,
    row::{MAX_DRAWN_DEPTH, Row},
    self_time,
};

/// The rows of a waterfall: each span once, below the one that caused it.
#[derive(Debug)]
pub(crate) struct Tree {
    rows: Vec<Row>,
    start: u64,
    end: u64,
}

impl Tree {
    pub(crate) fn new(mut spans: Vec<Span>) -> Self {
        spans.sort_by_key(|span| span.start);
        let start = spans.first().map_or(0, |span| span.start);
        let ends = spans
            .iter()
            .map(|span| span.start.saturating_add(span.duration));
        let end = ends.max().unwrap_or(start);
        let mut rows = Walk::new(&spans).rows();
        self_time::measure(&mut rows);
        critical_path::measure(&mut rows);
        Self { rows, start, end }
    }

    pub(crate) fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The earliest start of a span, in microseconds since 1970.
    pub(super) fn start(&self) -> u64 {
        self.start
    }

    /// From the first start to the last end, in microseconds.
    pub(super) fn duration(&self) -> u64 {
        self.end - self.start
    }
}

/// Visits each span once, parents before children. Works with a list, not by recursion: a chain of
/// ten thousand spans must not use up the stack.
struct Walk<'a> {
    spans: &'a [Span],
    parents: Vec<Option<usize>>,
    children: HashMap<usize, Vec<usize>>,
    seen: HashSet<usize>,
    rows: Vec<Row>,
}

impl<'a> Walk<'a> {
    fn new(spans: &'a [Span]) -> Self {
        let places: HashMap<_, _> = spans
            .iter()
            .enumerate()
            .rev()
            .map(|(place, span)| (&span.id, place))
            .collect();
        let parent = |span: &Span| {
            span.references
                .iter()
                .find_map(|id| places.get(id))
                .copied()
        };
        let parents: Vec<_> = spans.iter().map(parent).collect();
        let mut children: HashMap<_, Vec<_>> = HashMap::new();
        for (place, parent) in parents.iter().enumerate() {
            if let Some(parent) = parent {
                children.entry(*parent).or_default().push(place);
            }
        }
        Self {
            spans,
            parents,
            children,
            seen: HashSet::new(),
            rows: Vec::new(),
        }
    }

    fn rows(mut self) -> Vec<Row> {
        for place in 0..self.spans.len() {
            if self.parents[place].is_none() {
                self.descend(place);
            }
        }
        // The spans that are left are in cycles: the earliest one stands for a root.
        for place in 0..self.spans.len() {
            self.descend(place);
        }
        self.rows
    }

    fn descend(&mut self, root: usize) {
        let mut to_visit = vec![(root, None, Vec::new(), 0)];
        while let Some((place, parent, last, depth)) = to_visit.pop() {
            if !self.seen.insert(place) {
                continue;
            }
            let span = &self.spans[place];
            // The last one pushed is the first one visited.
            for (number, child) in self
                .children
                .get(&place)
                .into_iter()
                .flatten()
                .rev()
                .enumerate()
            {
                let mut last = last.clone();
                if depth < MAX_DRAWN_DEPTH {
                    last.push(number == 0);
                }
                to_visit.push((*child, Some(place), last, depth + 1));
            }
            self.rows.push(Row {
                span: span.clone(),
                parent_id: parent.map(|parent: usize| self.spans[parent].id.clone()),
                depth,
                last,
                orphan: !span.references.is_empty() && self.parents[place].is_none(),
                self_us: 0,
                critical_path_us: 0,
            });
        }
    }
}
