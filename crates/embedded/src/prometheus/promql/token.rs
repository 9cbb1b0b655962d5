use super::{duration::parse_duration, error::ParseError};

/// Longer ones first: the first that fits is taken.
const SYMBOLS: [&str; 25] = [
    "==", "!=", "<=", ">=", "=~", "!~", "=", "<", ">", "+", "-", "*", "/", "%", "^", "(", ")", "{",
    "}", "[", "]", ",", ":", "@", "!",
];

/// A word of a query.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// Of a metric, label, function or operator.
    Name(String),
    Number(f64),
    /// In milliseconds.
    Duration(i64),
    Text(String),
    Symbol(&'static str),
    End,
}

/// The words of a query, each with the byte where it begins.
pub(super) fn tokens(text: &str) -> Result<Vec<(Token, usize)>, ParseError> {
    let mut lexer = Lexer {
        text,
        at: 0,
        brackets: 0,
    };
    let mut tokens = Vec::new();
    loop {
        lexer.skip_blank();
        let at = lexer.at;
        let token = lexer.token()?;
        let is_end = token == Token::End;
        tokens.push((token, at));
        if is_end {
            return Ok(tokens);
        }
    }
}

#[derive(Debug)]
struct Lexer<'a> {
    text: &'a str,
    at: usize,
    /// How many `[` are open: there a colon stands alone, elsewhere it is part of a name.
    brackets: usize,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// White space, and from `#` to the end of the line.
    fn skip_blank(&mut self) {
        loop {
            let rest = self.rest().trim_start();
            self.at = self.text.len() - rest.len();
            if !rest.starts_with('#') {
                return;
            }
            self.at += rest.find('\n').unwrap_or(rest.len());
        }
    }

    fn token(&mut self) -> Result<Token, ParseError> {
        let Some(first) = self.rest().chars().next() else {
            return Ok(Token::End);
        };
        match first {
            '"' | '\'' | '`' => self.quoted(first),
            '0'..='9' | '.' => self.number(),
            _ if is_name(first) && (first != ':' || self.brackets == 0) => {
                let name = self.take(|c| is_name(c) || c.is_ascii_digit());
                Ok(Token::Name(name.to_owned()))
            }
            _ => self.symbol(first),
        }
    }

    fn symbol(&mut self, first: char) -> Result<Token, ParseError> {
        let found = SYMBOLS.iter().find(|it| self.rest().starts_with(**it));
        let symbol = *found
            .ok_or_else(|| ParseError::new(self.at, format!("unexpected character: {first:?}")))?;
        self.at += symbol.len();
        match symbol {
            "[" => self.brackets += 1,
            "]" => self.brackets = self.brackets.saturating_sub(1),
            _ => {}
        }
        Ok(Token::Symbol(symbol))
    }

    /// A number, or a duration such as `5m`.
    fn number(&mut self) -> Result<Token, ParseError> {
        let at = self.at;
        let word = self.take(|c| c.is_ascii_alphanumeric() || c == '.');
        if let Some(ms) = parse_duration(word) {
            return Ok(Token::Duration(ms));
        }
        if let Some(digits) = word.strip_prefix("0x").or(word.strip_prefix("0X"))
            && let Ok(number) = u32::from_str_radix(digits, 16)
        {
            return Ok(Token::Number(number.into()));
        }
        // The sign of an exponent: `1e-3`.
        if word.ends_with(['e', 'E']) && self.rest().starts_with(['+', '-']) {
            self.at += 1;
            self.take(|c| c.is_ascii_digit());
        }
        let word = &self.text[at..self.at];
        let number = word.parse();
        let bad = |_| ParseError::new(at, format!("bad number or duration syntax: {word:?}"));
        Ok(Token::Number(number.map_err(bad)?))
    }

    fn quoted(&mut self, quote: char) -> Result<Token, ParseError> {
        let begin = self.at;
        let mut text = String::new();
        let mut chars = self.rest().char_indices().skip(1);
        while let Some((offset, c)) = chars.next() {
            match c {
                _ if c == quote => {
                    self.at = begin + offset + 1;
                    return Ok(Token::Text(text));
                }
                '\n' if quote != '`' => break,
                '\\' if quote != '`' => {
                    let escaped = chars.next().and_then(|(_, c)| unescape(c));
                    let bad = || ParseError::new(begin + offset, "unknown escape sequence");
                    text.push(escaped.ok_or_else(bad)?);
                }
                _ => text.push(c),
            }
        }
        Err(ParseError::new(begin, "unterminated quoted string"))
    }

    fn take(&mut self, belongs: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c| !belongs(c)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || c == ':'
}

fn unescape(c: char) -> Option<char> {
    match c {
        'n' => Some('\n'),
        't' => Some('\t'),
        'r' => Some('\r'),
        '\\' | '"' | '\'' => Some(c),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Token, tokens};

    fn words(text: &str) -> Vec<Token> {
        let words = tokens(text).unwrap();
        words.into_iter().map(|(token, _)| token).collect()
    }

    #[test]
    fn a_colon_is_part_of_a_name_except_in_brackets() {
        let words = words("a:b[5m:30s]");
        let expected = [
            Token::Name("a:b".to_owned()),
            Token::Symbol("["),
            Token::Duration(300_000),
            Token::Symbol(":"),
            Token::Duration(30_000),
            Token::Symbol("]"),
            Token::End,
        ];
        assert_eq!(words, expected);
    }

    #[test]
    fn numbers_have_many_forms() {
        let numbers = words("1 .5 1e3 2.5E-3 0x1F # and no more");
        let expected = [1.0, 0.5, 1000.0, 0.0025, 31.0].map(Token::Number);
        assert_eq!(numbers[..5], expected);
        assert_eq!(numbers[5..], [Token::End]);
    }

    #[test]
    fn quotes_know_escapes_and_backticks_do_not() {
        let texts = words(r#"'a"b' "a\"b" `a\b`"#);
        let expected = ["a\"b", "a\"b", "a\\b"].map(|text| Token::Text(text.to_owned()));
        assert_eq!(texts[..3], expected);
    }

    #[test]
    fn what_is_no_word_is_said_with_its_place() {
        for (text, error) in [
            ("up ~", "1:4: parse error: unexpected character: '~'"),
            ("\"up", "1:1: parse error: unterminated quoted string"),
            (
                "1..2",
                "1:1: parse error: bad number or duration syntax: \"1..2\"",
            ),
            ("'\\q'", "1:2: parse error: unknown escape sequence"),
        ] {
            assert_eq!(tokens(text).unwrap_err().to_string(), error);
        }
    }
}
