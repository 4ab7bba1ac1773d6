//! Where files were read to: the position of a source of files, as JSON.
//!
//! ```json
//! {"files":[{"log":"/var/log/mail.log","fingerprint":"9f...","fingerprint_bytes":1024,"offset":20480,"changed":1795296608744254,"end":true}]}
//! ```

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::source::beginning::Fingerprint;
use crate::source::stream::Lines;
use crate::source::tail::FileTail;

/// All files of a source that are not finished; those of one log in the order of their age.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Position {
    pub(super) files: Vec<Place>,
}

/// A place in one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    /// The name under which the log is written.
    pub(super) log: PathBuf,
    #[serde(flatten)]
    pub(super) fingerprint: Fingerprint,
    /// Plain bytes behind the lines consumed.
    pub(super) offset: u64,
    /// Time of the file's last change when it was read, microseconds since 1970.
    #[serde(default)]
    pub(super) changed: i64,
    /// Everything that was in it was read.
    #[serde(default)]
    pub(super) end: bool,
    /// The place is inside a line that was cut.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) rest: bool,
}

/// What earlier versions wrote: one file, whose name they knew from elsewhere.
#[derive(Deserialize)]
struct OldPosition {
    #[serde(flatten)]
    fingerprint: Fingerprint,
    offset: u64,
}

impl Position {
    pub(super) fn parse(text: &str, first: Option<&Path>) -> serde_json::Result<Self> {
        let error = match serde_json::from_str(text) {
            Ok(position) => return Ok(position),
            Err(error) => error,
        };
        let old: OldPosition = serde_json::from_str(text).map_err(|_| error)?;
        let places = first
            .filter(|_| !old.fingerprint.hash.is_empty())
            .map(|log| Place {
                log: log.to_owned(),
                fingerprint: old.fingerprint,
                offset: old.offset,
                changed: 0,
                end: false,
                rest: false,
            });
        Ok(Self {
            files: places.into_iter().collect(),
        })
    }

    pub(super) fn to_json(&self) -> String {
        serde_json::to_string(self)
            .expect("invariant: plain data with names that were text in the configuration")
    }
}

impl Place {
    /// `None` while the file has shown nothing to know it by.
    pub(super) fn of(log: &Path, tail: &FileTail, lines: &Lines) -> Option<Self> {
        (!tail.beginning.is_empty()).then(|| Self {
            log: log.to_owned(),
            fingerprint: tail.beginning.fingerprint(),
            offset: lines.offset(),
            changed: tail.changed,
            end: tail.was_at_end && !lines.has_line(),
            rest: lines.is_rest(),
        })
    }
}
