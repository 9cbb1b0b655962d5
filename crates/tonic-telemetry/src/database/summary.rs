//! A statement of SQL in a few words: its operations, each with its table.

use std::iter::Peekable;
use std::str::CharIndices;

/// The most that a name of a span has, by the semantic conventions.
const MAX_BYTES: usize = 255;

/// As `INSERT orders SELECT carts`; empty where nothing is recognized.
///
/// This is no parser: the words that precede a table say where one is. A table in an unusual place is
/// missing, and no value gets in, as literals and comments are left out.
pub(super) fn of(text: &str) -> String {
    let mut summary = String::new();
    let mut expects_table = None; // At which depth of parentheses.
    let mut depth = 0_usize;
    let mut previous = String::new();
    for word in Words::new(text) {
        match word {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            _ => {}
        }
        let upper = word.to_ascii_uppercase();
        if matches!(upper.as_str(), "IF" | "NOT" | "EXISTS" | "ONLY") {
            continue; // `CREATE TABLE IF NOT EXISTS users`
        }
        let is_table = matches!(previous.as_str(), "FROM" | "INTO" | "UPDATE" | "TABLE");
        if is_table && expects_table == Some(depth) && is_name(word) {
            push(&mut summary, word);
            expects_table = None;
        } else if is_operation(&upper, &previous, summary.is_empty()) {
            push(&mut summary, &upper);
            expects_table = Some(depth);
        }
        previous = upper;
    }
    summary
}

/// `FOR UPDATE`, `DO UPDATE` and `ON DELETE` are parts of another operation.
fn is_operation(word: &str, previous: &str, is_first: bool) -> bool {
    match word {
        "SELECT" | "INSERT" => true,
        "UPDATE" | "DELETE" => !matches!(previous, "FOR" | "DO" | "KEY" | "ON" | "OR"),
        "ALTER" | "BEGIN" | "CALL" | "COMMIT" | "CREATE" | "DROP" | "MERGE" | "PRAGMA"
        | "RELEASE" | "REPLACE" | "ROLLBACK" | "SAVEPOINT" | "SET" | "TRUNCATE" => is_first,
        _ => false,
    }
}

fn is_name(word: &str) -> bool {
    word.starts_with(|it: char| it.is_alphabetic() || it == '_')
        && !word.eq_ignore_ascii_case("SELECT")
}

fn push(summary: &mut String, word: &str) {
    if summary.len() + 1 + word.len() <= MAX_BYTES {
        if !summary.is_empty() {
            summary.push(' ');
        }
        summary.push_str(word);
    }
}

/// Names without their quotes, and parentheses; no literals, no comments.
struct Words<'a> {
    text: &'a str,
    rest: Peekable<CharIndices<'a>>,
}

impl<'a> Words<'a> {
    fn new(text: &'a str) -> Self {
        let rest = text.char_indices().peekable();
        Self { text, rest }
    }

    /// From `start` to where `ends` holds.
    fn until(&mut self, start: usize, ends: impl Fn(char) -> bool) -> &'a str {
        while let Some((at, it)) = self.rest.peek().copied() {
            if ends(it) {
                return &self.text[start..at];
            }
            self.rest.next();
        }
        &self.text[start..]
    }

    /// Skips a comment to its end.
    fn skip_past(&mut self, end: &str) {
        let from = self.rest.peek().map_or(self.text.len(), |(at, _)| *at);
        let after = self.text[from..].find(end).map(|at| from + at + end.len());
        let after = after.unwrap_or(self.text.len());
        while self.rest.next_if(|(at, _)| *at < after).is_some() {}
    }

    fn skip(&mut self, it: char) -> bool {
        self.rest.next_if(|(_, next)| *next == it).is_some()
    }
}

impl<'a> Iterator for Words<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        loop {
            let (start, it) = self.rest.next()?;
            match it {
                '-' if self.skip('-') => self.skip_past("\n"),
                '/' if self.skip('*') => self.skip_past("*/"),
                '\'' => self.skip_past("'"),
                '"' | '`' => {
                    let name = self.until(start + 1, |end| end == it);
                    self.rest.next();
                    return Some(name);
                }
                '(' | ')' => return Some(&self.text[start..=start]),
                it if it.is_alphabetic() || it == '_' => {
                    let part = |it: char| it.is_alphanumeric() || matches!(it, '_' | '.' | '$');
                    return Some(self.until(start, |it| !part(it)));
                }
                // The digits of `$1`, and what follows them: no names.
                it if it.is_ascii_digit() || it == '$' => {
                    self.until(start, |it| !it.is_alphanumeric());
                }
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::of;

    #[rstest]
    #[case("SELECT name FROM users WHERE id = $1", "SELECT users")]
    #[case("  select\n  name from\n shop.users", "SELECT shop.users")]
    #[case("insert into \"order\" (item) values (?)", "INSERT order")]
    #[case("INSERT OR IGNORE INTO carts VALUES (?)", "INSERT carts")]
    #[case(
        "INSERT INTO a(x) VALUES ($1) ON CONFLICT (x) DO UPDATE SET y = 1",
        "INSERT a"
    )]
    #[case("INSERT INTO orders SELECT * FROM carts", "INSERT orders SELECT carts")]
    #[case("UPDATE users SET a = 'FROM secrets'", "UPDATE users")]
    #[case("DELETE FROM ONLY users", "DELETE users")]
    #[case(
        "SELECT extract(epoch FROM made) FROM orders FOR UPDATE",
        "SELECT orders"
    )]
    #[case(
        "SELECT a FROM (SELECT b FROM inner_one) AS x",
        "SELECT SELECT inner_one"
    )]
    #[case(
        "WITH x AS (SELECT 1 FROM a) DELETE FROM b USING x",
        "SELECT a DELETE b"
    )]
    #[case("CREATE TABLE IF NOT EXISTS users (id INTEGER)", "CREATE users")]
    #[case("-- SELECT x FROM comment\n/* UPDATE y */ SELECT 1", "SELECT")]
    #[case("SELECT 'it''s FROM a' FROM b", "SELECT b")]
    #[case("BEGIN", "BEGIN")]
    #[case("SELECT 'open", "SELECT")]
    #[case("SELECT ü FROM größe", "SELECT größe")]
    #[case("VACUUM", "")]
    #[case("", "")]
    fn a_statement_is_summed_up(#[case] text: &str, #[case] summary: &str) {
        assert_eq!(of(text), summary);
    }

    #[test]
    fn a_summary_is_bounded() {
        let many = "SELECT a FROM long_name_of_a_table; ".repeat(50);
        assert!((200..=255).contains(&of(&many).len()));
    }
}
