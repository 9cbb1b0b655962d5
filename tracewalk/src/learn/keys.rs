use std::io::{self, IsTerminal as _, Read as _};

use console::Term;

/// A key that was pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Enter,
    Letter(char),
    /// The input ends, or Escape.
    End,
}

/// Waits for a key; where input or output is no terminal, the input is read letter by letter.
///
/// # Errors
/// When standard input cannot be read.
pub(super) fn read() -> io::Result<Key> {
    if io::stdin().is_terminal() && Term::stdout().is_term() {
        return Ok(match Term::stdout().read_key()? {
            console::Key::Enter
            | console::Key::Char(' ' | '\n')
            | console::Key::ArrowRight
            | console::Key::ArrowDown => Key::Enter,
            console::Key::Char(letter) => Key::Letter(letter),
            console::Key::ArrowLeft | console::Key::ArrowUp => Key::Letter('b'),
            console::Key::Escape => Key::End,
            _ => Key::Letter('?'),
        });
    }
    let mut byte = [0];
    Ok(match io::stdin().lock().read(&mut byte)? {
        0 => Key::End,
        _ if byte == *b"\n" => Key::Enter,
        _ => Key::Letter(char::from(byte[0])),
    })
}
