//! Certificates for receiving over TLS (RFC 5425).
//!
//! Goes in: PEM files. Comes out: what rustls needs. A sender must show a certificate of `client_ca` when one is set; otherwise anybody who
//! reaches the port may send.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};

use crate::source::SourceError;

/// PEM files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// Our certificate, with the intermediate ones after it.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
    /// Who signs the certificates of senders.
    pub client_ca: Option<PathBuf>,
}

impl TlsFiles {
    /// Reads the files and says whether they can be used.
    ///
    /// # Errors
    /// Names the key and the file, and what is wrong with it.
    pub fn check(&self) -> Result<(), SourceError> {
        self.load().map(|_| ())
    }

    pub(in crate::source) fn load(&self) -> Result<Arc<ServerConfig>, SourceError> {
        let chain = certificates(&self.certificate, "tls.certificate")?;
        let key = PrivateKeyDer::from_pem_file(&self.key)
            .map_err(|error| wrong("tls.key", &self.key, &error.to_string()))?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| wrong("tls.certificate", &self.certificate, &error.to_string()))?;
        let builder = match &self.client_ca {
            None => builder.with_no_client_auth(),
            Some(path) => {
                let mut roots = RootCertStore::empty();
                for certificate in certificates(path, "tls.client_ca")? {
                    roots
                        .add(certificate)
                        .map_err(|error| wrong("tls.client_ca", path, &error.to_string()))?;
                }
                let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
                    .build()
                    .map_err(|error| wrong("tls.client_ca", path, &error.to_string()))?;
                builder.with_client_cert_verifier(verifier)
            }
        };
        let config = builder
            .with_single_cert(chain, key)
            .map_err(|error| wrong("tls.certificate", &self.certificate, &error.to_string()))?;
        Ok(Arc::new(config))
    }
}

fn certificates(path: &Path, key: &'static str) -> Result<Vec<CertificateDer<'static>>, SourceError> {
    let certificates: Vec<_> = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect)
        .map_err(|error| wrong(key, path, &error.to_string()))?;
    if certificates.is_empty() {
        return Err(wrong(
            key,
            path,
            "there is no certificate in it; it must be a PEM file",
        ));
    }
    Ok(certificates)
}

fn wrong(key: &'static str, path: &Path, why: &str) -> SourceError {
    SourceError::Tls {
        key,
        path: path.to_owned(),
        why: why.to_owned(),
    }
}
