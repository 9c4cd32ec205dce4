//! "Left the waiting room" under ids that were never heard to come there.

use super::{
    super::states::{AROUND_ADMISSION, Mark, State},
    Connection, Entry, SKEW, Tie, Ties,
    fit::whereabouts,
};

impl Ties {
    /// "Left the waiting room" under ids that were never heard to come: those of somebody who was sent back without
    /// a word of the new ids, or who came before the meeting had its uuid. It ends their waiting, or is only the other
    /// side of an admission.
    pub(super) fn tie_departure(
        &mut self,
        connections: &mut [Connection<'_>],
        tie: Tie,
        value: &str,
        group: &[usize],
        after: usize,
        entry: &Entry<'_>,
    ) {
        if self.has_predecessor.contains(&after) || (tie == Tie::Name && value.is_empty()) {
            return;
        }
        let mut fits: Vec<usize> = group
            .iter()
            .copied()
            .filter(|before| self.waited(connections, *before, after, entry, tie))
            .collect();
        // Of several who waited, this is the one who goes on in the same moment.
        if tie.is_weak() && fits.len() > 1 {
            fits.retain(|before| {
                let went_on = self.successor.get(before).and_then(|next| connections.get(*next));
                went_on.is_none_or(|next| next.entry.point.at.distance(entry.point.at) <= SKEW)
            });
        }
        let Some(before) = fits.first().copied() else { return };
        if tie.is_weak() && fits.len() > 1 {
            return;
        }
        self.union(before, after);
        self.has_predecessor.insert(after);
        let is_all = |connection: &Connection<'_>| {
            connection.marks.last().is_some_and(|mark| mark.state == State::LeftWaiting)
        };
        if connections.get(after).is_some_and(is_all) {
            self.departures.insert(after);
        }
        // As if it had been said under the ids that waited: an admission may yet turn out to be meant.
        if let (false, Some(waited)) = (self.successor.contains_key(&before), connections.get_mut(before)) {
            waited.marks.retain(|mark| mark.point.at <= entry.point.at && !mark.state.is_gone());
            waited.marks.push(Mark { point: entry.point, state: State::LeftWaiting });
        }
    }

    /// Whether `before` was in the waiting room until `entry` was said under the ids of `after`.
    fn waited(
        &self,
        connections: &[Connection<'_>],
        before: usize,
        after: usize,
        entry: &Entry<'_>,
        tie: Tie,
    ) -> bool {
        let Some(one) = connections.get(before) else { return false };
        let at = entry.point.at;
        if before == after || one.entry.point.at > at || self.contradict(before, after) {
            return false;
        }
        let has_left = one
            .state_at(at)
            .is_some_and(|mark| mark.state == State::LeftWaiting && !mark.point.is_recorded());
        let Some(state) = whereabouts(one, entry, tie).filter(|_| !has_left) else { return false };
        // Another id in the same meeting is somebody else's, unless new ids were given on being sent back.
        let may_have_changed = state == State::PutBack || one.entry.instance != entry.instance;
        let went_on = self.successor.get(&before).and_then(|next| connections.get(*next));
        let until_then = went_on.is_none_or(|next| next.entry.point.at.distance(at) <= AROUND_ADMISSION);
        (state.is_waiting() || state == State::Connecting) && may_have_changed && until_then
    }
}
