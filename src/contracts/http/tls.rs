//! TLS towards the contract-management system: who it is, and who we are.

use std::path::Path;
use std::sync::Arc;

use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use secrecy::{ExposeSecret, SecretString};
use tokio_rustls::TlsConnector;

use super::HttpError;

/// Trusts the certificates in `ca_file`, or the system's, and shows ours where there is one.
pub(super) fn connector(
    ca_file: Option<&Path>,
    certificate: Option<&(std::path::PathBuf, SecretString)>,
) -> Result<TlsConnector, HttpError> {
    let whole = |error: rustls::Error| HttpError::Certificates("TLS".into(), error.to_string());
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(whole)?
        .with_root_certificates(roots(ca_file)?);
    let config = match certificate {
        None => config.with_no_client_auth(),
        Some((file, key)) => {
            let failed = |error: &dyn std::fmt::Display| HttpError::Certificates(file.clone(), error.to_string());
            let chain = certificates(file)?;
            let key = PrivateKeyDer::from_pem_slice(key.expose_secret().as_bytes()).map_err(|error| failed(&error))?;
            config.with_client_auth_cert(chain, key).map_err(|error| failed(&error))?
        }
    };
    Ok(TlsConnector::from(Arc::new(config)))
}

fn roots(ca_file: Option<&Path>) -> Result<RootCertStore, HttpError> {
    let mut roots = RootCertStore::empty();
    if let Some(file) = ca_file {
        for certificate in certificates(file)? {
            let failed = |error: rustls::Error| HttpError::Certificates(file.to_owned(), error.to_string());
            roots.add(certificate).map_err(failed)?;
        }
    } else {
        // A system's store may hold some that rustls does not understand: the others serve.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    }
    if roots.is_empty() { Err(HttpError::NoRoots) } else { Ok(roots) }
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, HttpError> {
    let failed = |error: rustls::pki_types::pem::Error| HttpError::Certificates(file.to_owned(), error.to_string());
    let found: Vec<_> =
        CertificateDer::pem_file_iter(file).map_err(failed)?.collect::<Result<_, _>>().map_err(failed)?;
    if found.is_empty() {
        Err(HttpError::Certificates(file.to_owned(), "there are none".to_owned()))
    } else {
        Ok(found)
    }
}
