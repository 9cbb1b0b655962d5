//! Which trace is the last: a file, since spans are on their way when `tracewalk trace last` comes
//! right after the call, and a search would find the trace before.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

use super::{Target, Uri};

/// The trace of the last call that a person made.
#[derive(Debug, PartialEq)]
pub(crate) struct LastTrace {
    pub(crate) id: String,
    pub(crate) is_sampled: bool,
}

impl LastTrace {
    /// Remembers it for the Jaeger of this target; `None` is a call whose trace nobody knows. Where there is
    /// no place for the file, as in a container, a search has to do.
    pub(crate) fn remember(target: &Target, id: Option<&str>, is_sampled: bool) {
        let line = id.map(|id| format!("{} {id} {is_sampled}\n", base(&target.ui)));
        if let Some(file) = file() {
            write(&file, &line.unwrap_or_default()).ok();
        }
    }

    /// The last trace, if it is one of this Jaeger.
    pub(crate) fn of(query_url: &Uri) -> Option<Self> {
        let text = fs::read_to_string(file()?).ok()?;
        Self::read(&text, &base(query_url))
    }

    fn read(text: &str, base: &str) -> Option<Self> {
        let mut words = text.split_whitespace();
        let (of, id, is_sampled) = (words.next()?, words.next()?, words.next()?);
        let is_id = id.len() == 32 && id.bytes().all(|digit| digit.is_ascii_hexdigit());
        (of == base && is_id).then(|| Self {
            id: id.to_owned(),
            is_sampled: is_sampled == "true",
        })
    }
}

fn base(url: &Uri) -> String {
    url.to_string().trim_end_matches('/').to_owned()
}

/// Spec: the XDG Base Directory Specification, `XDG_STATE_HOME`.
fn file() -> Option<PathBuf> {
    let set = |name| {
        env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let state = set("XDG_STATE_HOME").or_else(|| Some(set("HOME")?.join(".local/state")))?;
    Some(state.join("tracewalk/last-trace"))
}

fn write(file: &Path, line: &str) -> io::Result<()> {
    file.parent().map_or(Ok(()), fs::create_dir_all)?;
    fs::write(file, line)
}

#[cfg(test)]
mod tests {
    use super::LastTrace;

    #[test]
    fn the_last_trace_is_that_of_the_same_jaeger() {
        let text = "http://a:1 4bf92f3577b34da6a3ce929d0e0e4736 false\n";
        let last = LastTrace::read(text, "http://a:1").unwrap();
        assert!(last.id.starts_with("4bf9") && !last.is_sampled);
        assert_eq!(LastTrace::read(text, "http://b:1"), None);
    }

    #[test]
    fn a_file_that_holds_something_else_is_no_trace() {
        for text in ["", "http://a:1", "http://a:1 ../../x true", "\0"] {
            assert_eq!(LastTrace::read(text, "http://a:1"), None, "{text}");
        }
    }
}
