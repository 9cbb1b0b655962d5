use crate::check::{
    dashboards::uids,
    finding::{Finding, Verdict},
    stack::Stack,
};

/// What a page of the dashboards asks of the server that it came from.
const SOURCES: [(&str, &str); 2] = [
    ("prometheus", "/api/v1/labels"),
    ("jaeger", "/jaeger/api/services"),
];

/// Opens each dashboard of `tracewalk up` as a browser does: it is listed, and all of it loads.
pub(in crate::check) async fn check(stack: &Stack) -> Verdict {
    let answer = stack.page.json("/dashboards", &[]).await?;
    let listed = answer["dashboards"].as_array();
    let dashboards = uids(&stack.queries);
    for uid in &dashboards {
        let mut listed = listed.into_iter().flatten();
        if !listed.any(|dashboard| dashboard["uid"] == *uid) {
            return Err(missing(uid));
        }
    }
    let mut files = Vec::new();
    for uid in &dashboards {
        files.extend(files_of(&load(stack, &format!("/d/{uid}")).await?));
    }
    files.sort();
    files.dedup();
    for file in &files {
        load(stack, file).await?;
    }
    for (_, question) in SOURCES {
        stack.page.json(question, &[]).await?;
    }
    Ok(format!(
        "{} dashboards, {} files, and the way to {}",
        dashboards.len(),
        files.len(),
        SOURCES.map(|(source, _)| source).join(" and ")
    ))
}

async fn load(stack: &Stack, path: &str) -> Result<String, Finding> {
    let answer = stack.page.get(path, &[]).await;
    let answer = answer.map_err(|error| stack.page.unreachable(&error))?;
    if answer.status.is_success() {
        Ok(answer.body)
    } else {
        Err(stack.page.unexpected(path, &answer))
    }
}

/// The scripts and styles that the page names.
fn files_of(page: &str) -> Vec<String> {
    let quoted = page.split('"');
    let files = quoted.filter(|text| text.starts_with("/assets/"));
    files.map(str::to_owned).collect()
}

fn missing(uid: &str) -> Finding {
    Finding::new(
        "dashboards",
        format!("the page has the dashboard {uid}, from its file"),
        "it does not",
        "the files are in the program: build it, and start `tracewalk up` again",
    )
}
