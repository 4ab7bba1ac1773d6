//! Named pipes and standard input.
//!
//! Goes in: bytes of one writer after another. Comes out: lines in the inbox. While there is no room nothing is read, and writers wait.

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;
use std::sync::Arc;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::{NOTICE, Receiver, Receiving};
use crate::source::framing::{Format, Framer};
use crate::source::spool::Inbox;

const CHUNK: usize = 1 << 16;

/// Reads a named pipe, which is made (mode 0620) when it is missing. Its writers come and go.
pub(in crate::source) fn named(path: &Path, format: Format, inbox: &Arc<Inbox>) -> io::Result<Receiver> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.file_type().is_fifo() => {}
        Ok(_) => {
            return Err(io::Error::new(
                io::ErrorKind::AlreadyExists,
                "something else than a pipe has this name; remove it, or choose another",
            ));
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            nix::unistd::mkfifo(path, nix::sys::stat::Mode::from_bits_truncate(0o620))?;
        }
        Err(error) => return Err(error),
    }
    // Without O_NONBLOCK the opening would wait for a writer. The handle stays open, so no writer ever finds nobody there.
    let pipe = File::options()
        .read(true)
        .custom_flags(nix::libc::O_NONBLOCK)
        .open(path)?;
    Receiver::start(inbox, None, move |receiving| {
        let mut read = &pipe;
        receive(&receiving, pipe.as_fd(), &mut read, format, false);
    })
}

/// Reads standard input to its end.
pub(in crate::source) fn standard_input(format: Format, inbox: &Arc<Inbox>) -> io::Result<Receiver> {
    // A handle of our own: the standard library's has a buffer, and polling would not see what is in it.
    let input = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    from_file(input, format, inbox)
}

/// Reads an open file, pipe or terminal to its end.
pub(in crate::source) fn from_file(input: File, format: Format, inbox: &Arc<Inbox>) -> io::Result<Receiver> {
    Receiver::start(inbox, None, move |receiving| {
        let mut read = &input;
        receive(&receiving, input.as_fd(), &mut read, format, true);
        receiving.inbox.set_over();
    })
}

/// Reads until told to stop, and with `ends` until the end.
fn receive(receiving: &Receiving, handle: BorrowedFd<'_>, input: &mut impl Read, format: Format, ends: bool) {
    let mut framer = Framer::new(format);
    let mut bytes = vec![0; CHUNK];
    let mut lines = Vec::new();
    while !receiving.is_stopping() {
        if !is_ready(handle) {
            continue;
        }
        match input.read(&mut bytes) {
            Ok(0) => {
                framer.end(&mut lines);
                if !push(receiving, &mut lines) || ends {
                    return;
                }
                // No writer has the pipe open: it is always "ready" then.
                std::thread::sleep(NOTICE);
            }
            Ok(count) => {
                if let Err(error) = framer.feed(&bytes[..count], &mut lines) {
                    receiving.inbox.bad_message(&format!(
                        "{error}; what follows was left out up to where it can be understood again"
                    ));
                    framer = Framer::new(format);
                }
                if !push(receiving, &mut lines) {
                    return;
                }
                receiving.inbox.set_receiver_problem(None);
            }
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock
                ) => {}
            Err(error) => {
                receiving
                    .inbox
                    .set_receiver_problem(Some(format!("cannot read the pipe: {error}; trying again")));
                std::thread::sleep(NOTICE);
            }
        }
    }
}

/// Waits for room, but not longer than the receiver lives.
fn push(receiving: &Receiving, lines: &mut Vec<u8>) -> bool {
    receiving.inbox.push_blocking(lines, &receiving.is_stopping)
}

/// Waits a moment for bytes or the end.
fn is_ready(handle: BorrowedFd<'_>) -> bool {
    let mut handles = [PollFd::new(handle, PollFlags::POLLIN)];
    let timeout = PollTimeout::try_from(NOTICE).unwrap_or(PollTimeout::ZERO);
    poll(&mut handles, timeout).is_ok_and(|count| count > 0)
}
