//! What keeps the program from using a database, and how a database is made.

use domain::{
    Ambient, Timestamp,
    clinic::{Clinic, Zone},
    text::Name,
};
use store::{Options, StoreError};

fn clinic(ambient: &Ambient, name: &str) -> Clinic {
    Clinic {
        id: ambient.id(),
        name: Name::parse(name).unwrap(),
        zone: Zone::parse("America/Chicago").unwrap(),
        created_at: ambient.now(),
    }
}

#[tokio::test]
async fn a_file_is_made_with_its_folder_and_is_nobody_elses_to_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("deep/er/anteroom.db");
    let url = format!("sqlite://{}", file.display());
    let (ambient, _) = Ambient::manual(Timestamp::from_seconds(1_795_442_400), 1);
    let store = store::open(&url, Options::default()).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    tx.insert_clinic(&clinic(&ambient, "Northside")).await.unwrap();
    tx.commit().await.unwrap();
    for entry in std::fs::read_dir(file.parent().unwrap()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", entry.file_name());
    }
    store.close().await;

    let store = store::open(&url, Options { migrate: false }).await.unwrap();
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.clinics().await.unwrap().len(), 1);
}

#[tokio::test]
async fn without_migrating_a_missing_file_is_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("anteroom.db");
    let opened = store::open(&format!("sqlite://{}", file.display()), Options { migrate: false }).await;
    assert!(matches!(opened.err(), Some(StoreError::Unusable(_) | StoreError::Driver(_))));
    assert!(!file.exists());
}
