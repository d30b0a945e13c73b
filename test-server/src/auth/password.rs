//! Passwords, hashed with Argon2id.

use argon2::{
    Argon2,
    password_hash::{PasswordVerifier, phc::PasswordHash},
};

use crate::error::ApiError;

/// Whether `password` is the one that `hash` was made of. Takes tens of
/// milliseconds on purpose, off the threads that serve.
pub(super) async fn matches(password: String, hash: String) -> Result<bool, ApiError> {
    tokio::task::spawn_blocking(move || {
        let hash = PasswordHash::new(&hash).map_err(ApiError::internal)?;
        Ok(Argon2::default()
            .verify_password(password.as_bytes(), &hash)
            .is_ok())
    })
    .await
    .map_err(ApiError::internal)?
}
