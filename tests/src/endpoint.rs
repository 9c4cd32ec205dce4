//! An endpoint for deliveries in the test's own process, which can be switched off and on again at the same address.

use std::{convert::Infallible, net::SocketAddr, sync::Arc};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpSocket},
    task::{JoinHandle, JoinSet},
};
use tower::ServiceExt as _;
use webhook::{Receipt, Receiver};

/// The endpoint. While it is there, whatever Zoom sends is taken; else the connection is refused.
#[derive(Debug)]
pub struct Endpoint(JoinHandle<()>);

impl Endpoint {
    /// An address that is free now, for an endpoint that comes and goes.
    pub async fn reserve() -> SocketAddr {
        let reserved = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        reserved.local_addr().expect("it has an address")
    }

    /// Takes deliveries at this address.
    pub fn open(address: SocketAddr, receiver: Receiver) -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.set_reuseaddr(true).expect("the port is used again");
        socket.bind(address).expect("the port is free");
        let listener = socket.listen(64).expect("the port is free");
        let router = Router::new().route("/zoom/webhook", post(receive)).with_state(Arc::new(receiver));
        Self(tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let router = router.clone();
                let service = hyper::service::service_fn(
                    move |request: hyper::Request<hyper::body::Incoming>| {
                        let router = router.clone();
                        async move { Ok::<_, Infallible>(router.oneshot(request.map(Body::new)).await.unwrap()) }
                    },
                );
                connections.spawn(async move {
                    let serve = hyper::server::conn::http1::Builder::new();
                    _ = serve.serve_connection(TokioIo::new(stream), service).await;
                });
            }
        }))
    }

    /// As if the machine had died: every connection breaks.
    pub async fn close(self) {
        self.0.abort();
        _ = self.0.await;
    }
}

async fn receive(
    State(receiver): State<Arc<Receiver>>,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, String) {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let receipt = receiver.receive(header("x-zm-request-timestamp"), header("x-zm-signature"), &body).await;
    match receipt {
        Receipt::Stored => (StatusCode::OK, String::new()),
        Receipt::Challenge(answer) => (StatusCode::OK, answer),
        Receipt::BadSignature => (StatusCode::UNAUTHORIZED, String::new()),
        other => panic!("a delivery of the simulated Zoom came to nothing: {other:?}"),
    }
}
