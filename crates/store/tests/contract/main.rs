//! What the program relies on, said once and asked of both engines through the same trait objects.

#![cfg(test)]

mod access;
mod alerts;
mod appointments;
mod attendance;
mod board;
mod clinics;
mod connections;
mod consents;
mod evidence;
mod feed;
mod guarding;
mod inbox;
mod links;
mod messages;
mod other_rooms;
mod outreach;
mod recovery;
mod rooms;
mod tenancy;
mod units;
mod world;

/// Runs each behaviour on an empty `SQLite` database and on an empty `PostgreSQL` database.
macro_rules! on_both_engines {
    ($($behaviour:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $behaviour() {
                super::$behaviour(store::testing::sqlite().await).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $behaviour() {
                super::$behaviour(store::testing::postgres().await).await;
            })*
        }
    };
}
pub(crate) use on_both_engines;

/// Does one thing in a unit of work of its own.
macro_rules! once {
    ($store:expr, $tx:ident => $what:expr) => {{
        let mut $tx = $store.begin().await.unwrap();
        let done = $what.await;
        if done.is_ok() {
            $tx.commit().await.unwrap();
        }
        done
    }};
}
pub(crate) use once;

fn ambient() -> domain::Ambient {
    domain::Ambient::manual(world::NOW, 7).0
}
