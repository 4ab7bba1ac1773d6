//! What can go wrong in a command: one sentence that names the thing and says what to do.

use std::io;

/// Why a command stopped.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// Arguments that do not fit together (exit code 2).
    #[error("{0}")]
    WrongUse(String),
    /// A source cannot be opened, or is nothing that can be read.
    #[error("cannot read the log file {name}: {why}")]
    Open {
        /// As the person typed it.
        name: String,
        /// What is the matter, and what to do.
        why: String,
    },
    /// A source broke off. What was read before it is printed all the same.
    #[error("cannot read {name} any further behind line {line}: {cause}. {advice}")]
    Broken {
        /// As the person typed it.
        name: String,
        /// Whole lines that were read of it.
        line: u64,
        /// What the system or the decompressor says.
        cause: io::Error,
        /// What to do.
        advice: &'static str,
    },
    /// The place of stored records broke off. What came before is printed all the same.
    #[error("cannot read the stored mails any further: {0}")]
    Stored(String),
    /// Something cannot be written.
    #[error("cannot write {name}: {cause}")]
    Write {
        /// `standard output`, or a file.
        name: String,
        /// What the system says.
        cause: io::Error,
    },
    /// Whoever read our output has gone (`| head`): no reason for a complaint.
    #[error("nobody reads the output any more")]
    NobodyReads,
}

impl CommandError {
    /// An error of writing to standard output.
    pub(crate) fn output(cause: io::Error) -> Self {
        if cause.kind() == io::ErrorKind::BrokenPipe {
            Self::NobodyReads
        } else {
            Self::Write {
                name: "standard output".to_owned(),
                cause,
            }
        }
    }
}
