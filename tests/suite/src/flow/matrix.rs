//! Who may do what: each route by each caller about each target, over HTTP, held against one table and one rule.

mod alike;
mod caller;
mod rule;
mod stage;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use domain::port::{JobReader as _, Listing, Span, WorkspaceReader as _};
use domain::value::id::WorkspaceId;
use local::template::{Route, Template};
use local::world::TEMPLATE;
use serde_json::Value;

use caller::{Caller, callers};
use rule::rule;
use stage::{Stage, Target};

/// The answers of a route to a caller, in the order of the targets.
type Answers = Vec<(String, String)>;

fn routes() -> Vec<Route> {
    Template::parse(TEMPLATE).unwrap().routes().to_vec()
}

#[tokio::test]
async fn every_route_answers_every_caller_about_every_target_as_the_table_says() {
    let stage = Stage::set().await;
    let before = everything(&stage).await;
    let (mut cases, mut wrong, mut nothing) = (0, Vec::new(), BTreeSet::new());
    let mut table = String::new();
    for route in routes() {
        let route = route.key();
        let mut groups: Vec<(Answers, Vec<&str>)> = Vec::new();
        for caller in callers() {
            let mut answers = Vec::new();
            for target in stage.targets(&route, &caller) {
                let expected = rule(&route, &caller, &target);
                let ran = invocations(&stage);
                let (status, text) = stage.ask(&route, &caller, &target, expected).await;
                cases += 1;
                let body: Value = serde_json::from_str(&text).unwrap_or_default();
                let code = body["code"].as_str().unwrap_or_default();
                let case = || format!("{route} by {} about {}", caller.name, target.name);
                if (status, code) != expected {
                    wrong.push(format!("{}: {expected:?} by the rule, but {status} {text}", case()));
                }
                if status == 401 && code.is_empty() && invocations(&stage) != ran {
                    wrong.push(format!("{}: a function ran", case()));
                }
                if status == 404 {
                    nothing.insert(without_id(body.clone()));
                }
                if let (200, Some(jobs)) = (status, body["jobs"].as_array()) {
                    wrong.extend(listed(&stage, &caller, &target, jobs).map(|why| format!("{}: {why}", case())));
                }
                answers.push((format!("{status} {code}"), target.name));
            }
            match groups.iter_mut().find(|(known, _)| *known == answers) {
                Some((_, names)) => names.push(caller.name),
                None => groups.push((answers, vec![caller.name])),
            }
        }
        write_route(&mut table, &route, &groups);
    }
    unlisted(&stage).await;
    assert!(wrong.is_empty(), "{} of {cases}:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(nothing.len(), 1, "{nothing:?}");
    assert_eq!(everything(&stage).await, before, "something changed");
    assert!(cases >= 2_000, "{cases}");
    insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("authorization", format!("{cases} cases\n{table}"));
    });
}

/// One block for each route, one line for each answer: who, and about what.
fn write_route(table: &mut String, route: &str, groups: &[(Answers, Vec<&str>)]) {
    writeln!(table, "\n{route}").unwrap();
    for (answers, names) in groups {
        writeln!(table, "  {}", names.join(" ")).unwrap();
        let mut by_answer: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (answer, target) in answers {
            by_answer.entry(answer).or_default().push(target);
        }
        let is_one = by_answer.len() == 1;
        for (answer, targets) in by_answer {
            let targets = match answer {
                _ if is_one => "any".to_owned(),
                "404 not_found" => "any other".to_owned(),
                _ => targets.join(" "),
            };
            writeln!(table, "    {answer:<20} {targets}").unwrap();
        }
    }
}

/// What is wrong with this list for this caller: it shows the jobs that the caller could read one by one.
fn listed(stage: &Stage, caller: &Caller, target: &Target, jobs: &[Value]) -> Option<String> {
    let found: BTreeSet<_> = jobs.iter().map(|job| job["id"].as_str().unwrap()).collect();
    let visible = stage.jobs.iter().filter(|((workspace, by, state), _)| {
        let job = Target { job: Some((*state, *by == caller.principal)), ..target.clone() };
        *workspace == target.workspace && rule("GET /v1/workspaces/{workspace}/jobs/{id}", caller, &job) == (200, "")
    });
    let visible: BTreeSet<_> = visible.map(|(_, job)| job["id"].as_str().unwrap()).collect();
    (found != visible).then(|| format!("{} jobs in the list, {} to see", found.len(), visible.len()))
}

fn without_id(mut body: Value) -> String {
    body.as_object_mut().map(|fields| fields.remove("request_id"));
    body.to_string()
}

fn invocations(stage: &Stage) -> u64 {
    let counts = stage.scene.world.counts().invocations;
    // The schedule and the stream have their own time.
    counts.iter().filter(|(name, _)| !["reconcile", "publish-events"].contains(&name.as_str())).map(|(_, n)| n).sum()
}

/// All that a request could have changed.
async fn everything(stage: &Stage) -> String {
    let world = &stage.scene.world;
    let mut all = String::new();
    for workspace in ["acme", "rival"] {
        let workspace = WorkspaceId::parse(workspace).unwrap();
        let page = world.table().list(&workspace, Listing::All, &Span::default(), None, 100).await.unwrap();
        assert!(page.next.is_none());
        writeln!(all, "{:?}\n{:?}", page.jobs, world.table().members(&workspace).await.unwrap()).unwrap();
        let types = world.table().job_types(&workspace).await.unwrap();
        writeln!(all, "{types:?}\n{:?}", world.table().workspace(&workspace).await.unwrap()).unwrap();
    }
    let counts = world.counts();
    writeln!(all, "{} {} {}", counts.provider_posts, counts.queue_messages, world.bus().events().len()).unwrap();
    all
}

/// What no route names is nobody's, and runs nothing.
async fn unlisted(stage: &Stage) {
    let everything = callers().last().unwrap();
    let known: BTreeSet<_> = routes().iter().map(Route::key).collect();
    let ran = invocations(stage);
    for route in routes() {
        let target = stage.targets(&route.key(), &everything).swap_remove(0);
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"] {
            let asked = format!("{method} {}", route.path);
            if !known.contains(&asked) {
                let (status, text) = stage.ask(&asked, &everything, &target, (404, "")).await;
                assert_eq!((status, text.as_str()), (404, r#"{"message":"Not Found"}"#), "{asked}");
            }
        }
    }
    assert_eq!(invocations(stage), ran);
}
