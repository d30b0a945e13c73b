//! Tokens: JWT, HS256 and nothing else.

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::{
    Algorithm, AlgorithmFamily, DecodingKey, EncodingKey, Header, Validation,
    crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils},
    errors::ErrorKind,
    signature,
};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::{
    clock::Millis,
    error::ApiError,
    ids::UserId,
    store::users::{Role, User},
};

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    sub: String,
    role: Role,
    /// Seconds since 1970.
    iat: i64,
    exp: i64,
}

/// What a valid token says.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Valid {
    pub(crate) user: UserId,
    pub(crate) role: Role,
    pub(crate) expires: Millis,
}

impl Valid {
    pub(crate) fn must_be_admin(&self) -> Result<(), ApiError> {
        if self.role == Role::Admin {
            return Ok(());
        }
        Err(ApiError::new(
            axum::http::StatusCode::FORBIDDEN,
            "forbidden",
            "Only an administrator may do this.",
        ))
    }
}

/// Makes and checks tokens.
pub(crate) struct Tokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
    lifetime: Duration,
}

// The keys must not end up in a log by way of `{:?}`.
impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokens")
            .field("lifetime", &self.lifetime)
            .finish_non_exhaustive()
    }
}

impl Tokens {
    pub(crate) fn new(secret: &[u8], lifetime: Duration) -> Self {
        // Fails only when it is installed already, by another server in this process.
        let _ = HS256_ONLY.install_default();
        Self {
            encoding: EncodingKey::from_secret(secret),
            decoding: DecodingKey::from_secret(secret),
            lifetime,
        }
    }

    /// Seconds that a new token is valid.
    pub(crate) fn lifetime(&self) -> u64 {
        self.lifetime.as_secs()
    }

    pub(crate) fn issue(&self, user: &User) -> Result<String, ApiError> {
        // Rounded up, so that a token never lives shorter than it says.
        let now = (Millis::now().0 + 999) / 1000;
        let claims = Claims {
            sub: user.id.to_string(),
            role: user.role,
            iat: now,
            exp: now.saturating_add(i64::try_from(self.lifetime()).unwrap_or(i64::MAX)),
        };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.encoding)
            .map_err(ApiError::internal)
    }

    pub(crate) fn check(&self, token: &str) -> Result<Valid, ApiError> {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.leeway = 0;
        // The library counts whole seconds; the stream ends at the millisecond,
        // and a token that ended a stream must not open the next one.
        validation.validate_exp = false;
        let bad = || ApiError::unauthorized("invalid_token", "The token is not valid here.");
        let claims = jsonwebtoken::decode::<Claims>(token, &self.decoding, &validation)
            .map_err(|_| bad())?
            .claims;
        let expires = Millis(claims.exp.saturating_mul(1000));
        if expires <= Millis::now() {
            return Err(ApiError::unauthorized(
                "token_expired",
                "The token has expired.",
            ));
        }
        Ok(Valid {
            user: claims.sub.parse().map(UserId).map_err(|_| bad())?,
            role: claims.role,
            expires,
        })
    }
}

// jsonwebtoken's own providers bring RSA and elliptic curves along. What is not
// there cannot be confused: this one knows HS256 only.
static HS256_ONLY: CryptoProvider = CryptoProvider {
    signer_factory: |algorithm, key| {
        only_hs256(algorithm, key.family())?;
        Ok(Box::new(Hs256::new(key.as_bytes())?))
    },
    verifier_factory: |algorithm, key| {
        only_hs256(algorithm, key.family())?;
        Ok(Box::new(Hs256::new(key.try_get_as_bytes()?)?))
    },
    key_utils: KeyUtils::new_unimplemented(),
};

fn only_hs256(algorithm: &Algorithm, family: AlgorithmFamily) -> jsonwebtoken::errors::Result<()> {
    if *algorithm == Algorithm::HS256 && family == AlgorithmFamily::Hmac {
        Ok(())
    } else {
        Err(ErrorKind::InvalidAlgorithm.into())
    }
}

struct Hs256(Hmac<Sha256>);

impl Hs256 {
    fn new(secret: &[u8]) -> jsonwebtoken::errors::Result<Self> {
        Hmac::new_from_slice(secret)
            .map(Self)
            .map_err(|_| ErrorKind::InvalidKeyFormat.into())
    }
}

impl signature::Signer<Vec<u8>> for Hs256 {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, signature::Error> {
        let mut mac = self.0.clone();
        mac.update(message);
        Ok(mac.finalize().into_bytes().to_vec())
    }
}

impl signature::Verifier<Vec<u8>> for Hs256 {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), signature::Error> {
        let mut mac = self.0.clone();
        mac.update(message);
        // Compares in constant time.
        mac.verify_slice(signature)
            .map_err(|_| signature::Error::new())
    }
}

impl JwtSigner for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

impl JwtVerifier for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}
