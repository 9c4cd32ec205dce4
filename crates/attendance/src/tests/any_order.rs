//! Whatever is heard, pressed, decided, recorded and looked at, in whatever order: what is kept follows from it, and a
//! rebuild gives it again.

use std::time::Duration;

use domain::attendance::matching::{StaffOrToken, Verdict};
use proptest::{collection::vec, prelude::*, sample::Index};
use serde_json::Value;

use super::{
    clinic::{Booked, TestClinic},
    deliveries::day,
};

#[derive(Clone, Debug)]
enum Step {
    /// Some of the day's deliveries come, perhaps once more.
    Deliver(Vec<Index>),
    Apply,
    Press {
        whose: Index,
        at: i64,
    },
    Decide {
        about: Index,
        verdict: Index,
    },
    /// Zoom's record is kept, with some of its rows, which may end otherwise than the deliveries say.
    Record {
        rows: Vec<Index>,
        late: i64,
    },
    /// Time passes, and rooms are looked at.
    Look(u64),
    Rebuild,
}

fn step() -> impl Strategy<Value = Step> {
    let at = 0_i64..1_500;
    prop_oneof![
        6 => vec(any::<Index>(), 1..12).prop_map(Step::Deliver),
        4 => Just(Step::Apply),
        3 => (any::<Index>(), at).prop_map(|(whose, at)| Step::Press { whose, at }),
        3 => (any::<Index>(), any::<Index>()).prop_map(|(about, verdict)| Step::Decide { about, verdict }),
        2 => (vec(any::<Index>(), 0..8), 0_i64..90).prop_map(|(rows, late)| Step::Record { rows, late }),
        3 => (0_u64..400).prop_map(Step::Look),
        1 => Just(Step::Rebuild),
    ]
}

/// The rows of the day that the deliveries tell of.
fn rows(clinic: &TestClinic, late: i64) -> Vec<Value> {
    let mut rows = vec![clinic.row("host", "Dr. Amara Osei", "in_meeting", 11..1_700)];
    for (patient, name) in ["Rosa Delgado", "Tom Reyes", "iPhone", "Ana Prado"].into_iter().enumerate() {
        let (begin, id) = (i64::try_from(patient).unwrap() * 400, patient * 10 + 1);
        rows.push(clinic.row(&id.to_string(), name, "in_waiting_room", begin..begin + 60));
        rows.push(clinic.row(&(id + 1).to_string(), name, "in_meeting", begin + 64..begin + 390 + late));
    }
    rows
}

async fn take(clinic: &TestClinic, visits: &[Booked], step: Step) {
    let bodies = day(clinic);
    match step {
        Step::Deliver(some) => {
            for one in some {
                clinic.deliver_body(one.get(&bodies).as_str()).await;
            }
        }
        Step::Apply => clinic.apply_all().await,
        Step::Press { whose, at } => clinic.press(whose.get(visits), 0, at).await,
        Step::Decide { about, verdict } => {
            let presences = clinic.presences().await;
            if presences.is_empty() {
                return;
            }
            let verdicts = [
                Verdict::Guest,
                Verdict::Interpreter,
                Verdict::Undecided,
                Verdict::Not(visits[0].attendee(0)),
                Verdict::Attendee(visits[0].attendee(1)),
                Verdict::Attendee(visits[1].attendee(0)),
            ];
            let by = StaffOrToken::Staff(clinic.host);
            let (about, verdict) = (about.get(&presences).id, *verdict.get(&verdicts));
            clinic.attendance.decide(clinic.clinic, about, verdict, by).await.unwrap();
        }
        Step::Record { rows: some, late } => {
            let rows = rows(clinic, late);
            let some = some.iter().map(|one| one.get(&rows).clone()).collect();
            clinic.record(1_700, some).await;
        }
        Step::Look(seconds) => {
            clinic.clock.advance(Duration::from_secs(seconds));
            clinic.attendance.look_when_due().await.unwrap();
        }
        Step::Rebuild => {
            clinic.attendance.rebuild(None, false).await.unwrap();
        }
    }
}

async fn histories(clinic: &TestClinic) -> usize {
    let mut changes = 0;
    let mut tx = clinic.engine.store.read().await.unwrap();
    for presence in clinic.presences().await {
        changes += tx.match_changes(clinic.clinic, presence.id).await.unwrap().len();
    }
    changes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn whatever_comes_in_whatever_order_a_rebuild_gives_it_again(steps in vec(step(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let clinic = TestClinic::open().await;
            let visits =
                [clinic.book(0, &["Rosa Delgado", "Luis Prado"]).await, clinic.book(700, &["Tom Reyes"]).await];
            for step in steps {
                take(&clinic, &visits, step).await;
            }
            clinic.apply_all().await;
            prop_assert_eq!(clinic.verify().await, [""; 0]);
            let before = (clinic.presences().await, histories(&clinic).await);
            clinic.attendance.rebuild(None, false).await.unwrap();
            prop_assert_eq!((clinic.presences().await, histories(&clinic).await), before);
            prop_assert_eq!(clinic.verify().await, [""; 0]);
            Ok(())
        })?;
    }
}
