use std::borrow::Cow;

/// The longest name or value of a label, in bytes.
const MAX_LABEL_BYTES: usize = 4096;

/// The most labels of one sample.
const MAX_LABELS: usize = 64;

/// The name and the value of a label, their escapes undone.
pub type Label<'a> = (Cow<'a, str>, Cow<'a, str>);

/// The content of the brackets, and the text after them.
#[derive(Debug)]
pub(crate) struct Brackets<'a> {
    /// A text in quotes alone: the name of the metric.
    pub(crate) metric: Option<Cow<'a, str>>,
    pub(crate) labels: Vec<Label<'a>>,
    pub(crate) rest: &'a str,
}

/// The value of a label; `None` where there is none of this name.
pub(crate) fn value_of<'a>(labels: &'a [Label<'_>], name: &str) -> Option<&'a str> {
    let label = labels.iter().find(|(label, _)| label == name);
    label.map(|(_, value)| value.as_ref())
}

/// Reads `{name="value",…}` at the beginning of a text, and gives what follows it.
///
/// There are no labels if the text does not begin with a bracket. `None` if the brackets hold
/// something else than labels.
#[must_use]
pub fn read_labels(text: &str) -> Option<(Vec<Label<'_>>, &str)> {
    let Some(rest) = text.strip_prefix('{') else {
        return Some((Vec::new(), text));
    };
    let Brackets {
        metric,
        labels,
        rest,
    } = brackets(rest)?;
    metric.is_none().then_some((labels, rest))
}

/// `a="b","c d"="e"}`, after the opening bracket.
pub(crate) fn brackets(mut text: &str) -> Option<Brackets<'_>> {
    let (mut metric, mut labels) = (None, Vec::new());
    loop {
        text = text.trim_start_matches([' ', ',']);
        if let Some(rest) = text.strip_prefix('}') {
            return Some(Brackets {
                metric,
                labels,
                rest,
            });
        }
        let (name, rest) = if let Some(rest) = text.strip_prefix('"') {
            quoted(rest)?
        } else {
            let (name, _) = text.split_once('=')?;
            (name.trim().into(), &text[name.len()..])
        };
        let rest = rest.trim_start();
        if text.starts_with('"') && metric.is_none() && rest.starts_with([',', '}']) {
            (metric, text) = (Some(name), rest);
            continue;
        }
        let rest = rest.strip_prefix('=')?;
        let (value, rest) = quoted(rest.trim_start().strip_prefix('"')?)?;
        let is_small = labels.len() < MAX_LABELS && name.len().max(value.len()) <= MAX_LABEL_BYTES;
        if name.is_empty() || !is_small {
            return None;
        }
        labels.push((name, value));
        text = rest;
    }
}

/// A text up to its closing quote, and what follows.
pub(crate) fn quoted(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let end = text.find(['"', '\\'])?;
    if text.as_bytes()[end] == b'"' {
        return Some((Cow::Borrowed(&text[..end]), &text[end + 1..]));
    }
    let mut value = text[..end].to_owned();
    let mut chars = text[end..].char_indices();
    while let Some((offset, c)) = chars.next() {
        match c {
            '"' => return Some((Cow::Owned(value), &text[end + offset + 1..])),
            '\\' => value.push(match chars.next()?.1 {
                'n' => '\n',
                other => other,
            }),
            other => value.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::read_labels;

    #[test]
    fn labels_are_read_where_a_bracket_is() {
        let (labels, rest) = read_labels("{a=\"b\"} +1").expect("labels");
        assert_eq!((labels.len(), rest), (1, " +1"));
        assert_eq!(read_labels(" +1"), Some((Vec::new(), " +1")));
        for text in ["{", "{a}", "{a=\"b}", "{\"a\"} 1"] {
            assert_eq!(read_labels(text), None, "{text}");
        }
    }
}
