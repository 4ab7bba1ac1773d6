//! How often somebody may try to sign in: guessing must not pay, and hashing must not fill the machine.
//!
//! Goes in: an account, an address and the time. Comes out: go on, or wait. Failures are counted by account and by address; a right password
//! forgets those of its account. A second bound, on all tries of an address, keeps the hasher free for others. Counts live in this process:
//! several portals side by side allow as many times more.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use model::time::{Micros, SECOND};

/// Failures are forgotten after so long.
const WINDOW: i64 = 15 * 60 * SECOND;
/// Wrong passwords for one account within the window: ASVS allows 100 an hour.
const PER_ACCOUNT: usize = 10;
/// Wrong passwords from one address within the window: an office behind one address has more than one person.
const PER_ADDRESS: usize = 100;
/// All tries of one address a second, and at once.
const TRIES_PER_SECOND: NonZeroU32 = NonZeroU32::new(5).expect("invariant: five is not zero");
const TRIES_AT_ONCE: NonZeroU32 = NonZeroU32::new(60).expect("invariant: sixty is not zero");
/// More accounts or addresses than this are not remembered: then the oldest go.
const REMEMBERED: usize = 10_000;

/// Counts tries and failures.
pub(super) struct SignInLimits {
    tries: DefaultKeyedRateLimiter<IpAddr>,
    failures: Mutex<Failures>,
}

#[derive(Default)]
struct Failures {
    by_account: HashMap<String, Vec<Micros>>,
    by_address: HashMap<IpAddr, Vec<Micros>>,
}

/// Too many tries: wait.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooMany;

impl Default for SignInLimits {
    fn default() -> Self {
        Self {
            tries: RateLimiter::keyed(Quota::per_second(TRIES_PER_SECOND).allow_burst(TRIES_AT_ONCE)),
            failures: Mutex::default(),
        }
    }
}

impl SignInLimits {
    /// Counts a try as failed before its password is checked, so that tries side by side cannot all slip through.
    pub(super) fn begin(&self, account: &str, address: IpAddr, now: Micros) -> Result<(), TooMany> {
        if self.tries.len() > REMEMBERED {
            self.tries.retain_recent();
        }
        self.tries.check_key(&address).map_err(|_| TooMany)?;
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let Failures {
            by_account,
            by_address,
        } = &mut *failures;
        forget(by_account, now);
        forget(by_address, now);
        let account_is_full = count(by_account, account) >= PER_ACCOUNT;
        let address_is_full = count(by_address, &address) >= PER_ADDRESS;
        if account_is_full || address_is_full {
            return Err(TooMany);
        }
        by_account.entry(account.to_owned()).or_default().push(now);
        by_address.entry(address).or_default().push(now);
        Ok(())
    }

    /// The password was right: the account starts afresh, and this try was no failure of its address.
    pub(super) fn succeeded(&self, account: &str, address: IpAddr) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        failures.by_account.remove(account);
        if let Some(times) = failures.by_address.get_mut(&address) {
            times.pop();
        }
    }
}

fn count<K, Q>(times: &HashMap<K, Vec<Micros>>, key: &Q) -> usize
where
    K: Hash + Eq + Borrow<Q>,
    Q: Hash + Eq + ?Sized,
{
    times.get(key).map_or(0, Vec::len)
}

/// Drops what is older than the window, and when there is still too much, everything but the newest half of it.
fn forget<K: Hash + Eq>(times: &mut HashMap<K, Vec<Micros>>, now: Micros) {
    let drop_older_than = |times: &mut HashMap<K, Vec<Micros>>, age: i64| {
        times.retain(|_, moments| {
            moments.retain(|moment| now.0 - moment.0 < age);
            !moments.is_empty()
        });
    };
    drop_older_than(times, WINDOW);
    let mut age = WINDOW / 2;
    while times.len() > REMEMBERED && age > SECOND {
        tracing::warn!("more sign-in failures than can be remembered: somebody is guessing on a large scale");
        drop_older_than(times, age);
        age /= 2;
    }
    if times.len() > REMEMBERED {
        times.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Micros = Micros(1_795_266_129_000_000);

    fn address(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    #[test]
    fn ten_wrong_passwords_lock_an_account_for_a_quarter_of_an_hour() {
        let limits = SignInLimits::default();
        for number in 0..10 {
            assert_eq!(limits.begin("anna", address(number), NOW), Ok(()));
        }
        assert_eq!(limits.begin("anna", address(99), NOW), Err(TooMany));
        assert_eq!(limits.begin("bert", address(99), NOW), Ok(()));
        assert_eq!(
            limits.begin("anna", address(99), NOW.plus_seconds(15 * 60)),
            Ok(())
        );
    }

    #[test]
    fn a_right_password_forgets_the_failures_of_its_account() {
        let limits = SignInLimits::default();
        for _ in 0..50 {
            assert_eq!(limits.begin("anna", address(1), NOW), Ok(()));
            limits.succeeded("anna", address(1));
        }
    }

    #[test]
    fn one_address_cannot_try_many_accounts() {
        let limits = SignInLimits::default();
        let refused = (0..120)
            .filter(|number| limits.begin(&format!("user{number}"), address(1), NOW).is_err())
            .count();
        assert!(refused >= 20, "{refused}");
        assert_eq!(limits.begin("user", address(2), NOW), Ok(()));
    }
}
