//! Tokens: their trade, their renewal and their end.

use zoom::api::ApiError;
use zoom::oauth::{GrantReason, OAuth, Pkce, TokenError};
use zoom::webhook::Body;
use zoomsim::DeauthorizedShape;

use crate::world::{AMARA, CALLBACK, JONAS, Zoom};

#[tokio::test]
async fn a_renewal_kills_the_token_before_it() {
    let zoom = Zoom::start().await;
    let first = zoom.connect(AMARA).await;
    let second = zoom.oauth.refresh(&first.refresh).await.unwrap();
    assert_ne!(first.refresh, second.refresh);
    let again = zoom.oauth.refresh(&first.refresh).await.unwrap_err();
    assert_eq!(again, TokenError::InvalidGrant { reason: GrantReason::InvalidToken });
    assert!(zoom.api.me(&second.access).await.is_ok());
}

#[tokio::test]
async fn a_code_works_once_and_only_with_its_verifier() {
    let zoom = Zoom::start().await;
    let (code, verifier) = zoom.consent(AMARA);
    let stranger = zoom.oauth.exchange(&code, &Pkce::from_random([1; 32]).verifier).await.unwrap_err();
    assert!(stranger.is_final(), "{stranger:?}");
    assert!(zoom.oauth.exchange(&code, &verifier).await.is_ok());
    assert!(zoom.oauth.exchange(&code, &verifier).await.unwrap_err().is_final());
    let (late, verifier) = zoom.consent(AMARA);
    zoom.advance(301).await;
    assert!(zoom.oauth.exchange(&late, &verifier).await.unwrap_err().is_final());
}

#[tokio::test]
async fn a_wrong_client_secret_is_not_taken_for_a_dead_connection() {
    let zoom = Zoom::start().await;
    let tokens = zoom.connect(AMARA).await;
    let http = zoom::http::client(zoom::http::Limits::default()).unwrap();
    let url = zoom.oauth.authorize_url("s", "c");
    let base = format!("http://{}/oauth", url.authority());
    let wrong = OAuth::new(http, &base, zoom.oauth.client_id(), "not the secret".into(), CALLBACK).unwrap();
    assert_eq!(wrong.refresh(&tokens.refresh).await.unwrap_err(), TokenError::InvalidClient);
    assert!(zoom.oauth.refresh(&tokens.refresh).await.is_ok());
}

#[tokio::test]
async fn every_way_to_lose_a_connection_is_final() {
    let zoom = Zoom::start().await;
    let tokens = zoom.connect(AMARA).await;
    zoom.sim.disable_by_admin(AMARA).unwrap();
    let disabled = TokenError::InvalidGrant { reason: GrantReason::DisabledByAdmin };
    assert_eq!(zoom.oauth.refresh(&tokens.refresh).await.unwrap_err(), disabled);
    assert_eq!(zoom.api.me(&tokens.access).await.unwrap_err(), ApiError::AccessTokenDead);

    let older = zoom.connect(JONAS).await;
    let newer = zoom.connect(JONAS).await;
    assert!(zoom.oauth.refresh(&older.refresh).await.unwrap_err().is_final());
    zoom.oauth.revoke(&newer.access).await.unwrap();
    assert!(zoom.oauth.refresh(&newer.refresh).await.unwrap_err().is_final());

    let tokens = zoom.connect(JONAS).await;
    zoom.sim.change_password(JONAS).unwrap();
    assert!(zoom.oauth.refresh(&tokens.refresh).await.unwrap_err().is_final());
}

#[tokio::test]
async fn a_deauthorization_names_the_user_in_every_shape() {
    let zoom = Zoom::start().await;
    for shape in [DeauthorizedShape::Current, DeauthorizedShape::Legacy, DeauthorizedShape::TextEventTs] {
        zoom.sim.knobs(|knobs| knobs.deauthorized_shape = shape);
        let tokens = zoom.connect(AMARA).await;
        zoom.events();
        zoom.sim.deauthorize(AMARA).unwrap();
        let events = zoom.events();
        assert_eq!(events.len(), 1);
        let Body::Deauthorization(removed) = &events[0].body else { panic!("{:?}", events[0]) };
        assert_eq!(removed.user_id.as_deref(), Some(AMARA));
        assert_eq!(removed.client_id.as_deref(), Some(zoom.oauth.client_id()));
        assert_eq!(removed.at.map(|at| at / 1_000_000), Some(zoom.sim.now() / 1_000_000));
        assert_eq!(events[0].account_id.as_deref(), Some("Kx3mQvTtR5aZ1LwYbN0cGg"));
        assert!(zoom.oauth.refresh(&tokens.refresh).await.unwrap_err().is_final());
        assert_eq!(zoom.api.me(&tokens.access).await.unwrap_err(), ApiError::AccessTokenDead);
    }
}
