//! Samples of lines that no dialect understood, one of each shape, so that an operator sees what is missing without reading logs.
//!
//! Goes in: such lines. Comes out, now and then: [`SourceSample`]s with how many of each shape there were.

use std::collections::HashMap;

use model::time::Micros;
use store::ingest::SourceSample;
use tracer::line::LogLine;

/// More shapes between two batches are counted with the last one.
const SHAPES: usize = 100;
/// Of a line so much is kept.
const LONGEST: usize = 2000;

/// What was not understood since the last batch.
#[derive(Debug, Default)]
pub(super) struct Samples {
    found: HashMap<u64, Sample>,
}

#[derive(Debug)]
struct Sample {
    program: String,
    line: String,
    seen: i64,
    at: Micros,
}

impl Samples {
    /// Notes a line.
    pub(super) fn note(&mut self, line: &LogLine<'_>) {
        let shape = shape(line);
        if let Some(known) = self.found.get_mut(&shape) {
            known.seen += 1;
            known.at = known.at.max(line.at);
        } else if self.found.len() < SHAPES {
            let cut = line.raw.get(..LONGEST).unwrap_or(line.raw);
            let sample = Sample {
                program: String::from_utf8_lossy(line.program()).into_owned(),
                line: String::from_utf8_lossy(cut).into_owned(),
                seen: 1,
                at: line.at,
            };
            self.found.insert(shape, sample);
        }
    }

    /// All since the last call.
    pub(super) fn take(&mut self, source: &str) -> impl Iterator<Item = SourceSample> {
        self.found.drain().map(move |(shape, sample)| SourceSample {
            source: source.to_owned(),
            shape: shape.cast_signed(),
            program: sample.program,
            line: sample.line,
            seen: sample.seen,
            at: sample.at,
        })
    }
}

/// Program and words, without what differs from line to line: numbers, ids, addresses. The same on every machine: it is a key in the database.
fn shape(line: &LogLine<'_>) -> u64 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(line.program());
    for word in line.message.split(u8::is_ascii_whitespace).take(40) {
        let differs = word
            .iter()
            .any(|byte| byte.is_ascii_digit() || *byte == b'@' || *byte == b'<');
        hasher.update(b" ");
        hasher.update(if differs { b"#" } else { word });
    }
    let mut first = [0; 8];
    first.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
    u64::from_be_bytes(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(message: &[u8], at: i64) -> LogLine<'_> {
        LogLine {
            at: Micros(at),
            host: b"mail1",
            tag: b"postfix/smtpd",
            pid: None,
            message,
            raw: message,
        }
    }

    #[test]
    fn lines_of_one_shape_are_one_sample() {
        let mut samples = Samples::default();
        samples.note(&line(b"warning: strange thing 17 from <a@b.test>", 1));
        samples.note(&line(b"warning: strange thing 18 from <c@d.test>", 3));
        samples.note(&line(b"fatal: other thing", 2));
        let mut taken: Vec<SourceSample> = samples.take("mx1").collect();
        taken.sort_by_key(|sample| sample.seen);
        assert_eq!(taken.len(), 2);
        assert_eq!((taken[1].seen, taken[1].at), (2, Micros(3)));
        assert_eq!(taken[1].program, "smtpd");
        assert_eq!(samples.take("mx1").count(), 0);
    }
}
