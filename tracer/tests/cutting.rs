//! A log may be cut anywhere: what was read before a restart and what is read after it give together what the whole log gives.

#[expect(dead_code, reason = "each test uses its part")]
mod logs;

use logs::{Table, cases, correlator, difference, reader, rows, sample, servers, trace};
use tracer::correlate::{Correlator, Knowledge, Limits};

/// How the records before the cut are taken.
#[derive(Clone, Copy, Debug)]
enum Drain {
    Changed,
    Closed,
    Nothing,
}

/// Writes the state out and reads it back, as a worker does that is started again.
fn restarted(correlator: &Correlator) -> Correlator {
    let saved = postcard::to_stdvec(correlator).expect("a state that can be written out");
    let mut correlator: Correlator = postcard::from_bytes(&saved).expect("the state that was written out");
    correlator.resume(Limits::default(), Knowledge::default());
    correlator
}

/// The table after a log that is cut before each line that `is_cut` names.
fn cut(log: &[Vec<u8>], drain: Drain, is_cut: impl Fn(usize) -> bool) -> Vec<String> {
    let (mut reader, mut correlator, mut table) = (reader(), correlator(), Table::default());
    for (number, line) in log.iter().enumerate() {
        if is_cut(number) {
            match drain {
                Drain::Changed => table.apply(correlator.take_changed()),
                Drain::Closed => table.apply(correlator.take_closed()),
                Drain::Nothing => {}
            }
            correlator = restarted(&correlator);
        }
        if let Some(line) = reader.read(line) {
            correlator.feed(&line);
        }
    }
    table.apply(correlator.finish());
    table.rows()
}

#[test]
fn every_case_can_be_cut_at_every_line() {
    let mut wrong = Vec::new();
    for (name, log) in cases() {
        let expected = rows(trace(&log));
        for drain in [Drain::Changed, Drain::Closed, Drain::Nothing] {
            let differs = (1..log.len()).find_map(|at| {
                Some((
                    at,
                    difference(&expected, &cut(&log, drain, |number| number == at))?,
                ))
            });
            if let Some((at, differs)) = differs {
                wrong.push(format!("{name}, {drain:?} before line {}: {differs}", at + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn whole_servers_can_be_cut_again_and_again() {
    let mut wrong = Vec::new();
    let servers = servers().into_iter().chain([("sample", sample(6_000))]);
    for (name, log) in servers {
        let expected = rows(trace(&log));
        for drain in [Drain::Changed, Drain::Closed, Drain::Nothing] {
            for every in [log.len() / 61 + 2, log.len() / 7 + 1] {
                let found = cut(&log, drain, |number| number > 0 && number % every == 0);
                if let Some(differs) = difference(&expected, &found) {
                    wrong.push(format!("{name}, {drain:?} every {every} lines: {differs}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
