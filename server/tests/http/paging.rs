//! Paging through a log that is longer than a page.

use model::record::OwnedRecord;
use pretty_assertions::assert_eq;
use store::testing::record;

use crate::browser::{Answer, Browser};
use crate::{NOW, Site};

/// Two and a half pages, some rows at the same moment, spread over three days.
fn rows(site: &Site) -> Vec<OwnedRecord> {
    (0..130)
        .map(|number| {
            record(
                site.tenants.kundi_test,
                NOW.plus_seconds(-i64::from(number / 2) * 4000),
                number,
            )
        })
        .collect()
}

#[tokio::test]
async fn the_links_walk_through_all_rows_and_back() {
    let site = Site::new().await;
    site.tenants.store(&rows(&site)).await;
    let mut browser = site.signed_in("kundi").await;

    let mut pages = vec![browser.get("/mail?direction=inbound").await];
    while let Some(next) = link(pages.last().expect("a page"), "next") {
        assert!(
            next.contains("direction=inbound"),
            "the search goes along: {next}"
        );
        pages.push(browser.get(&next).await);
    }
    let forth: Vec<Vec<String>> = pages.iter().map(Answer::mails).collect();
    assert_eq!(forth.iter().map(Vec::len).collect::<Vec<_>>(), [50, 50, 30]);
    let mut all = forth.concat();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 130, "each once");

    let mut back = vec![pages.pop().expect("a page")];
    while let Some(previous) = link(back.last().expect("a page"), "prev") {
        back.push(browser.get(&previous).await);
        assert!(back.len() < 10, "it ends");
    }
    let mut found: Vec<String> = back.iter().flat_map(Answer::mails).collect();
    found.sort();
    found.dedup();
    assert_eq!(found.len(), 130);
    assert_eq!(link_count(&mut browser, "/mail").await, 1);
}

/// Where the link with this `rel` leads.
fn link(page: &Answer, rel: &str) -> Option<String> {
    let marker = format!("rel=\"{rel}\"");
    page.body
        .split("<a ")
        .skip(1)
        .filter_map(|rest| rest.split('>').next())
        .find(|tag| tag.contains(&marker))
        .and_then(|tag| {
            tag.split("href=\"")
                .nth(1)?
                .split('"')
                .next()
                .map(|href| href.replace("&amp;", "&"))
        })
}

/// How many paging links the first page has: older only.
async fn link_count(browser: &mut Browser, path: &str) -> usize {
    let page = browser.get(path).await;
    ["next", "prev"]
        .iter()
        .filter(|rel| link(&page, rel).is_some())
        .count()
}
