//! How a log file is known: by its first bytes, which hold the moment and the host of its first line.
//!
//! Goes in: a file, plain or compressed. Comes out: up to 1,024 of its first plain bytes, from the first byte that is not NUL, and the hash that a
//! position keeps of them. A file that was truncated under a writer that does not append begins with a hole of NUL bytes; they tell nothing.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// So many bytes tell one log file from another.
pub(super) const MOST: usize = 1024;
/// A hole is looked through in pieces of this size.
const PIECE: usize = 1 << 16;

/// The hash of a beginning, as a position keeps it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Fingerprint {
    /// First 32 hexadecimal digits of the BLAKE3 hash.
    #[serde(rename = "fingerprint")]
    pub(super) hash: String,
    /// How many bytes it covers: a young file has fewer than an old one.
    #[serde(rename = "fingerprint_bytes")]
    pub(super) bytes: usize,
    /// Where they begin: behind the hole, if there is one.
    #[serde(rename = "fingerprint_at", default, skip_serializing_if = "is_zero")]
    pub(super) at: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// The first bytes of a file, while it is followed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Beginning {
    at: u64,
    bytes: Vec<u8>,
}

impl Beginning {
    /// Whether nothing is known yet: the file was empty, or a hole.
    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    pub(super) fn fingerprint(&self) -> Fingerprint {
        Fingerprint {
            hash: hash(&self.bytes),
            bytes: self.bytes.len(),
            at: self.at,
        }
    }

    /// Whether the file still begins so. Learns what it did not know: a young file's beginning grows.
    pub(super) fn check(&mut self, file: &File) -> io::Result<bool> {
        if self.bytes.len() >= MOST {
            let mut now = [0; MOST];
            let count = read_up_to(file, self.at, &mut now)?;
            return Ok(now[..count] == self.bytes[..]);
        }
        if self.bytes.is_empty() {
            self.at = behind_hole(file)?;
        }
        let mut now = [0; MOST];
        let count = read_up_to(file, self.at, &mut now)?;
        if !now[..count].starts_with(&self.bytes) {
            return Ok(false);
        }
        self.bytes = now[..count].to_vec();
        Ok(true)
    }

    /// Whether this is the beginning that the fingerprint was made of.
    pub(super) fn begins_like(&self, fingerprint: &Fingerprint) -> bool {
        self.at == fingerprint.at
            && self
                .bytes
                .get(..fingerprint.bytes)
                .is_some_and(|bytes| !bytes.is_empty() && hash(bytes) == fingerprint.hash)
    }

    /// Whether one of the two files begins like the other: both are one, or a copy.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        !self.is_empty()
            && !other.is_empty()
            && self.at == other.at
            && (self.bytes.starts_with(&other.bytes) || other.bytes.starts_with(&self.bytes))
    }

    /// The beginning of a file, unpacked if it is compressed.
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let mut beginning = Self::default();
        if !is_packed(&file)? {
            beginning.check(&file)?;
            return Ok(beginning);
        }
        let mut plain = logfile::plain(Box::new(file))?;
        let mut piece = Vec::new();
        loop {
            piece.clear();
            plain.by_ref().take(PIECE as u64).read_to_end(&mut piece)?;
            let hole = piece.iter().take_while(|byte| **byte == 0).count();
            beginning.at += hole as u64;
            if hole < piece.len() {
                piece.drain(..hole);
                break;
            }
            if piece.is_empty() {
                return Ok(beginning);
            }
        }
        if piece.len() < MOST {
            plain.take((MOST - piece.len()) as u64).read_to_end(&mut piece)?;
        }
        piece.truncate(MOST);
        beginning.bytes = piece;
        Ok(beginning)
    }
}

/// Whether the file's first bytes are those of gzip, xz, Zstandard or bzip2.
pub(super) fn is_packed(file: &File) -> io::Result<bool> {
    let mut head = [0; 6];
    let count = read_up_to(file, 0, &mut head)?;
    Ok(matches!(
        &head[..count],
        [0x1f, 0x8b, ..]
            | [0xfd, b'7', b'z', b'X', b'Z', 0]
            | [0x28, 0xb5, 0x2f, 0xfd, ..]
            | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..]
            | [b'B', b'Z', b'h', ..]
    ))
}

/// The offset of the first byte that is not NUL, or of the end.
fn behind_hole(file: &File) -> io::Result<u64> {
    let mut piece = vec![0; MOST];
    let mut at = 0;
    loop {
        let count = read_up_to(file, at, &mut piece)?;
        match piece[..count].iter().position(|byte| *byte != 0) {
            Some(place) => return Ok(at + place as u64),
            None => at += count as u64,
        }
        if count < piece.len() {
            return Ok(at);
        }
        piece.resize(PIECE, 0);
    }
}

fn read_up_to(file: &File, at: u64, room: &mut [u8]) -> io::Result<usize> {
    let mut count = 0;
    while count < room.len() {
        match file.read_at(&mut room[count..], at + count as u64) {
            Ok(0) => break,
            Ok(bytes) => count += bytes,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(count)
}

fn hash(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return String::new();
    }
    blake3::hash(bytes).to_hex()[..32].to_owned()
}
