//! The outline of a thread for who reads it by its headings: one title, and no step down that leaves one out, whatever people
//! write.

use super::Scene;
use crate::forum::TITLE;

/// The levels of a page's headings, in its order.
fn levels(page: &str) -> Vec<usize> {
    let after = |part: &str| part.chars().next().and_then(|level| level.to_digit(10));
    let found = page.split("<h").skip(1).filter(|part| part[1..].starts_with([' ', '>']));
    found.filter_map(after).map(|level| level as usize).collect()
}

#[tokio::test]
async fn headings_of_posts_go_down_one_step_at_a_time_and_stand_below_those_of_the_page() {
    let scene = Scene::set().await;
    let Scene { app, customer, peer, .. } = &scene;
    let words = "### What I see\n\nIt blinks.\n\n###### When\n\nAt night.\n\n# What I did\n\n## First\n\nNothing.";
    for (who, place) in [(customer, "/questions/1/edit"), (peer, "/answers/1/edit")] {
        let form = who.get(place).await.expect(200);
        who.submit(&form, place, &[("body", words)]).await.expect(200);
    }
    let bio = customer.get("/account/profile").await.expect(200);
    customer.submit(&bio, "/account/profile", &[("bio", words)]).await.expect(200);
    let thread = app.visitor().get("/questions/1").await.expect(200);
    thread.expect_text(TITLE).expect_text("What I did");
    let own = "<h3>What I see</h3>";
    assert_eq!(thread.body.matches(own).count(), 2, "{}", thread.body);
    assert!(thread.body.contains("<h4>When</h4>") && thread.body.contains("<h3>What I did</h3>"));
    let form = peer.get("/questions/1").await.expect(200);
    let look = peer.submit(&form, "/questions/1/answers", &[("body", words), ("then", "preview")]).await.expect(200);
    let profile = app.visitor().get("/members/caseycustomer").await.expect(200);
    for page in [&thread, &look, &profile] {
        let levels = levels(&page.body);
        assert_eq!(levels.iter().filter(|level| **level == 1).count(), 1, "{}: {levels:?}", page.path);
        assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{}: {levels:?}", page.path);
    }
}
