//! The fuzz targets (`tracer/fuzz`, `make fuzz`) on lines of the golden cases with mistakes in them: the same ones on every run, in a few seconds.

#[path = "../fuzz/src/targets.rs"]
#[expect(unreachable_pub, reason = "public in the crate of the fuzz targets")]
mod targets;

#[expect(dead_code, reason = "each test uses its part")]
mod logs;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// Logs that each target gets.
const ROUNDS: usize = 3_000;
/// What parsers look for, put where it does not belong.
const WORDS: [&[u8]; 16] = [
    b"<",
    b">",
    b"\"",
    b"[",
    b"]",
    b"(",
    b")",
    b": ",
    b", ",
    b"=",
    b"\\",
    b"\0",
    b"\xff\xfe",
    b"99999999999999999999",
    b"queued as ",
    b"status=",
];

/// A log with a few mistakes: bytes changed, cut off, doubled or put in.
fn mutated(random: &mut StdRng, seed: &[u8]) -> Vec<u8> {
    let mut log = seed.to_vec();
    for _ in 0..random.random_range(1..8) {
        let at = random.random_range(0..=log.len());
        let until = random.random_range(at..=log.len().min(at + 40));
        match random.random_range(0..5) {
            0 => drop(log.drain(at..until)),
            1 => log.truncate(at),
            2 => {
                let again = log[at..until].to_vec();
                log.splice(at..at, again);
            }
            3 => {
                let word = WORDS[random.random_range(0..WORDS.len())];
                log.splice(at..at, word.iter().copied());
            }
            _ => {
                if let Some(byte) = log.get_mut(at) {
                    *byte = random.random();
                }
            }
        }
    }
    log
}

#[test]
fn no_mistake_in_a_log_makes_a_target_fail() {
    let lines: Vec<Vec<u8>> = logs::cases().into_values().flatten().collect();
    for (name, _) in targets::TARGETS {
        let mut random = StdRng::seed_from_u64(20_261_121);
        for _ in 0..ROUNDS {
            let mut log = Vec::new();
            for _ in 0..random.random_range(1..12) {
                // Behind the first byte, which tells the correlator's target what to do, stands a statement with or without its header.
                let line = &lines[random.random_range(0..lines.len())];
                let from = if random.random() {
                    0
                } else {
                    random.random_range(0..line.len())
                };
                log.push(random.random());
                log.extend_from_slice(&line[from..]);
                log.push(b'\n');
            }
            targets::run(name, &mutated(&mut random, &log));
        }
    }
}
