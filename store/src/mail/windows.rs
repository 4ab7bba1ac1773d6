//! The stretches of time that a search looks through one after the other, so that its first rows come early.
//!
//! Goes in: the days that exist, bounds, a direction. Comes out: windows that lie side by side, begin narrow and grow, and leave out days
//! that have no partition. Which rows match is not its business.

use std::ops::Range;

use model::query::Towards;
use model::time::{DAY, Micros, SECOND};

/// Each window is so many times wider than the one before: a domain without mail for a year costs seven questions, not 365.
const GROWTH: i64 = 4;

/// How wide windows are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Widths {
    /// The first window.
    first: i64,
    /// No window is wider.
    most: i64,
}

impl Widths {
    /// Many domains find a page of rows in minutes, few in days. Reading through texts is slow: there a wide window would make a page wait
    /// that is full after its first days.
    pub(super) fn new(domains: usize, reads_texts: bool) -> Self {
        let first = match domains {
            0..=20 => DAY,
            21..=200 => DAY / 24,
            _ => 300 * SECOND,
        };
        let most = if reads_texts { 8 * DAY } else { 400 * DAY };
        Self { first, most }
    }

    /// Everything in one window.
    pub(super) const ALL: Self = Self {
        first: i64::MAX / 4,
        most: i64::MAX / 4,
    };
}

/// Windows from newest to oldest or the other way.
pub(super) struct Windows<'a> {
    /// Starts of the days that have partitions, ascending.
    days: &'a [Micros],
    towards: Towards,
    rest: Range<i64>,
    width: i64,
    most: i64,
}

impl<'a> Windows<'a> {
    /// `bounds` may reach beyond the days.
    pub(super) fn new(days: &'a [Micros], bounds: Range<Micros>, towards: Towards, widths: Widths) -> Self {
        let first = days.first().map_or(0, |day| day.0);
        let end = days.last().map_or(0, |day| day.0 + DAY);
        Self {
            days,
            towards,
            rest: bounds.start.0.max(first)..bounds.end.0.min(end),
            width: widths.first,
            most: widths.most,
        }
    }

    /// Moves the near edge over days that do not exist.
    fn skip_gap(&mut self) {
        match self.towards {
            Towards::Older => {
                let after = self.days.partition_point(|day| day.0 < self.rest.end);
                if let Some(newest) = after.checked_sub(1).and_then(|index| self.days.get(index)) {
                    self.rest.end = self.rest.end.min(newest.0 + DAY);
                }
            }
            Towards::Newer => {
                let index = self.days.partition_point(|day| day.0 + DAY <= self.rest.start);
                if let Some(oldest) = self.days.get(index) {
                    self.rest.start = self.rest.start.max(oldest.0);
                }
            }
        }
    }
}

impl Iterator for Windows<'_> {
    type Item = Range<Micros>;

    fn next(&mut self) -> Option<Self::Item> {
        self.skip_gap();
        if self.rest.is_empty() {
            return None;
        }
        let window = match self.towards {
            Towards::Older => {
                let start = self.rest.start.max(self.rest.end.saturating_sub(self.width));
                let window = start..self.rest.end;
                self.rest.end = start;
                window
            }
            Towards::Newer => {
                let end = self.rest.end.min(self.rest.start.saturating_add(self.width));
                let window = self.rest.start..end;
                self.rest.start = end;
                window
            }
        };
        self.width = self.width.saturating_mul(GROWTH).min(self.most);
        Some(Micros(window.start)..Micros(window.end))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn walk(days: &[Micros], bounds: Range<i64>, towards: Towards, widths: Widths) -> Vec<Range<i64>> {
        Windows::new(days, Micros(bounds.start)..Micros(bounds.end), towards, widths)
            .map(|window| window.start.0..window.end.0)
            .collect()
    }

    #[test]
    fn windows_grow_and_jump_over_missing_days() {
        let days: Vec<Micros> = [0, 1, 2, 50, 51].map(|day| Micros(day * DAY)).into();
        let found = walk(&days, i64::MIN..i64::MAX, Towards::Older, Widths::new(1, false));
        assert_eq!(found, [51 * DAY..52 * DAY, 47 * DAY..51 * DAY, 0..3 * DAY]);
    }

    #[test]
    fn no_days_no_windows() {
        assert!(walk(&[], i64::MIN..i64::MAX, Towards::Older, Widths::ALL).is_empty());
        assert!(walk(&[Micros(0)], 5 * DAY..6 * DAY, Towards::Newer, Widths::ALL).is_empty());
    }

    proptest! {
        /// Every moment of an existing day inside the bounds is in exactly one window, in either direction.
        #[test]
        fn nothing_is_left_out_or_read_twice(
            days in proptest::collection::btree_set(0_i64..40, 1..12),
            (start, length) in (-5_i64..45, 0_i64..60),
            moment in 0_i64..40,
            domains in 1_usize..400,
            newer: bool,
        ) {
            let bounds = start * DAY + 7..(start + length) * DAY + 13;
            let moment = moment * DAY + 11;
            let starts: Vec<Micros> = days.iter().map(|day| Micros(day * DAY)).collect();
            let towards = if newer { Towards::Newer } else { Towards::Older };
            let windows = walk(&starts, bounds.clone(), towards, Widths::new(domains, true));
            let expected = days.contains(&(moment / DAY)) && bounds.contains(&moment);
            let hits = windows.iter().filter(|window| window.contains(&moment)).count();
            if days.contains(&(moment / DAY)) {
                prop_assert_eq!(hits, usize::from(expected));
            }
            let in_order = windows.windows(2).all(|pair| match towards {
                Towards::Older => pair[1].end <= pair[0].start,
                Towards::Newer => pair[0].end <= pair[1].start,
            });
            prop_assert!(in_order);
        }
    }
}
