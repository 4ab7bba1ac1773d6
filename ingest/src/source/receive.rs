//! What comes in by itself: the network, sockets, pipes, standard input.
//!
//! Goes in: where to listen. Comes out: lines in an [`Inbox`], from threads that end when a [`Receiver`] is dropped. What can be paused waits for
//! room in the inbox, so its sender waits too; datagrams cannot.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use super::spool::Inbox;

pub(super) mod datagram;
pub(super) mod pipe;
pub(super) mod stream;
pub(super) mod tls;

/// How soon a thread notices that it is to end.
const NOTICE: Duration = Duration::from_millis(100);

/// A running receiver.
#[derive(Debug)]
pub(super) struct Receiver {
    is_stopping: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    /// Where it listens, when that is an address.
    pub(super) address: Option<std::net::SocketAddr>,
}

/// What a receiving thread works with.
pub(super) struct Receiving {
    inbox: Arc<Inbox>,
    is_stopping: Arc<AtomicBool>,
}

impl Receiving {
    fn is_stopping(&self) -> bool {
        self.is_stopping.load(Ordering::Relaxed)
    }
}

impl Receiver {
    fn start(
        inbox: &Arc<Inbox>,
        address: Option<std::net::SocketAddr>,
        receive: impl FnOnce(Receiving) + Send + 'static,
    ) -> io::Result<Self> {
        let is_stopping = Arc::new(AtomicBool::new(false));
        let receiving = Receiving {
            inbox: Arc::clone(inbox),
            is_stopping: Arc::clone(&is_stopping),
        };
        let thread = std::thread::Builder::new()
            .name("mailfate-receiver".to_owned())
            .spawn(move || receive(receiving))?;
        Ok(Self {
            is_stopping,
            thread: Some(thread),
            address,
        })
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.is_stopping.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("a thread that receives logs stopped by itself");
        }
    }
}
