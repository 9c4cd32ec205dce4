//! A hundred thousand messages wait: taking the next ones still reads those alone. A crate of its own, so that no other
//! test's statements are among those it looks at.

#![cfg(test)]

use domain::outreach::message::Channel;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, Row as _, SqliteConnection};
use store::testing::{self, Engine};
use world::{World, at};

#[path = "contract/world.rs"]
#[expect(dead_code, reason = "the contract tests use the rest")]
mod world;

/// Makes many of the one about a visit that the clinic has, each due a microsecond after the last.
const FILL_SQLITE: &str = "INSERT INTO messages
        (clinic_id, id, appointment_id, attendee_id, staff_id, channel, occasion, state, reason, asked_by, content_sealed,
         once, queued_at, due_at, tries, lease_until, sent_at, changed_at, provider_id, overtaken)
    SELECT m.clinic_id, randomblob(16), appointment_id, attendee_id, staff_id, channel, occasion, state, reason,
           asked_by, content_sealed, NULL, queued_at, due_at + n, tries, lease_until, sent_at, changed_at, provider_id,
           NULL
    FROM messages AS m,
         (WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 100000)
          SELECT n FROM numbers)
    WHERE m.alert_id IS NULL";
const FILL_POSTGRES: &str = "INSERT INTO messages
        (clinic_id, id, appointment_id, attendee_id, staff_id, channel, occasion, state, reason, asked_by, content_sealed,
         once, queued_at, due_at, tries, lease_until, sent_at, changed_at, provider_id, overtaken)
    SELECT m.clinic_id, gen_random_uuid(), appointment_id, attendee_id, staff_id, channel, occasion, state, reason,
           asked_by, content_sealed, NULL, queued_at, due_at + n, tries, lease_until, sent_at, changed_at, provider_id,
           NULL
    FROM messages AS m, generate_series(1, 100000) AS n
    WHERE m.alert_id IS NULL";

/// What was asked to take messages, with values in the places of its parameters.
fn question(engine: &Engine) -> String {
    let asked = testing::statements();
    let locks = engine.name == "postgres";
    let asked: Vec<&String> = asked
        .iter()
        .filter(|sql| sql.contains("content_sealed FROM messages") && sql.contains("SKIP LOCKED") == locks)
        .collect();
    assert_eq!(asked.len(), 1);
    asked[0].replace("$1", "'email'").replace("$2", &at(100_000).as_micros().to_string()).replace("$3", "50")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn taking_the_next_of_a_hundred_thousand_reads_no_others() {
    for engine in testing::engines().await {
        World::put(&*engine.store, 1).await;
        let fill = AssertSqlSafe(if engine.name == "sqlite" { FILL_SQLITE } else { FILL_POSTGRES });
        if engine.name == "sqlite" {
            let mut connection = SqliteConnection::connect(&engine.url).await.unwrap();
            connection.execute(fill).await.unwrap();
            connection.execute("ANALYZE").await.unwrap();
        } else {
            let mut connection = PgConnection::connect(&engine.url).await.unwrap();
            connection.execute(fill).await.unwrap();
            connection.execute("ANALYZE").await.unwrap();
        }

        let mut last = None;
        for _ in 0..3 {
            let mut tx = engine.store.begin().await.unwrap();
            let taken = tx.claim_messages(Channel::Email, at(100), at(200), 50).await.unwrap();
            tx.commit().await.unwrap();
            assert_eq!(taken.len(), 50);
            assert!(taken.is_sorted_by_key(|due| due.message.due_at));
            let first = taken.first().map(|due| due.message.due_at);
            assert!(last < first, "each takes on where the last one ended");
            last = taken.last().map(|due| due.message.due_at);
        }
        let mut tx = engine.store.read().await.unwrap();
        assert_eq!(tx.queued_messages(at(100)).await.unwrap(), (100_001, Some(at(60))));

        let question = question(&engine);
        let plan: Vec<String> = if engine.name == "sqlite" {
            let mut connection = SqliteConnection::connect(&engine.url).await.unwrap();
            let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {question}"));
            let rows = sqlx::query(explain).fetch_all(&mut connection).await.unwrap();
            rows.iter().map(|row| row.get("detail")).collect()
        } else {
            let mut connection = PgConnection::connect(&engine.url).await.unwrap();
            let explain = AssertSqlSafe(format!("EXPLAIN {question}"));
            sqlx::query_scalar(explain).fetch_all(&mut connection).await.unwrap()
        };
        let plan = plan.join("\n");
        assert!(plan.contains("messages_due"), "{}\n{plan}", engine.name);
        for costly in ["Sort", "Seq Scan", "SCAN", "TEMP B-TREE"] {
            assert!(!plan.contains(costly), "{}\n{plan}", engine.name);
        }
    }
}
