//! TLS towards the relay: rustls, with the system's roots or the ones of a file.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::fault::{Fault, Stage};
use super::wire::Stream;
use crate::mail::transport::TransportError;

/// Makes a stream TLS and sees that the relay is who it says.
#[derive(Clone)]
pub struct Tls {
    connector: TlsConnector,
    name: ServerName<'static>,
}

impl Tls {
    /// For the relay `host`, trusting the certificates in `ca_file`, or the system's.
    pub fn new(host: &str, ca_file: Option<&Path>) -> Result<Self, TransportError> {
        let name = ServerName::try_from(host.to_owned()).map_err(|_| TransportError::Host)?;
        let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(certificates)?
            .with_root_certificates(roots(ca_file)?)
            .with_no_client_auth();
        Ok(Self { connector: TlsConnector::from(Arc::new(config)), name })
    }

    /// The handshake.
    pub async fn over(&self, stream: Box<dyn Stream>, limit: Duration) -> Result<Box<dyn Stream>, Fault> {
        match timeout(limit, self.connector.connect(self.name.clone(), stream)).await {
            Ok(Ok(stream)) => Ok(Box::new(stream)),
            Ok(Err(error)) => Err(Fault::Tls(error)),
            Err(_) => Err(Fault::silence(Stage::Opening)),
        }
    }
}

fn roots(ca_file: Option<&Path>) -> Result<RootCertStore, TransportError> {
    let mut roots = RootCertStore::empty();
    if let Some(file) = ca_file {
        for certificate in CertificateDer::pem_file_iter(file).map_err(certificates)? {
            roots.add(certificate.map_err(certificates)?).map_err(certificates)?;
        }
    } else {
        // A system's store may hold some that rustls does not understand: the others serve.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    }
    if roots.is_empty() { Err(TransportError::Certificates("there are none".to_owned())) } else { Ok(roots) }
}

fn certificates(error: impl std::fmt::Display) -> TransportError {
    TransportError::Certificates(error.to_string())
}
