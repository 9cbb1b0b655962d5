use super::{duration::parse_duration, error::ParseError, quoted::unquote};
use crate::metrics::number::parse_number;

/// Longer ones first: the first that fits is taken.
const SYMBOLS: [&str; 25] = [
    "==", "!=", "<=", ">=", "=~", "!~", "=", "<", ">", "+", "-", "*", "/", "%", "^", "(", ")", "{",
    "}", "[", "]", ",", ":", "@", "!",
];

/// A word of a query.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// The name of a metric, label, function or operator.
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
            let rest = self.rest().trim_start_matches([' ', '\t', '\n', '\r']);
            self.at = self.text.len() - rest.len();
            if !rest.starts_with('#') {
                return;
            }
            self.at += rest.find(['\n', '\r']).unwrap_or(rest.len());
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
        let belongs = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '_';
        let word = self.take(belongs);
        if let Some(ms) = parse_duration(word) {
            return Ok(Token::Duration(ms));
        }
        // The sign of an exponent: `1e-3`.
        let is_hexadecimal = word.starts_with("0x") || word.starts_with("0X");
        let has_exponent = word.ends_with(['e', 'E']) && !is_hexadecimal;
        if has_exponent && self.rest().starts_with(['+', '-']) {
            self.at += 1;
            self.take(belongs);
        }
        let word = &self.text[at..self.at];
        let bad = || ParseError::new(at, format!("bad number or duration syntax: {word:?}"));
        Ok(Token::Number(parse_number(word).ok_or_else(bad)?))
    }

    fn quoted(&mut self, quote: char) -> Result<Token, ParseError> {
        let begin = self.at;
        let bad = |(offset, message)| ParseError::new(begin + offset, message);
        let (text, length) = unquote(self.rest(), quote).map_err(bad)?;
        self.at += length;
        Ok(Token::Text(text))
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
        let numbers = words("1 .5 1e3 2.5E-3 0x1F 1_000 017 08 # and no more");
        let expected = [1.0, 0.5, 1000.0, 0.0025, 31.0, 1000.0, 15.0, 8.0].map(Token::Number);
        assert_eq!(numbers[..8], expected);
        assert_eq!(numbers[8..], [Token::End]);
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
            (
                "1_",
                "1:1: parse error: bad number or duration syntax: \"1_\"",
            ),
        ] {
            assert_eq!(tokens(text).unwrap_err().to_string(), error);
        }
    }
}
