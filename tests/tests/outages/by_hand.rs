//! The command line's part: exit codes, progress, and words that say what to do.

use serde_json::Value;
use tests::{anteroom::Settings, clinic::Clinic};

#[tokio::test]
async fn comparing_by_hand_says_which_room_could_not_be_compared_and_why() {
    let directory = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/anteroom.db", directory.path().display());
    let settings = Settings::new(&url, "http://127.0.0.1:9");
    let clinic = Clinic::add(&settings).await;
    let run = async |more: &[&str]| {
        let days = ["--from", "2026-11-16T00:00:00Z", "--to", "2026-11-23T00:00:00Z"];
        let arguments = [&["attendance", "reconcile"], &days[..], more].concat();
        let output = settings.run(&arguments).await;
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    let (code, said, _) = run(&[]).await;
    assert_eq!(code, Some(0));
    assert!(said.contains("There is no room yet"), "{said}");

    clinic.give_rooms(&url, [86_720_014_455]).await;
    let (code, said, aside) = run(&["--clinic", "Riverside Counseling"]).await;
    assert_eq!(code, Some(1));
    assert!(
        said.contains("not compared: Clinician 86720014455: the clinician is not connected to Zoom"),
        "{said}"
    );
    assert!(aside.starts_with("1. Clinician 86720014455: "), "{aside}");

    let (code, said, _) = run(&["--json"]).await;
    let said: Value = serde_json::from_str(&said).unwrap();
    assert_eq!((code, &said["not_compared"], &said["found"]["people"]), (Some(1), &1.into(), &0.into()));
    assert_eq!(said["rooms"][0]["trouble"], "not_connected");
    assert_eq!(said["rooms"][0]["retry_at"], Value::Null);

    let backwards =
        ["attendance", "reconcile", "--from", "2026-11-23T00:00:00Z", "--to", "2026-11-16T00:00:00Z"];
    assert_eq!(settings.run(&backwards).await.status.code(), Some(2));
    let (code, _, aside) = run(&["--clinic", "Lakeside"]).await;
    assert_eq!(code, Some(2));
    assert!(aside.contains("Riverside Counseling"), "{aside}");
}
