use super::HIDDEN;

/// The shortest key that is known by its shape alone.
pub(super) const SHORTEST_KEY: usize = 16;

/// The shortest key that only its random letters and digits reveal: names may be long, too.
const LONG: usize = 24;

/// The shortest hexadecimal key; a trace id, which is no secret, has 32 digits.
const HEXADECIMAL: usize = 40;

// How the keys of well-known issuers begin: Stripe, OpenAI, GitHub, GitLab, Slack, AWS, Google, npm,
// Hugging Face, PyPI and DigitalOcean.
const ISSUED: [&str; 20] = [
    "sk-",
    "sk_",
    "pk_",
    "rk_",
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "glpat-",
    "xoxb-",
    "xoxp-",
    "AKIA",
    "ASIA",
    "AIza",
    "npm_",
    "hf_",
    "pypi-",
    "dop_v1_",
];

/// Copies a part of a word to `out`, with what has the shape of a key or a token hidden.
pub(super) fn replace(part: &str, out: &mut String) {
    if part.len() < SHORTEST_KEY && !part.contains("eyJ") {
        out.push_str(part);
        return;
    }
    let in_run = |letter: char| {
        letter.is_ascii_alphanumeric() || matches!(letter, '+' | '_' | '-' | '.' | '=')
    };
    let mut rest = part;
    while let Some(start) = rest.find(in_run) {
        out.push_str(&rest[..start]);
        let run = &rest[start..];
        let length = run.find(|letter| !in_run(letter)).unwrap_or(run.len());
        replace_run(&run[..length], out);
        rest = &run[length..];
    }
    out.push_str(rest);
}

fn replace_run(run: &str, out: &mut String) {
    // A JSON web token, whose header begins with `{"`.
    let token = run.find("eyJ").filter(|start| run.len() - start > 8);
    let (before, token) = run.split_at(token.unwrap_or(run.len()));
    for piece in before.split_inclusive(['.', '=']) {
        let key = piece.trim_end_matches(['.', '=']);
        out.push_str(if is_key(key) { HIDDEN } else { key });
        out.push_str(&piece[key.len()..]);
    }
    if !token.is_empty() {
        out.push_str(HIDDEN);
    }
}

/// Whether a text begins as the keys of an issuer do, or looks random.
fn is_key(text: &str) -> bool {
    let count = |is: fn(&u8) -> bool| text.bytes().filter(is).count();
    let digits = count(u8::is_ascii_digit);
    let capitals = count(u8::is_ascii_uppercase);
    let is_issued = ISSUED.iter().any(|prefix| text.starts_with(prefix));
    let is_mixed = digits > 1 && capitals > 0 && count(u8::is_ascii_lowercase) > 0;
    let is_hexadecimal = count(u8::is_ascii_hexdigit) == text.len();
    (text.len() >= SHORTEST_KEY && is_issued && digits + capitals > 0)
        || (text.len() >= LONG && is_mixed)
        || (text.len() >= HEXADECIMAL && is_hexadecimal)
}

/// How long the key in PEM is that a text begins with.
pub(super) fn pem_length(text: &str) -> usize {
    let Some(end) = text.find("-----END ") else {
        return text.len();
    };
    let label = end + "-----END ".len();
    let closing = text[label..].find("-----").map(|place| label + place + 5);
    closing.unwrap_or(text.len())
}
