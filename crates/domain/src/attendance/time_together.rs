//! How long: waited, in session, together with the staff. Overlapping stays (two devices) count once.

use std::time::Duration;

use super::stay::{Stay, StayKind};
use crate::time::Timestamp;

/// How long an attendee was where, in whole seconds, rounded down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seconds {
    /// In the waiting room.
    pub waited: u64,
    /// In the meeting.
    pub in_session: u64,
    /// In the meeting while at least one of the staff was in it too.
    pub together: u64,
}

/// How long, given all stays of one attendee and all stays of the staff in the same room. What lasts is counted up
/// to `now`.
pub fn seconds<'a>(
    attendee: impl IntoIterator<Item = &'a Stay> + Clone,
    staff: impl IntoIterator<Item = &'a Stay>,
    now: Timestamp,
) -> Seconds {
    let session = union(attendee.clone(), StayKind::InSession, now);
    let staff = union(staff, StayKind::InSession, now);
    Seconds {
        waited: total(&union(attendee, StayKind::Waiting, now)),
        in_session: total(&session),
        together: total(&intersection(&session, &staff)),
    }
}

type Interval = (Timestamp, Timestamp);

/// The times in which any of the stays of this kind lasted, in order and apart from each other. What lasts is counted up to
/// `now`.
pub(super) fn union<'a>(
    stays: impl IntoIterator<Item = &'a Stay>,
    kind: StayKind,
    now: Timestamp,
) -> Vec<Interval> {
    let mut intervals: Vec<Interval> = stays
        .into_iter()
        .filter(|stay| stay.kind == kind)
        .map(|stay| (stay.from, stay.to.unwrap_or(now)))
        .filter(|(from, to)| from < to)
        .collect();
    intervals.sort_unstable();
    let mut union: Vec<Interval> = Vec::new();
    for (from, to) in intervals {
        match union.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => union.push((from, to)),
        }
    }
    union
}

/// Of two unions.
fn intersection(a: &[Interval], b: &[Interval]) -> Vec<Interval> {
    a.iter()
        .flat_map(|a| b.iter().map(move |b| (a.0.max(b.0), a.1.min(b.1))))
        .filter(|(from, to)| from < to)
        .collect()
}

fn total(intervals: &[Interval]) -> u64 {
    intervals.iter().map(|(from, to)| to.since(*from)).sum::<Duration>().as_secs()
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, option, prelude::*};

    use super::*;
    use crate::attendance::stay::Source;

    fn stay(kind: StayKind, from: i64, to: Option<i64>) -> Stay {
        Stay {
            kind,
            from: Timestamp::from_seconds(from),
            to: to.map(Timestamp::from_seconds),
            from_source: Source::Webhook,
            to_source: to.map(|_| Source::Webhook),
            evidence: Vec::new(),
        }
    }

    use StayKind::{Connecting, InSession, Waiting};

    #[test]
    fn only_time_with_somebody_of_the_staff_is_time_together() {
        let patient = [
            stay(Waiting, 0, Some(60)),
            stay(Connecting, 60, Some(65)),
            stay(InSession, 65, Some(100)),
            stay(InSession, 200, Some(300)),
        ];
        let staff = [stay(InSession, 90, Some(210)), stay(Waiting, 210, Some(400))];
        assert_eq!(
            seconds(&patient, &staff, Timestamp::from_seconds(1_000)),
            Seconds { waited: 60, in_session: 135, together: 20 }
        );
    }

    #[test]
    fn two_devices_at_once_count_once() {
        let patient = [stay(InSession, 0, Some(100)), stay(InSession, 50, Some(150))];
        let staff = [stay(InSession, 0, Some(80)), stay(InSession, 70, Some(120))];
        assert_eq!(
            seconds(&patient, &staff, Timestamp::from_seconds(1_000)),
            Seconds { waited: 0, in_session: 150, together: 120 }
        );
    }

    fn stays() -> impl Strategy<Value = Vec<Stay>> {
        let kind = prop_oneof![1 => Just(Waiting), 1 => Just(Connecting), 3 => Just(InSession)];
        let one = (kind, 0_i64..200, option::weighted(0.9, 0_i64..100));
        vec(one.prop_map(|(kind, from, length)| stay(kind, from, length.map(|length| from + length))), 0..6)
    }

    proptest! {
        /// Second by second, the slow way.
        #[test]
        fn every_second_counts_once_and_for_what_it_is(patient in stays(), staff in stays()) {
            let now = 250_i64;
            let is = |stays: &[Stay], kind, second: i64| {
                stays.iter().any(|stay| {
                    let end = stay.to.map_or(now, Timestamp::as_seconds);
                    stay.kind == kind && stay.from.as_seconds() <= second && second < end
                })
            };
            let count = |holds: &dyn Fn(i64) -> bool| {
                u64::try_from((0..now.max(400)).filter(|second| holds(*second)).count()).unwrap()
            };
            let expected = Seconds {
                waited: count(&|second| is(&patient, Waiting, second)),
                in_session: count(&|second| is(&patient, InSession, second)),
                together: count(&|second| is(&patient, InSession, second) && is(&staff, InSession, second)),
            };
            prop_assert_eq!(seconds(&patient, &staff, Timestamp::from_seconds(now)), expected);
        }
    }

    #[test]
    fn what_lasts_is_counted_up_to_now() {
        let patient = [stay(InSession, 0, None)];
        let staff = [stay(InSession, 10, None)];
        let now = Timestamp::from_seconds(40);
        assert_eq!(seconds(&patient, &staff, now), Seconds { waited: 0, in_session: 40, together: 30 });
    }
}
