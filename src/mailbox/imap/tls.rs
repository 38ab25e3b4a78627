//! Whom we trust: the system's authorities, and those in a file of the operator's.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::mailbox::MailboxError;

/// A connector that trusts the system's authorities and those in `ca_file` (PEM).
///
/// # Errors
/// [`MailboxError::Tls`] when the file cannot be used or nobody would be trusted.
pub(super) fn connector(ca_file: Option<&Path>) -> Result<TlsConnector, MailboxError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = ca_file {
        let unusable = || MailboxError::Tls(format!("{} holds no certificates that can be used", path.display()));
        let certificates = CertificateDer::pem_file_iter(path)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|_| unusable())?;
        let (added, _) = roots.add_parsable_certificates(certificates);
        if added == 0 {
            return Err(unusable());
        }
    }
    if roots.is_empty() {
        return Err(MailboxError::Tls("the system trusts no authority: install ca-certificates or set ca_file".into()));
    }
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| MailboxError::Tls(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

/// The handshake with `host`, whose certificate must name it.
///
/// # Errors
/// [`MailboxError::Tls`] for what a person must mend, [`MailboxError::Lost`] when the connection broke.
pub(super) async fn handshake(
    connector: &TlsConnector,
    host: &str,
    stream: TcpStream,
) -> Result<TlsStream<TcpStream>, MailboxError> {
    let name = ServerName::try_from(host.to_owned()).map_err(|error| MailboxError::Tls(error.to_string()))?;
    connector.connect(name, stream).await.map_err(|error| {
        match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            Some(fault) => MailboxError::Tls(fault.to_string()),
            None => MailboxError::Lost { what: "the TLS handshake" },
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_certificates_is_a_fault() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let error = connector(Some(file.path())).err().unwrap();
        assert!(error.is_config(), "{error}");
        assert!(connector(Some(Path::new("/nowhere/ca.pem"))).is_err());
    }
}
