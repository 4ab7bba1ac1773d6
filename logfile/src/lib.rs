//! What compressed a file, told by its first bytes, and the plain bytes behind it.
//!
//! | first bytes | format | several in a row |
//! |---|---|---|
//! | `1f 8b` | gzip (RFC 1952) | members, as `cat a.gz b.gz` makes them |
//! | `fd 37 7a 58 5a 00` | xz | streams |
//! | `28 b5 2f fd`, `50-5f 2a 4d 18` | Zstandard (RFC 8878) | frames, also skippable ones, as `pzstd` makes them |
//! | `42 5a 68` | bzip2 | streams, as `pbzip2` makes them |

use std::io::{self, BufRead, BufReader, Cursor, Read};

use bzip2::bufread::MultiBzDecoder;
use flate2::bufread::MultiGzDecoder;
use lzma_rust2::XzReader;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

const BUFFER: usize = 1 << 17;
/// A decoder may want this much memory, in KiB: `xz -9` wants 64 MiB.
const MOST_KIB: u32 = 512 * 1024;

/// The plain bytes of a source.
///
/// # Errors
/// When the first bytes cannot be read, or belong to a format that is not unpacked here (`Unsupported`, naming a program that does). What is cut
/// off or damaged is an error of the reader that comes back, never an early end.
pub fn plain(mut source: Box<dyn Read + Send>) -> io::Result<Box<dyn Read + Send>> {
    let mut head = [0; 6];
    let mut known = 0;
    while known < head.len() {
        match source.read(&mut head[known..]) {
            Ok(0) => break,
            Ok(bytes) => known += bytes,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    let head = &head[..known];
    let whole = Cursor::new(head.to_vec()).chain(source);
    if let Some(program) = unsupported(head) {
        return Err(io::Error::new(
            io::ErrorKind::Unsupported,
            format!("it is packed in a way that is not supported; unpack it first: {program} | mailfate ..."),
        ));
    }
    Ok(match head {
        [0x1f, 0x8b, ..] => Box::new(MultiGzDecoder::new(BufReader::with_capacity(BUFFER, whole))),
        [0xfd, b'7', b'z', b'X', b'Z', 0] => Box::new(XzReader::new_mem_limit(
            BufReader::with_capacity(BUFFER, whole),
            true,
            MOST_KIB,
        )),
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => {
            Box::new(Frames::new(BufReader::with_capacity(BUFFER, whole)))
        }
        [b'B', b'Z', b'h', ..] => Box::new(MultiBzDecoder::new(BufReader::with_capacity(BUFFER, whole))),
        _ => Box::new(whole),
    })
}

/// The program that unpacks what we cannot.
fn unsupported(head: &[u8]) -> Option<&'static str> {
    match head {
        [b'P', b'K', 3, 4, ..] => Some("unzip -p FILE"),
        [0x04, 0x22, 0x4d, 0x18, ..] => Some("lz4 -dc FILE"),
        [0x1f, 0x9d, ..] => Some("zcat FILE"),
        [b'7', b'z', 0xbc, 0xaf, ..] => Some("7z x -so FILE"),
        [b'L', b'P', b'K', b'S', b'H', b'H'] => Some("journalctl --file FILE -o short-iso"),
        _ => None,
    }
}

/// Zstandard frames one after another: the decoder knows one frame only.
struct Frames<R: BufRead> {
    source: R,
    decoder: FrameDecoder,
    is_inside: bool,
}

impl<R: BufRead> Frames<R> {
    fn new(source: R) -> Self {
        Self {
            source,
            decoder: FrameDecoder::new(),
            is_inside: false,
        }
    }

    /// Goes to the next frame's content; `false` at the end.
    fn enter(&mut self) -> io::Result<bool> {
        while !self.source.fill_buf()?.is_empty() {
            match self.decoder.init(&mut self.source) {
                Ok(()) => return Ok(true),
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => {
                    io::copy(&mut self.source.by_ref().take(u64::from(length)), &mut io::sink())?;
                }
                Err(error) => return Err(damaged(&error)),
            }
        }
        Ok(false)
    }
}

impl<R: BufRead> Read for Frames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if !self.is_inside {
                if !self.enter()? {
                    return Ok(0);
                }
                self.is_inside = true;
            }
            while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
                self.decoder
                    .decode_blocks(&mut self.source, BlockDecodingStrategy::UptoBytes(BUFFER))
                    .map_err(|error| damaged(&error))?;
            }
            let bytes = self.decoder.read(buffer)?;
            if bytes > 0 || buffer.is_empty() {
                return Ok(bytes);
            }
            self.is_inside = false;
        }
    }
}

fn damaged(error: &FrameDecoderError) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: Vec<u8>) -> io::Result<String> {
        let mut text = String::new();
        plain(Box::new(Cursor::new(bytes)))?.read_to_string(&mut text)?;
        Ok(text)
    }

    #[test]
    fn what_is_not_packed_is_left_as_it_is() {
        for text in ["", "x", "short", "Nov 21 21:30:08 mail1 x: y\n"] {
            assert_eq!(read(text.as_bytes().to_vec()).ok().as_deref(), Some(text));
        }
    }

    /// What the usual programs make of it.
    fn packed(text: &[u8]) -> [(&'static str, Vec<u8>); 4] {
        use std::io::Write;
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        let mut bzip2 = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
        let mut xz =
            lzma_rust2::XzWriter::new(Vec::new(), lzma_rust2::XzOptions::with_preset(1)).expect("options");
        gzip.write_all(text).expect("memory takes every byte");
        bzip2.write_all(text).expect("memory takes every byte");
        xz.write_all(text).expect("memory takes every byte");
        let zstd = ruzstd::encoding::compress_to_vec(text, ruzstd::encoding::CompressionLevel::Fastest);
        [
            ("gzip", gzip.finish().expect("memory takes every byte")),
            ("bzip2", bzip2.finish().expect("memory takes every byte")),
            ("xz", xz.finish().expect("memory takes every byte")),
            ("zstd", zstd),
        ]
    }

    #[test]
    fn packed_sources_are_known_by_their_first_bytes_also_several_in_a_row() {
        let one = (0..20_000)
            .map(|n| format!("line {n}\n"))
            .collect::<Vec<_>>()
            .concat();
        let two = "the last line\n";
        for ((format, first), (_, second)) in packed(one.as_bytes()).into_iter().zip(packed(two.as_bytes())) {
            let both = read([first, second].concat());
            assert!(both.ok() == Some(format!("{one}{two}")), "{format}");
        }
    }

    #[test]
    fn zstandard_frames_that_carry_no_content_are_skipped() {
        let [.., (_, frame)] = packed(b"content\n");
        let skippable = b"\x50\x2a\x4d\x18\x03\0\0\0abc".to_vec();
        let text = read([skippable.clone(), frame, skippable].concat());
        assert_eq!(text.ok().as_deref(), Some("content\n"));
    }

    #[test]
    fn what_is_cut_off_or_damaged_is_an_error_and_no_end() {
        let lines = (0..20_000).map(|n| format!("line {n} {}\n", n * 7919));
        let text = lines.collect::<Vec<_>>().concat();
        for (format, whole) in packed(text.as_bytes()) {
            assert!(
                read(whole[..whole.len() / 2].to_vec()).is_err(),
                "{format} cut off"
            );
            let mut damaged = whole;
            let middle = damaged.len() / 2;
            for byte in &mut damaged[middle..middle + 64] {
                *byte = !*byte;
            }
            // Zstandard has no check sum unless asked for: a damage may go unnoticed there.
            assert!(format == "zstd" || read(damaged).is_err(), "{format} damaged");
        }
    }

    #[test]
    fn what_we_cannot_unpack_names_the_program_that_can() {
        let error = read(b"PK\x03\x04rest".to_vec()).expect_err("not supported");
        assert!(error.to_string().contains("unzip -p"), "{error}");
    }
}
