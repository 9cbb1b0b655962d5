//! The signatures of tokens, by `ring`, which TLS uses already.
//!
//! `jsonwebtoken` leaves cryptography to a provider; the one it brings would add RSA and three
//! families of curves to every build. This one knows the two algorithms that are allowed here:
//! [`EdDSA`][eddsa] on Ed25519 and [`ES256`][es256].
//!
//! [eddsa]: https://www.rfc-editor.org/rfc/rfc8037#section-3.1
//! [es256]: https://www.rfc-editor.org/rfc/rfc7518#section-3.4

use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey,
    crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils},
    errors::{ErrorKind, Result},
    jwk::ThumbprintHash,
};
use ring::{
    digest,
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ED25519, EcdsaKeyPair,
        Ed25519KeyPair, UnparsedPublicKey, VerificationAlgorithm,
    },
};
use signature::{Signer, Verifier};

static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: |algorithm, key| signer(*algorithm, key),
    verifier_factory: |algorithm, key| verifier(*algorithm, key),
    key_utils: KeyUtils {
        compute_digest: |bytes, hash| digest(bytes, &hash),
        ..KeyUtils::new_unimplemented()
    },
};

/// Makes `jsonwebtoken` use `ring`, unless this process has chosen a provider before.
pub fn install() {
    let _ = PROVIDER.install_default();
}

/// The hash of a key, which names it.
fn digest(bytes: &[u8], hash: &ThumbprintHash) -> Result<Vec<u8>> {
    let ThumbprintHash::SHA256 = hash else {
        return Err(ErrorKind::InvalidAlgorithm.into());
    };
    Ok(digest::digest(&digest::SHA256, bytes).as_ref().to_vec())
}

/// A key that verifies tokens.
struct Public {
    algorithm: Algorithm,
    key: UnparsedPublicKey<Vec<u8>>,
}

fn verifier(algorithm: Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>> {
    let rules: &'static dyn VerificationAlgorithm = match algorithm {
        Algorithm::EdDSA => &ED25519,
        Algorithm::ES256 => &ECDSA_P256_SHA256_FIXED,
        _ => return Err(ErrorKind::InvalidAlgorithm.into()),
    };
    Ok(Box::new(Public {
        algorithm,
        key: UnparsedPublicKey::new(rules, key.try_get_as_bytes()?.to_vec()),
    }))
}

impl Verifier<Vec<u8>> for Public {
    fn verify(
        &self,
        message: &[u8],
        signature: &Vec<u8>,
    ) -> std::result::Result<(), signature::Error> {
        let verified = self.key.verify(message, signature);
        verified.map_err(|_| signature::Error::new())
    }
}

impl JwtVerifier for Public {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

/// A key that signs tokens, needed only where they are issued.
enum Private {
    Edwards(Ed25519KeyPair),
    P256(EcdsaKeyPair, SystemRandom),
}

fn signer(algorithm: Algorithm, key: &EncodingKey) -> Result<Box<dyn JwtSigner>> {
    let pkcs8 = key.as_bytes();
    let pair = match algorithm {
        Algorithm::EdDSA => Ed25519KeyPair::from_pkcs8_maybe_unchecked(pkcs8).map(Private::Edwards),
        Algorithm::ES256 => {
            let random = SystemRandom::new();
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8, &random)
                .map(|pair| Private::P256(pair, random))
        }
        _ => return Err(ErrorKind::InvalidAlgorithm.into()),
    };
    Ok(Box::new(pair.map_err(|_| ErrorKind::InvalidKeyFormat)?))
}

impl Signer<Vec<u8>> for Private {
    fn try_sign(&self, message: &[u8]) -> std::result::Result<Vec<u8>, signature::Error> {
        let signed = match self {
            Self::Edwards(pair) => Ok(pair.sign(message)),
            Self::P256(pair, random) => pair.sign(random, message),
        };
        let signed = signed.map_err(|_| signature::Error::new())?;
        Ok(signed.as_ref().to_vec())
    }
}

impl JwtSigner for Private {
    fn algorithm(&self) -> Algorithm {
        match self {
            Self::Edwards(_) => Algorithm::EdDSA,
            Self::P256(..) => Algorithm::ES256,
        }
    }
}
