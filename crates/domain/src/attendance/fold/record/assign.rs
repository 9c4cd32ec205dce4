//! Which row tells of which span.
//!
//! Ids decide where they can, then names, and the times choose between what is alike. What is not clear by more than the
//! clocks may differ is not decided.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use super::{
    super::{
        super::{names, record::RecordedStay, stay::StayKind},
        connection::Connection,
    },
    AGREES_WITHIN,
    likeness::{Identity, Likeness},
    span::{Certainty, End, NEAR, Span, by_knowledge},
};

/// To whom a row was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Given {
    /// To somebody whom no delivery tells of.
    ToNobody,
    /// It tells of this span.
    To(usize),
    /// It tells of this span, or of another to which the same happened: it fills in, but does not say who it is.
    ToOneAlike(usize),
    /// It tells of somebody who is there, but nobody knows of whom.
    ToOneOfSeveral,
}

/// For each row, to whom it was given.
pub(super) struct Assigned {
    pub given: Vec<Given>,
}

#[derive(Clone, Copy)]
struct Pair {
    row: usize,
    span: usize,
    likeness: Likeness,
    gap: Duration,
}

struct Assignment<'a, 'b> {
    spans: &'b [Span],
    rows: &'b [&'a RecordedStay],
    given: Vec<Given>,
    /// The rows that each span has.
    taken: Vec<Vec<usize>>,
}

/// Gives each row to a span, or to nobody. The rows are in order.
pub(super) fn assign<'a>(
    connections: &[Connection<'a>],
    spans: &[Span],
    rows: &[&'a RecordedStay],
) -> Assigned {
    let identities: Vec<Identity<'a>> = connections.iter().map(Identity::of).collect();
    let mut pairs = pairs(&identities, spans, rows);
    let mut assignment = Assignment {
        spans,
        rows,
        given: vec![Given::ToNobody; rows.len()],
        taken: vec![Vec::new(); spans.len()],
    };
    let certainty = |pair: &Pair| spans.get(pair.span).map(|span| span.certainty);
    let is_gone = |pair: &Pair| pair.likeness == Likeness::User && certainty(pair) == Some(Certainty::Gone);
    assignment.by_user(pairs.iter().filter(|pair| !is_gone(pair)));
    // Who was sent back is told of under the ids of the meeting until they leave under those of the waiting room.
    let gone: BTreeSet<usize> = pairs.iter().filter(|pair| is_gone(pair)).map(|pair| pair.row).collect();
    for likeness in Likeness::CHOICES {
        let sent_back = pairs.iter().copied().filter(|pair| {
            pair.likeness == likeness
                && gone.contains(&pair.row)
                && certainty(pair) == Some(Certainty::SentBack)
        });
        assignment.by_choice(sent_back.collect());
    }
    assignment.by_user(pairs.iter());
    // Where the record's ids are those of the deliveries, another id is another connection.
    let alike: BTreeSet<(&str, StayKind)> = rows
        .iter()
        .zip(&assignment.given)
        .filter(|(_, given)| **given != Given::ToNobody)
        .map(|(row, _)| (row.instance.as_str(), row.kind))
        .collect();
    pairs.retain(|pair| {
        let (Some(row), Some(span)) = (rows.get(pair.row), spans.get(pair.span)) else { return false };
        let another = identities.get(span.connection).is_some_and(|one| one.is_another_user_than(row));
        !(another
            && span.certainty != Certainty::SentBack
            && alike.contains(&(row.instance.as_str(), row.kind)))
    });
    for likeness in Likeness::CHOICES {
        for certain in [Certainty::Heard, Certainty::SentBack, Certainty::Gone] {
            let chosen = pairs.iter().copied().filter(|pair| {
                pair.likeness == likeness
                    && spans.get(pair.span).is_some_and(|span| span.certainty == certain)
            });
            assignment.by_choice(chosen.collect());
        }
    }
    Assigned { given: assignment.given }
}

fn pairs(identities: &[Identity<'_>], spans: &[Span], rows: &[&RecordedStay]) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for (row, stay) in rows.iter().enumerate() {
        let name = stay.name.as_deref().map(names::key).unwrap_or_default();
        for (span, told) in spans.iter().enumerate() {
            // What is at another time is nobody's, whatever the ids: names are compared for the rest alone.
            if !told.overlaps(stay, NEAR) {
                continue;
            }
            let identity = identities.get(told.connection);
            if let Some(likeness) = identity.and_then(|identity| identity.likeness(stay, &name, told)) {
                pairs.push(Pair { row, span, likeness, gap: told.gap(stay).whole() });
            }
        }
    }
    pairs
}

impl Assignment<'_, '_> {
    /// One id within one meeting is one connection, even if the record tells it in parts.
    fn by_user<'p>(&mut self, pairs: impl Iterator<Item = &'p Pair>) {
        let mut nearest: BTreeMap<usize, Pair> = BTreeMap::new();
        let rank = |pair: &Pair| {
            let gap = pair.gap.saturating_sub(AGREES_WITHIN);
            self.spans.get(pair.span).map(|span| (span.certainty, gap, by_knowledge(span)))
        };
        for pair in pairs.filter(|pair| pair.likeness == Likeness::User) {
            if self.given.get(pair.row) != Some(&Given::ToNobody) {
                continue;
            }
            let best = nearest.entry(pair.row).or_insert(*pair);
            if rank(pair) < rank(best) {
                *best = *pair;
            }
        }
        for pair in nearest.into_values() {
            self.give(pair, Given::To(pair.span));
        }
    }

    fn give(&mut self, pair: Pair, given: Given) {
        if let (Some(place), Some(taken)) = (self.given.get_mut(pair.row), self.taken.get_mut(pair.span)) {
            *place = given;
            taken.push(pair.row);
        }
    }

    /// Whether the two rows cannot both tell of the span: somebody would be there twice at once, or it is not known to
    /// have gone on over what was between them.
    fn exclude(&self, span: usize, a: usize, b: usize) -> bool {
        let (Some(span), Some(a), Some(b)) = (self.spans.get(span), self.rows.get(a), self.rows.get(b))
        else {
            return false;
        };
        let overlap = a.from < b.to && b.from < a.to || (a.from, a.to) == (b.from, b.to);
        overlap || !span.holds(a) || !span.holds(b)
    }

    fn is_free(&self, pair: Pair) -> bool {
        self.given.get(pair.row) == Some(&Given::ToNobody)
            && self
                .taken
                .get(pair.span)
                .is_some_and(|taken| !taken.iter().any(|row| self.exclude(pair.span, *row, pair.row)))
    }

    fn by_choice(&mut self, mut pairs: Vec<Pair>) {
        loop {
            pairs.retain(|pair| self.is_free(*pair));
            let clear = self.clear(&pairs);
            if !clear.is_empty() {
                for pair in clear {
                    self.give(pair, Given::To(pair.span));
                }
            } else if let Some(only) = self.only_place(&pairs) {
                self.give(only, Given::To(only.span));
            } else {
                break;
            }
        }
        for group in groups(pairs) {
            self.undecided(group);
        }
    }

    /// The pairs of which neither has anything else that is about as good.
    fn clear(&self, pairs: &[Pair]) -> Vec<Pair> {
        let mut of_row: BTreeMap<usize, Vec<Pair>> = BTreeMap::new();
        let mut of_span: BTreeMap<usize, Vec<Pair>> = BTreeMap::new();
        for pair in pairs {
            of_row.entry(pair.row).or_default().push(*pair);
            of_span.entry(pair.span).or_default().push(*pair);
        }
        let is_clear = |pair: &&Pair| {
            let limit = pair.gap.saturating_add(AGREES_WITHIN);
            let near = |other: &Pair| other.gap <= limit;
            let another_span =
                of_row.get(&pair.row).into_iter().flatten().any(|o| o.span != pair.span && near(o));
            let another_row = of_span
                .get(&pair.span)
                .into_iter()
                .flatten()
                .any(|o| o.row != pair.row && near(o) && self.exclude(pair.span, o.row, pair.row));
            !another_span && !another_row
        };
        pairs.iter().filter(is_clear).copied().collect()
    }

    /// A row that has one span to go to, where every other row that could have that has another.
    fn only_place(&self, pairs: &[Pair]) -> Option<Pair> {
        let mut spans_of: BTreeMap<usize, usize> = BTreeMap::new();
        for pair in pairs {
            *spans_of.entry(pair.row).or_default() += 1;
        }
        let has_one = |row: usize| spans_of.get(&row) == Some(&1);
        let rivals_have_more = |pair: &Pair| {
            !pairs.iter().any(|other| {
                other.span == pair.span
                    && other.row != pair.row
                    && has_one(other.row)
                    && self.exclude(pair.span, other.row, pair.row)
            })
        };
        pairs.iter().find(|pair| has_one(pair.row) && rivals_have_more(pair)).copied()
    }

    /// As many rows as there are spans for them are somebody's who is there. They fill in only if each span gets one, and
    /// whichever it gets says the same.
    fn undecided(&mut self, mut group: Vec<Pair>) {
        let rank = |pair: &Pair| (pair.gap, self.spans.get(pair.span).map(by_knowledge), pair.span);
        group.sort_by_key(|pair| (pair.row, rank(pair)));
        let given = as_many_as_can_be(&group);
        let spans: BTreeSet<usize> = group.iter().map(|pair| pair.span).collect();
        let with_row: BTreeSet<usize> = given.iter().map(|pair| pair.span).collect();
        let the_same = spans == with_row && spans.iter().all(|span| self.says_the_same(*span, &group));
        for pair in given {
            let whom = if the_same { Given::ToOneAlike(pair.span) } else { Given::ToOneOfSeveral };
            self.give(pair, whom);
        }
    }

    /// Whether all that the span might be given would fill in the same.
    fn says_the_same(&self, span: usize, group: &[Pair]) -> bool {
        let Some(told) = self.spans.get(span) else { return false };
        let rows: Vec<&RecordedStay> = group
            .iter()
            .filter(|pair| pair.span == span)
            .filter_map(|pair| self.rows.get(pair.row).copied())
            .collect();
        let Some(first) = rows.first() else { return false };
        rows.iter().all(|row| {
            let from = told.since.is_none() || row.from.distance(first.from) <= AGREES_WITHIN;
            let to = matches!(told.end, End::Said(_)) || row.to.distance(first.to) <= AGREES_WITHIN;
            from && to
        })
    }
}

/// One pair for as many rows as there can be one for (Kuhn's algorithm). The pairs are in order of their rows.
fn as_many_as_can_be(pairs: &[Pair]) -> Vec<Pair> {
    fn place(
        row: usize,
        pairs: &[Pair],
        tried: &mut BTreeSet<usize>,
        of_span: &mut BTreeMap<usize, Pair>,
    ) -> bool {
        for pair in pairs.iter().filter(|pair| pair.row == row) {
            if !tried.insert(pair.span) {
                continue;
            }
            let is_free = match of_span.get(&pair.span).map(|before| before.row) {
                None => true,
                Some(before) => place(before, pairs, tried, of_span),
            };
            if is_free {
                of_span.insert(pair.span, *pair);
                return true;
            }
        }
        false
    }
    let rows: BTreeSet<usize> = pairs.iter().map(|pair| pair.row).collect();
    let mut of_span = BTreeMap::new();
    for row in rows {
        place(row, pairs, &mut BTreeSet::new(), &mut of_span);
    }
    of_span.into_values().collect()
}

/// The pairs that have a row or a span in common, directly or over others.
fn groups(pairs: Vec<Pair>) -> Vec<Vec<Pair>> {
    let mut groups: Vec<(BTreeSet<usize>, BTreeSet<usize>, Vec<Pair>)> = Vec::new();
    for pair in pairs {
        let touches = |(rows, spans, _): &(BTreeSet<usize>, BTreeSet<usize>, Vec<Pair>)| {
            rows.contains(&pair.row) || spans.contains(&pair.span)
        };
        let (joined, rest): (Vec<_>, Vec<_>) = groups.into_iter().partition(touches);
        let mut whole = (BTreeSet::from([pair.row]), BTreeSet::from([pair.span]), vec![pair]);
        for (rows, spans, pairs) in joined {
            whole.0.extend(rows);
            whole.1.extend(spans);
            whole.2.extend(pairs);
        }
        groups = rest;
        groups.push(whole);
    }
    groups.into_iter().map(|(_, _, pairs)| pairs).collect()
}
