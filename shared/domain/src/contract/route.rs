//! The routes of the HTTP API: what each asks for by method and path, and which function serves it.

use crate::people::control::Control;
use crate::people::review::Action;

/// Every route there is. What the gateway names besides is no route, and is not found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Route {
    CreateJob,
    ClassifyLane,
    /// A reviewer decides about a result.
    Decide(Action),
    /// A submitter or an operator controls a job.
    Control(Control),
    Republish,
    SetMember,
    RemoveMember,
    SetJobType,
    ListJobs,
    ReadJob,
    WaitForJob,
    ReadResult,
    ReadTrail,
    ReadInput,
    ListJobTypes,
    ReadJobType,
    ListMembers,
    ReadWorkspaceTrail,
    ReadMe,
    Health,
    ReceiveWebhook,
    /// The console's page.
    Console,
    /// A screen of the console, or a file of it.
    ConsolePath,
}

/// A function that serves routes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ApiFunction {
    CreateJob,
    ControlJob,
    ReadJobs,
    IngestWebhook,
    Console,
}

impl ApiFunction {
    /// Its folder under `functions/`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CreateJob => "create-job",
            Self::ControlJob => "control-job",
            Self::ReadJobs => "read-jobs",
            Self::IngestWebhook => "ingest-webhook",
            Self::Console => "console",
        }
    }
}

/// Makes the one table of all routes. A route without a line in it does not compile.
macro_rules! table {
    ($($function:ident { $($route:ident $(($of:ident::$one:ident))? $method:ident $path:literal,)* })*) => {
        impl Route {
            pub const ALL: [Self; [$($($path),*),*].len()] = [$($(Self::$route $(($of::$one))?),*),*];

            /// As the gateway names it, such as `GET /v1/health`.
            pub const fn key(self) -> &'static str {
                match self {
                    $($(Self::$route $(($of::$one))? => concat!(stringify!($method), " ", $path),)*)*
                }
            }

            pub const fn method(self) -> &'static str {
                match self {
                    $($(Self::$route $(($of::$one))? => stringify!($method),)*)*
                }
            }

            /// With its parameters in braces.
            pub const fn path(self) -> &'static str {
                match self {
                    $($(Self::$route $(($of::$one))? => $path,)*)*
                }
            }

            pub const fn served_by(self) -> ApiFunction {
                match self {
                    $($(Self::$route $(($of::$one))? => ApiFunction::$function,)*)*
                }
            }

            /// The route of this key; `None` when there is none.
            pub fn parse(key: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|route| route.key() == key)
            }
        }
    };
}

table! {
    CreateJob {
        CreateJob POST "/v1/workspaces/{workspace}/jobs",
        ClassifyLane POST "/v1/lanes/classify",
    }
    ControlJob {
        Decide(Action::Approve) POST "/v1/workspaces/{workspace}/jobs/{id}/approve",
        Decide(Action::Edit) POST "/v1/workspaces/{workspace}/jobs/{id}/edit",
        Decide(Action::Reject) POST "/v1/workspaces/{workspace}/jobs/{id}/reject",
        Decide(Action::RequestChanges) POST "/v1/workspaces/{workspace}/jobs/{id}/request-changes",
        Control(Control::Cancel) POST "/v1/workspaces/{workspace}/jobs/{id}/cancel",
        Control(Control::Retry) POST "/v1/workspaces/{workspace}/jobs/{id}/retry",
        Control(Control::Escalate) POST "/v1/workspaces/{workspace}/jobs/{id}/escalate",
        Control(Control::Archive) POST "/v1/workspaces/{workspace}/jobs/{id}/archive",
        Republish POST "/v1/workspaces/{workspace}/republish",
        SetMember PUT "/v1/workspaces/{workspace}/members/{principal}",
        RemoveMember DELETE "/v1/workspaces/{workspace}/members/{principal}",
        SetJobType PUT "/v1/workspaces/{workspace}/job-types/{name}",
    }
    ReadJobs {
        ListJobs GET "/v1/workspaces/{workspace}/jobs",
        ReadJob GET "/v1/workspaces/{workspace}/jobs/{id}",
        WaitForJob GET "/v1/workspaces/{workspace}/jobs/{id}/wait",
        ReadResult GET "/v1/workspaces/{workspace}/jobs/{id}/result",
        ReadTrail GET "/v1/workspaces/{workspace}/jobs/{id}/events",
        ReadInput GET "/v1/workspaces/{workspace}/jobs/{id}/input",
        ListJobTypes GET "/v1/workspaces/{workspace}/job-types",
        ReadJobType GET "/v1/workspaces/{workspace}/job-types/{name}",
        ListMembers GET "/v1/workspaces/{workspace}/members",
        ReadWorkspaceTrail GET "/v1/workspaces/{workspace}/events",
        ReadMe GET "/v1/me",
        Health GET "/v1/health",
    }
    IngestWebhook {
        ReceiveWebhook POST "/v1/webhooks/openai",
    }
    Console {
        Console GET "/console",
        ConsolePath GET "/console/{proxy+}",
    }
}

/// What a list of jobs may be asked for by.
const LIST: [&str; 13] = [
    "status",
    "type",
    "lane",
    "tag",
    "created_by",
    "on_behalf_of",
    "from",
    "to",
    "attention",
    "archived",
    "order",
    "cursor",
    "limit",
];

impl Route {
    /// Whether it is answered without a token: the provider has a signature instead, health says nothing, and the console's
    /// page is where people log in.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::ReceiveWebhook | Self::Health | Self::Console | Self::ConsolePath)
    }

    /// The query parameters that it knows. An open route knows none, and ignores whatever comes.
    pub const fn parameters(self) -> &'static [&'static str] {
        match self {
            Self::ListJobs => &LIST,
            Self::WaitForJob => &["seconds", "until"],
            Self::ReadResult => &["part"],
            Self::ReadJobType => &["version"],
            Self::CreateJob
            | Self::ClassifyLane
            | Self::Decide(_)
            | Self::Control(_)
            | Self::Republish
            | Self::SetMember
            | Self::RemoveMember
            | Self::SetJobType
            | Self::ReadJob
            | Self::ReadTrail
            | Self::ReadInput
            | Self::ListJobTypes
            | Self::ListMembers
            | Self::ReadWorkspaceTrail
            | Self::ReadMe
            | Self::Health
            | Self::ReceiveWebhook
            | Self::Console
            | Self::ConsolePath => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_route_is_found_by_its_own_key_and_nothing_else_is_a_route() {
        for route in Route::ALL {
            assert_eq!(Route::parse(route.key()), Some(route));
            assert_eq!(route.key(), format!("{} {}", route.method(), route.path()));
        }
        for key in ["", "$default", "GET", "get /v1/health", "GET /v1/health/", " GET /v1/health", "ANY /{proxy+}"] {
            assert_eq!(Route::parse(key), None, "{key:?}");
        }
    }

    #[test]
    fn a_decision_and_a_control_end_their_path_by_their_name() {
        for route in Route::ALL {
            let name = match route {
                Route::Decide(action) => action.name(),
                Route::Control(control) => control.name(),
                _ => continue,
            };
            assert_eq!(route.path(), format!("/v1/workspaces/{{workspace}}/jobs/{{id}}/{name}"));
        }
    }

    #[test]
    fn whatever_is_about_a_workspace_asks_for_a_token() {
        let open: Vec<_> = Route::ALL.into_iter().filter(|route| route.is_open()).map(Route::key).collect();
        assert_eq!(open, ["GET /v1/health", "POST /v1/webhooks/openai", "GET /console", "GET /console/{proxy+}"]);
    }
}
