/// The key with an underscore for each character that is no letter, digit or underscore.
pub(in crate::metrics) fn label_name(key: &str) -> String {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let name: String = key
        .chars()
        .map(|it| if allowed(it) { it } else { '_' })
        .collect();
    if name.starts_with(|first: char| first.is_ascii_digit()) {
        format!("_{name}")
    } else {
        name
    }
}
