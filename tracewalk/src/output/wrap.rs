//! Lines that fit the terminal.

use std::fmt::Display;

use console::{Term, measure_text_width};

/// How many columns the terminal has; `None` for a file or a pipe.
pub(crate) fn terminal_width() -> Option<usize> {
    super::is_terminal().then(|| usize::from(Term::stdout().size().1))
}

/// The text for the terminal: where a line would be too long it goes on in the next one, below `indent`
/// spaces. A file or a pipe gets it as it is.
pub(crate) fn fit(text: impl Display, indent: usize) -> String {
    let text = text.to_string();
    match terminal_width() {
        Some(width) => wrap(&text, width, indent),
        None => text,
    }
}

/// Breaks lines at spaces; a word that is too long stays whole.
fn wrap(text: &str, width: usize, indent: usize) -> String {
    let mut wrapped = String::with_capacity(text.len());
    for (number, line) in text.split('\n').enumerate() {
        if number > 0 {
            wrapped.push('\n');
        }
        let mut used = 0;
        for (number, word) in line.split(' ').enumerate() {
            let length = measure_text_width(word);
            if number > 0 && used > indent && used + 1 + length > width {
                wrapped.push('\n');
                wrapped.extend(std::iter::repeat_n(' ', indent));
                used = indent;
            } else if number > 0 {
                wrapped.push(' ');
                used += 1;
            }
            wrapped.push_str(word);
            used += length;
        }
    }
    wrapped
}

#[cfg(test)]
mod tests {
    use proptest::{prop_assert, prop_assert_eq, proptest};

    use super::wrap;

    #[test]
    fn a_line_goes_on_below_its_indent() {
        let line = "  ✓ user server GetUser OK  seen +1";
        let lines = "  ✓ user server GetUser\n    OK  seen +1";
        assert_eq!(wrap(line, 24, 4), lines);
        assert_eq!(wrap(line, 80, 4), line);
        assert_eq!(
            wrap("\u{1b}[2m漢字\u{1b}[0m b\nc", 6, 0),
            "\u{1b}[2m漢字\u{1b}[0m b\nc"
        );
        assert_eq!(wrap("much-too-long b", 4, 2), "much-too-long\n  b");
    }

    proptest! {
        #[test]
        fn lines_fit_and_keep_their_words(text in "([a-z]{1,8} ){0,20}[a-z]", width in 12_usize..40) {
            let wrapped = wrap(&text, width, 3);
            prop_assert!(wrapped.lines().all(|line| line.len() <= width), "{wrapped}");
            let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            prop_assert_eq!(words(&wrapped), words(&text));
        }
    }
}
