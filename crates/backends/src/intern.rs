//! One copy of each text: the spans of a service repeat the same few hundred names and values.

use std::{collections::HashSet, sync::Arc};

/// A text that many share; see [`Texts`].
pub(crate) type Text = Arc<str>;

/// Below this many texts a sweep is not worth its time.
const SMALL: usize = 1024;

/// The texts in use. A span then costs a pointer per text: a third of the memory.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    texts: HashSet<Text>,
    after_last_sweep: usize,
}

impl Texts {
    /// The shared copy of `text`.
    pub(crate) fn share(&mut self, text: &str) -> Text {
        if let Some(shared) = self.texts.get(text) {
            return Arc::clone(shared);
        }
        let shared: Text = text.into();
        self.texts.insert(Arc::clone(&shared));
        shared
    }

    /// Forgets the texts that no span holds, once there are twice as many as after the last time.
    pub(crate) fn sweep_when_grown(&mut self) {
        if self.texts.len() > 2 * self.after_last_sweep.max(SMALL) {
            self.texts.retain(|text| Arc::strong_count(text) > 1);
            self.after_last_sweep = self.texts.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{SMALL, Texts};

    #[test]
    fn equal_texts_are_one() {
        let mut texts = Texts::default();
        assert!(Arc::ptr_eq(&texts.share("user"), &texts.share("user")));
    }

    #[test]
    fn texts_that_nobody_holds_are_forgotten() {
        let mut texts = Texts::default();
        let held = texts.share("held");
        for number in 0..=2 * SMALL {
            texts.share(&number.to_string());
        }
        texts.sweep_when_grown();
        assert_eq!(texts.texts.len(), 1);
        assert!(Arc::ptr_eq(&held, &texts.share("held")));
    }
}
