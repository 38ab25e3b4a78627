//! A certificate authority that lives as long as a test, made by `openssl`, and what it certifies: 127.0.0.1, localhost.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// The files of one authority and its one server certificate, all PEM.
pub struct Authority {
    /// What a client must trust.
    pub ca: PathBuf,
    /// The server's certificate.
    pub certificate: PathBuf,
    /// The server's key.
    pub key: PathBuf,
}

impl Authority {
    /// Makes one in `folder`; its own key is not kept.
    pub fn new(folder: &Path) -> Self {
        let file = |name| folder.join(name);
        let (ca, ca_key) = (file("ca.pem"), file("ca.key"));
        let made = Self { ca, certificate: file("server.pem"), key: file("server.key") };
        self_signed(&made.ca, &ca_key)
            .args(["-subj", "/CN=A test's authority", "-addext", "keyUsage=critical,keyCertSign"])
            .finish();
        self_signed(&made.certificate, &made.key)
            .args(["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"])
            .args(["-addext", "basicConstraints=critical,CA:FALSE", "-addext", "extendedKeyUsage=serverAuth"])
            .arg("-CA")
            .arg(&made.ca)
            .arg("-CAkey")
            .arg(&ca_key)
            .finish();
        std::fs::remove_file(ca_key).unwrap();
        made
    }

    /// The server's side of rustls.
    pub fn server_config(&self) -> Arc<ServerConfig> {
        let chain = CertificateDer::pem_file_iter(&self.certificate).unwrap().map(Result::unwrap).collect();
        let key = PrivateKeyDer::from_pem_file(&self.key).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        Arc::new(builder.with_no_client_auth().with_single_cert(chain, key).unwrap())
    }
}

fn self_signed(certificate: &Path, key: &Path) -> Command {
    let mut command = Command::new("openssl");
    command.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]);
    command.arg("-keyout").arg(key).arg("-out").arg(certificate);
    command
}

trait Finish {
    fn finish(&mut self);
}

impl Finish for Command {
    fn finish(&mut self) {
        let output = self.output().unwrap();
        assert!(output.status.success(), "openssl: {}", String::from_utf8_lossy(&output.stderr));
    }
}
