//! Two nodes over one database: what one of them hides is gone from what the other keeps, and a node that does not hear of the
//! others any more keeps nothing.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use actix_web::dev::ServerHandle;
use actix_web::web::Data;
use answerwell::app::{self, App};
use answerwell::clock::Clock;
use answerwell::db::Db;
use answerwell::jobs::Jobs;

use super::{House, is_kept, keep};
use crate::forum::{TITLE, answer, ask};
use crate::support::{TestApp, Visitor, eventually};

const THREAD: &str = "/questions/1/my-router-drops-the-wi-fi-every-evening";

/// Another process over the same database.
pub(crate) struct Node {
    pub app: Data<App>,
    address: String,
    server: ServerHandle,
}

impl Node {
    pub(crate) async fn beside(first: &TestApp) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = format!("http://{}", listener.local_addr().expect("a bound port"));
        let config = first.app.config.clone();
        let db = Db::open_migrated(config.database.clone()).expect("the same database");
        let app = Data::new(App::over(db, config, Clock::Real).await.expect("a second node"));
        let server = app::server(app.clone(), listener).expect("a server");
        let handle = server.handle();
        tokio::spawn(server);
        Self { app, address, server: handle }
    }

    pub(crate) fn visitor(&self) -> Visitor {
        Visitor::at(&self.address)
    }

    pub(crate) async fn stop(self) {
        self.server.stop(false).await;
    }
}

/// Follows the change feed, as a server does. A node made by hand does not do so yet.
fn follow(node: &Node) -> Jobs {
    let mut jobs = Jobs::default();
    node.app.pages.start(&mut jobs);
    jobs
}

#[tokio::test]
async fn what_one_node_hides_is_soon_gone_from_the_other() {
    let house = House::start().await;
    let (customer, peer, staff) = (house.app.customer().await, house.app.peer().await, house.app.staff().await);
    ask(&customer, TITLE).await;
    answer(&peer, "Change the channel to 11.").await;
    let node = Node::beside(&house.app).await;
    let jobs = follow(&node);
    keep(&node.visitor(), THREAD).await;
    keep(&node.visitor(), "/").await;
    let hide = [("act", "hide"), ("reason", "It breaks our rules.")];
    staff.post_form("/desk/moderate/answer-1", &hide).await.expect(200);
    assert!(!house.read(THREAD).await.says("Change the channel"));
    let begun = Instant::now();
    eventually("the other node shows it no more", async || {
        !node.visitor().get(THREAD).await.says("Change the channel")
    })
    .await;
    // A look a second; the rest is for a machine that has much else to do.
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    eventually("nor counts it", async || node.visitor().get("/").await.says("0 answers")).await;
    keep(&node.visitor(), "/").await.expect_text("0 answers");
    jobs.shut_down(Duration::from_secs(5)).await;
    node.stop().await;
}

#[tokio::test]
async fn a_node_that_hears_of_nothing_keeps_nothing() {
    let house = House::start().await;
    ask(&house.app.customer().await, TITLE).await;
    let node = Node::beside(&house.app).await;
    // It never looked into the feed.
    for _ in 0..3 {
        assert!(!is_kept(&node.visitor().get(THREAD).await.expect(200)));
    }
    let jobs = follow(&node);
    keep(&node.visitor(), THREAD).await;
    jobs.shut_down(Duration::from_secs(5)).await;
    eventually("what it kept holds no more", async || !is_kept(&node.visitor().get(THREAD).await.expect(200))).await;
    node.stop().await;
}
