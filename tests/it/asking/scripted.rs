//! Asking and editing in a real browser with script: the preview, a topic's own fields at once, and a draft that survives a closed page.

use super::carries::topic_that_asks;
use crate::forum::{TITLE, ask};
use crate::support::{Browser, TestApp, eventually};

async fn said(browser: &Browser, script: &str) -> String {
    let told = browser.execute(script, vec![]).await.expect("a script that runs");
    told.json().as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn what_is_written_is_previewed_kept_and_asked() {
    let Some(browser) = Browser::open(true).await else { return };
    let app = TestApp::start().await;
    topic_that_asks(&app).await;
    let customer = app.customer().await;
    browser
        .tell("asking with script", async |browser| {
            browser.visit(&format!("{}/sign-in?next=/ask", app.address)).await;
            browser.fill("E-mail", &customer.email).await;
            browser.fill("Password", &customer.password).await;
            browser.press("Sign in").await;
            browser.expect_text("Ask a question").await;

            browser.fill("What goes wrong", "My router drops the Wi-Fi").await;
            browser.fill("What happens?", "Since **last week**.").await;
            browser.press("Preview").await;
            browser.expect_text("How it will look Since last week.").await;
            let choose = "const topic = document.getElementById('topic'); topic.value = '1'; \
                          topic.dispatchEvent(new Event('change', { bubbles: true })); \
                          topic.dispatchEvent(new Event('input', { bubbles: true })); return ''";
            said(browser, choose).await;
            browser.expect_text("Device").await;
            browser.fill("Firmware", "4.2 beta").await;

            // The page is closed and opened again: nothing was lost, also of what the topic asks.
            browser.visit(&app.address).await;
            browser.visit(&format!("{}/ask", app.address)).await;
            browser.expect_text("What you wrote here before is back.").await;
            browser.expect_text("Device").await;
            eventually("the firmware is back", async || {
                said(browser, "return document.getElementById('field_2').value").await == "4.2 beta"
            })
            .await;
            assert_eq!(
                said(browser, "return document.getElementById('title').value").await,
                "My router drops the Wi-Fi"
            );
            said(browser, "document.getElementById('field_1').value = 'Hub 3'; return ''").await;
            browser.press("Ask").await;
            browser.expect_text("No answer yet").await;
            browser.expect_text("Device Hub 3").await;
            browser.expect_text("Firmware 4.2 beta").await;

            // It arrived: the draft is gone, also of the topic's fields. Another one is thrown away by its button.
            browser.visit(&format!("{}/ask", app.address)).await;
            assert!(!browser.read().await.contains("What you wrote here before"));
            assert_eq!(said(browser, "return Object.keys(localStorage).join() || 'none'").await, "none");
            browser.fill("What goes wrong", "Something else").await;
            browser.visit(&app.address).await;
            browser.visit(&format!("{}/ask", app.address)).await;
            browser.press("Discard it").await;
            assert_eq!(said(browser, "return document.getElementById('title').value || 'empty'").await, "empty");
            browser.visit(&app.address).await;
            browser.visit(&format!("{}/ask", app.address)).await;
            assert!(!browser.read().await.contains("What you wrote here before"));
        })
        .await;
}

#[tokio::test]
async fn a_draft_says_what_of_it_is_asked_no_more() {
    let Some(browser) = Browser::open(true).await else { return };
    let app = TestApp::start().await;
    topic_that_asks(&app).await;
    let (customer, ada) = (app.customer().await, app.person("Ada Admin", answerwell::members::Role::Admin).await);
    let ask = format!("{}/ask?topic=wifi", app.address);
    let device = "return document.getElementById('field_1').value";
    browser
        .tell("a draft and another field", async |browser| {
            browser.visit(&format!("{}/sign-in?next=/ask%3Ftopic%3Dwifi", app.address)).await;
            browser.fill("E-mail", &customer.email).await;
            browser.fill("Password", &customer.password).await;
            browser.press("Sign in").await;
            browser.expect_text("Ask a question").await;
            browser.fill("Firmware", "4.2 beta").await;
            let choose = "const device = document.getElementById('field_1'); device.value = 'AC-200'; \
                          device.dispatchEvent(new Event('change', { bubbles: true })); return ''";
            said(browser, choose).await;
            let edit = "/admin/fields/1/edit";
            let page = ada.get(edit).await.expect(200);
            ada.submit(&page, edit, &[("choice_0", "AC-200 (2024)")]).await.expect(200);
            browser.visit(&ask).await;
            browser.expect_text("What you wrote here before is back.").await;
            assert_eq!(said(browser, device).await, "AC-200 (2024)");
            assert!(!browser.read().await.contains("any more"));

            let page = ada.get(edit).await.expect(200);
            ada.submit(&page, edit, &[("choice_0", ""), ("choices", "Hub 4")]).await.expect(200);
            ada.post_form("/admin/fields/2", &[("act", "end")]).await.expect(200);
            browser.visit(&ask).await;
            browser.expect_text("You had chosen “AC-200”, which is no choice any more.").await;
            browser.expect_text("“Firmware” is not asked any more. You had answered “4.2 beta”.").await;
            browser.press("Discard it").await;
            browser.visit(&ask).await;
            browser.expect_text("Ask a question").await;
            assert!(!browser.read().await.contains("any more"));
        })
        .await;
}

#[tokio::test]
async fn what_waits_for_the_sign_in_is_kept_until_it_was_sent() {
    let Some(browser) = Browser::open(true).await else { return };
    let app = TestApp::start().await;
    let customer = app.customer().await;
    browser
        .tell("asking before signing in", async |browser| {
            let ask = format!("{}/ask", app.address);
            browser.visit(&ask).await;
            browser.fill("What goes wrong", "My router drops the Wi-Fi").await;
            browser.fill("What happens?", "Since last week.").await;
            browser.press("Ask").await;
            browser.fill("E-mail", &customer.email).await;
            browser.fill("Password", "not this one").await;
            browser.press("Sign in").await;
            browser.expect_text("do not belong together").await;
            browser.fill("Password", &customer.password).await;
            browser.press("Sign in").await;
            browser.expect_text("One step left").await;
            // The tab is closed before the last step.
            browser.visit(&ask).await;
            browser.expect_text("What you wrote here before is back.").await;
            browser.press("Ask").await;
            browser.expect_text("No answer yet").await;
            browser.visit(&ask).await;
            assert!(!browser.read().await.contains("What you wrote here before"));
        })
        .await;
}

#[tokio::test]
async fn an_edit_is_previewed_and_takes_a_pasted_picture() {
    let Some(browser) = Browser::open(true).await else { return };
    let app = TestApp::start().await;
    let customer = app.customer().await;
    ask(&customer, TITLE).await;
    customer.post_form("/questions/1/comments", &[("body", "It blinks.")]).await.expect(200);
    browser
        .tell("editing with script", async |browser| {
            browser.visit(&format!("{}/sign-in?next=/comments/1/edit", app.address)).await;
            browser.fill("E-mail", &customer.email).await;
            browser.fill("Password", &customer.password).await;
            browser.press("Sign in").await;
            browser.expect_text("Edit the comment").await;
            browser.fill("The comment", "It blinks **twice**.").await;
            browser.press("Preview").await;
            browser.expect_text("How it will look It blinks twice.").await;
            let paste = "const canvas = document.createElement('canvas'); canvas.width = 60; canvas.height = 40; \
                         const file = atob(canvas.toDataURL('image/png').split(',')[1]); \
                         const bytes = Uint8Array.from(file, (c) => c.charCodeAt(0)); \
                         const data = new DataTransfer(); \
                         data.items.add(new File([bytes], 'light.png', { type: 'image/png' })); \
                         const pasted = new ClipboardEvent('paste', { clipboardData: data, bubbles: true }); \
                         document.getElementById('body').dispatchEvent(pasted); return ''";
            said(browser, paste).await;
            browser.expect_text("Say what the picture shows").await;
            browser.fill("What it shows", "The light").await;
            browser.press("Add it to the text").await;
            let body = "return document.getElementById('body').value";
            eventually("the picture is in the text", async || {
                said(browser, body).await.contains("![The light](/files/")
            })
            .await;
            browser.press("Save this version").await;
            browser.expect_text("It blinks twice.").await;
            let alt = "return document.querySelector('.comment img')?.alt ?? 'no picture'";
            assert_eq!(said(browser, alt).await, "The light");
        })
        .await;
}
