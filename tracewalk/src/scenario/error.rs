use std::ops::Range;

/// What is wrong in a file, and where.
#[derive(Debug, thiserror::Error)]
#[error("{file}:{line}: {text}")]
pub(super) struct FileError {
    file: String,
    /// The number of the line, from 1.
    line: usize,
    text: String,
}

impl FileError {
    /// An error at this place of the text of the file, in bytes.
    pub(super) fn at(
        file: &str,
        text: &str,
        place: &Range<usize>,
        what: impl Into<String>,
    ) -> Self {
        let before = text.get(..place.start).unwrap_or_default();
        Self {
            file: file.to_owned(),
            line: 1 + before.matches('\n').count(),
            text: what.into(),
        }
    }

    /// The same error so many lines further down.
    pub(super) fn below(mut self, lines: usize) -> Self {
        self.line += lines;
        self
    }
}
