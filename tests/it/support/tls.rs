//! A certificate authority that lives as long as a test, made by `openssl`, and what it certifies: 127.0.0.1, localhost.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;

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
    /// Makes one in `folder`.
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
        made
    }

    /// A client's certificate and its key in `folder`.
    pub fn client(&self, folder: &Path) -> (PathBuf, PathBuf) {
        let (certificate, key) = (folder.join("client.pem"), folder.join("client.key"));
        self_signed(&certificate, &key)
            .args(["-subj", "/CN=renkei", "-addext", "basicConstraints=critical,CA:FALSE"])
            .args(["-addext", "extendedKeyUsage=clientAuth"])
            .arg("-CA")
            .arg(&self.ca)
            .arg("-CAkey")
            .arg(folder.join("ca.key"))
            .finish();
        (certificate, key)
    }

    /// The server's side of rustls, for clients that this authority certified alone.
    pub fn mutual_config(&self) -> Arc<ServerConfig> {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(&self.ca).unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let clients = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone()).build().unwrap();
        let chain = CertificateDer::pem_file_iter(&self.certificate).unwrap().map(Result::unwrap).collect();
        let key = PrivateKeyDer::from_pem_file(&self.key).unwrap();
        let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        Arc::new(builder.with_client_cert_verifier(clients).with_single_cert(chain, key).unwrap())
    }

    /// Serves `router` over mutual TLS on a port of 127.0.0.1, as long as the test's runtime lives.
    pub async fn serve(&self, router: axum::Router) -> u16 {
        let acceptor = tokio_rustls::TlsAcceptor::from(self.mutual_config());
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, service) = (acceptor.clone(), TowerToHyperService::new(router.clone()));
                tokio::spawn(async move {
                    if let Ok(stream) = acceptor.accept(stream).await {
                        http1::Builder::new().serve_connection(TokioIo::new(stream), service).await.ok();
                    }
                });
            }
        });
        port
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
