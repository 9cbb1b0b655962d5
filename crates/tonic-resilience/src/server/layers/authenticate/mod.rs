//! Who calls, by a signed token: `authorization: Bearer <JWT>`.
//!
//! A token is believed when all of this holds, and in this order:
//!
//! 1. there is one `authorization`, and it is no longer than 8 KiB: no cryptography before that;
//! 2. its `typ` is `JWT`, `at+jwt` or absent, and there is no `crit`;
//! 3. its `kid` names a key of the key file, and its `alg` is the one that *the file* gives this
//!    key: `EdDSA` or `ES256`. What the token says of keys (`jwk`, `jku`, `x5u`) is not looked at;
//! 4. the signature is right;
//! 5. `exp`, `iss`, `aud` and `sub` are there, none of them nor `nbf` and `iat` is wrong, and all
//!    have the right types, with 30 s of leeway for clocks.
//!
//! A call without a token is anonymous, and may call what asks for no scope. A token that is not
//! believed is `UNAUTHENTICATED` whatever is called; one without the scope is `PERMISSION_DENIED`.
//! Both carry the metadata `www-authenticate` with a [challenge]. All that happens before the body
//! is read.
//!
//! The key file is a [JWK set][jwks], read again when it changes. Keys that cannot be used are
//! skipped, with the log line `key skipped`: those of other types or for other purposes, without a
//! `kid`, and weak ones. A set without a key that can be used is refused. Spec: [JWT][jwt], and its
//! [best practices][bcp]. Visible as the span attribute `tracewalk.principal`, or
//! `tracewalk.auth_refusal` with the reason, which the caller does not learn; and as an info log
//! line for each refusal.
//!
//! [challenge]: https://www.rfc-editor.org/rfc/rfc6750#section-3
//! [jwks]: https://www.rfc-editor.org/rfc/rfc7517#section-5
//! [jwt]: https://www.rfc-editor.org/rfc/rfc7519
//! [bcp]: https://www.rfc-editor.org/rfc/rfc8725

mod challenge;
mod claims;
mod keys;
mod layer;
mod public_key;
mod service;
pub(crate) mod signatures;
mod verifier;

#[cfg(test)]
mod tests;

pub use self::{
    keys::KeysError,
    layer::AuthenticateLayer,
    service::Authenticate,
    verifier::{TokenRefusal, TokenVerifier},
};
