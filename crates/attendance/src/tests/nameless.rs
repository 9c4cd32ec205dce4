//! Accounts that hide names: what is told of somebody without any is nobody else's.

use domain::attendance::stay::StayKind;
use serde_json::{Value, json};

use super::clinic::{TestClinic, osei};

/// Zoom gives neither ids nor a name of who waits for the host.
fn nobody() -> Value {
    json!({ "id": "", "user_name": "" })
}

fn nameless(user_id: &str) -> Value {
    json!({ "user_id": user_id, "user_name": "", "id": "", "participant_user_id": "", "email": "" })
}

/// Where each was, from when till when, in seconds.
async fn stays(clinic: &TestClinic) -> Vec<Vec<(StayKind, i64, Option<i64>)>> {
    let seconds = |at: domain::Timestamp| at.as_seconds() - clinic.at(0).as_seconds();
    let mut all: Vec<Vec<_>> = clinic
        .presences()
        .await
        .iter()
        .map(|one| {
            one.stays.iter().map(|stay| (stay.kind, seconds(stay.from), stay.to.map(seconds))).collect()
        })
        .collect();
    all.sort();
    all
}

#[tokio::test]
async fn who_waited_for_the_host_does_not_wait_on_until_another_gives_up() {
    let clinic = TestClinic::open().await;
    clinic.says("participant_jbh_waiting", 0, nobody()).await;
    clinic.says("started", 300, json!({})).await;
    clinic.says("participant_joined", 300, osei("9")).await;
    clinic.says("participant_left", 1_500, osei("9")).await;
    clinic.says("ended", 1_500, json!({})).await;
    clinic.says("participant_jbh_waiting", 7_200, nobody()).await;
    clinic.says("participant_jbh_waiting_left", 7_700, nobody()).await;
    assert_eq!(
        stays(&clinic).await,
        [
            vec![(StayKind::Waiting, 0, Some(300))],
            vec![(StayKind::Waiting, 7_200, Some(7_700))],
            vec![(StayKind::InSession, 300, Some(1_500))],
        ]
    );
}

#[tokio::test]
async fn who_is_sent_back_without_a_name_waits_once() {
    let clinic = TestClinic::open().await;
    clinic.says("started", 0, json!({})).await;
    clinic.says("participant_joined_waiting_room", 10, nameless("1")).await;
    clinic.says("participant_admitted", 20, nameless("1")).await;
    clinic.says("participant_joined", 22, nameless("2")).await;
    clinic.says("participant_put_in_waiting_room", 300, nameless("2")).await;
    clinic.says("participant_joined_waiting_room", 300, nameless("3")).await;
    clinic.says("participant_admitted", 360, nameless("3")).await;
    clinic.says("participant_joined", 362, nameless("4")).await;
    clinic.says("participant_left", 900, nameless("4")).await;
    clinic.says("ended", 2_000, json!({})).await;
    let [rosa] = <[_; 1]>::try_from(stays(&clinic).await).unwrap();
    let waited: Vec<_> = rosa.iter().filter(|(kind, ..)| *kind == StayKind::Waiting).collect();
    assert_eq!(waited, [&(StayKind::Waiting, 10, Some(20)), &(StayKind::Waiting, 300, Some(360))]);
    assert_eq!(rosa.last(), Some(&(StayKind::InSession, 362, Some(900))));
}
