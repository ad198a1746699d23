//! The controls in `functions/README.md`: who may give each and from where is as the domain says.

use std::collections::BTreeSet;

use domain::job::{Job, State};
use domain::people::control::Control;
use domain::policy::job_type::shipped;
use domain::value::id::Principal;
use domain::value::member::{Member, Role};

use crate::contract::make::{NOW, bare};
use crate::tidy;

const ROLES: [(Role, &str); 5] = [
    (Role::Submitter, "its submitter"),
    (Role::Reviewer, "reviewer"),
    (Role::Operator, "operator"),
    (Role::Auditor, "auditor"),
    (Role::Admin, "admin"),
];

fn who(control: Control) -> String {
    let job = bare("1");
    let may = |role: Role| {
        let member =
            Member { principal: job.created_by.clone(), roles: [role].into(), issuer: None, active: true, name: None };
        let stranger = Member { principal: Principal::parse("stranger").unwrap(), ..member.clone() };
        // A submitter's right is to the own job.
        assert_eq!(control.is_for(&stranger, &job), control.is_for(&member, &job) && role != Role::Submitter);
        control.is_for(&member, &job)
    };
    ROLES.iter().filter(|(role, _)| may(*role)).map(|(_, word)| *word).collect::<Vec<_>>().join(", ")
}

fn from(control: Control) -> String {
    let policy = shipped("quick-answer").unwrap();
    let fits = |state: &State| control.fits(&Job { state: *state, ..bare("1") }, &policy, NOW) == Ok(true);
    let mut seen = BTreeSet::new();
    let statuses = State::ALL.iter().filter(|state| fits(state)).map(|state| state.status());
    let words = statuses.filter(|status| seen.insert(*status)).map(|status| serde_json::to_value(status).unwrap());
    words.map(|word| word.as_str().unwrap().to_owned()).collect::<Vec<_>>().join(", ")
}

#[test]
fn the_contract_in_the_page_says_who_may_do_what_from_where() {
    let page = tidy::read("functions/README.md");
    let section = page.split("\n## Controls\n").nth(1).unwrap().split("\n## ").next().unwrap();
    for control in Control::ALL {
        let start = format!("| `{}` |", control.name());
        let row = section.lines().find(|line| line.starts_with(&start)).unwrap_or_else(|| panic!("no {start}"));
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        assert_eq!((cells[2], cells[3]), (who(control).as_str(), from(control).as_str()), "{start}");
        assert!(cells[4..cells.len() - 1].iter().all(|cell| !cell.is_empty()), "{row}");
    }
    let rows = section.lines().take_while(|line| !line.starts_with("###")).filter(|line| line.starts_with("| `"));
    assert_eq!(rows.count(), Control::ALL.len());
}
