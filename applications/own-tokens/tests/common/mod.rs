mod spans;

pub use spans::each_call_has_its_span;

use std::time::Duration;

use dev_identity::TokenFolder;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode, get_current_timestamp};
use tonic_resilience::server::layers::authenticate::TokenVerifier;

/// The application's own tokens.
pub fn sessions_work() {
    let token = own_tokens::issue(b"secret", "ada").expect("a token");
    let session = own_tokens::read(b"secret", &token).expect("its own token");
    assert_eq!(session.user, "ada");
    own_tokens::read(b"another", &token).expect_err("a forged token");
}

/// The tokens of callers, of the development key.
pub fn callers_are_known() {
    let (verifier, folder) = verifier();
    let hour = Duration::from_secs(3600);
    let token = folder.0.key().issue("shop", "gateway", "ada", &[], hour);
    let caller = verifier
        .verify(&token.expect("a token"))
        .expect("a good token");
    assert_eq!(caller.name(), "ada");
    verifier.verify("a.b.c").expect_err("a forged token");
}

/// A token that `jsonwebtoken` signs by the development key, with its own cryptography.
pub fn tokens_of_others_are_read() {
    let (verifier, folder) = verifier();
    let mut header = Header::new(Algorithm::EdDSA);
    header.kid = Some(folder.0.key().id().to_owned());
    let claims = format!(
        r#"{{"iss":"shop","aud":["gateway"],"sub":"bob","exp":{}}}"#,
        get_current_timestamp() + 600
    );
    let claims: serde_json::Value = serde_json::from_str(&claims).expect("JSON");
    let key = EncodingKey::from_ed_pem(folder.0.key().to_pem().as_bytes()).expect("a key");
    let token = encode(&header, &claims, &key).expect("a token");
    assert_eq!(verifier.verify(&token).expect("a good token").name(), "bob");
    let (head, signature) = token.rsplit_once('.').expect("three parts");
    let forged = format!("{}.{signature}", head.replacen('.', ".e", 1));
    verifier.verify(&forged).expect_err("other claims");
}

fn verifier() -> (TokenVerifier, (TokenFolder, tempfile::TempDir)) {
    let files = tempfile::tempdir().expect("a folder");
    let folder = TokenFolder::open(files.path()).expect("a folder of keys");
    let verifier = TokenVerifier::load(folder.keys(), "shop", "gateway").expect("keys");
    (verifier, (folder, files))
}
