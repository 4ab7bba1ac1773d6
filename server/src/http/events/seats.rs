//! How many streams may be open: each costs a connection, some memory, and a question to the database now and then.
//!
//! Goes in: a user. Comes out: a [`Seat`], which is free again when it is dropped, or what is full.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use model::ids::UserId;

/// All seats of a web server.
pub(super) struct Seats {
    most: usize,
    most_per_user: usize,
    taken: Mutex<HashMap<UserId, usize>>,
}

/// One open stream.
pub(super) struct Seat {
    seats: Arc<Seats>,
    user: UserId,
}

/// There is no seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Full {
    /// This user has all that one may have.
    User,
    /// The web server has no more.
    House,
}

impl Seats {
    pub(super) fn new(most: usize, most_per_user: usize) -> Self {
        Self {
            most,
            most_per_user,
            taken: Mutex::default(),
        }
    }

    /// A seat for this user.
    pub(super) fn take(self: &Arc<Self>, user: UserId) -> Result<Seat, Full> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.get(&user).is_some_and(|own| *own >= self.most_per_user) {
            return Err(Full::User);
        }
        if taken.values().sum::<usize>() >= self.most {
            return Err(Full::House);
        }
        *taken.entry(user).or_default() += 1;
        Ok(Seat {
            seats: Arc::clone(self),
            user,
        })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = taken.get_mut(&self.user) {
            *own -= 1;
            if *own == 0 {
                taken.remove(&self.user);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seat_is_free_again_when_its_stream_has_ended() {
        let seats = Arc::new(Seats::new(3, 2));
        let (anna, bert) = (UserId(1), UserId(2));
        let first = seats.take(anna).expect("free");
        let _second = seats.take(anna).expect("free");
        assert_eq!(seats.take(anna).err(), Some(Full::User));
        let _third = seats.take(bert).expect("free");
        assert_eq!(seats.take(bert).err(), Some(Full::House));
        drop(first);
        assert!(seats.take(bert).is_ok());
    }
}
