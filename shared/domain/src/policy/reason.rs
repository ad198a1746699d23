//! Reason codes: why a job stands where it stands, in one word for programs and one sentence for people.

use serde::Serialize;

use crate::value::word::words;

words! {
    /// What kind of trouble an attempt met; a retry policy has one list of gaps for each.
    pub enum ErrorClass {
        /// The provider asked us to come back later; nothing was created.
        Busy "busy" "b",
        /// The provider could not be reached; nothing was created.
        Unreachable "unreachable" "u",
        /// A response may have been created, and nobody ever heard of it again.
        Lost "lost" "l",
        /// The run itself failed on the provider's side.
        ProviderError "provider_error" "e",
        /// The run came to an answer that does not keep the type's schema.
        InvalidOutput "invalid_output" "o",
        /// Nothing starts until a person has seen to the provider's account or its address.
        Account "account" "a",
        /// Nothing that another try would mend.
        Permanent "permanent" "p",
    }
}

impl ErrorClass {
    /// The attempt left nothing at the provider and cost nothing.
    pub const fn created_nothing(self) -> bool {
        matches!(self, Self::Busy | Self::Unreachable)
    }
}

macro_rules! reasons {
    ($($name:ident $code:literal $class:ident $message:literal)*) => {
        words! {
            /// Stored on the job and on the event of the transition that it explains.
            pub enum Reason {
                $($name $code,)*
            }
        }

        impl Reason {
            /// The sentence for people.
            pub const fn message(self) -> &'static str {
                match self {
                    $(Self::$name => $message,)*
                    Self::Other(_) => "A newer release gave a reason that this one does not know.",
                }
            }

            /// Which of the retry policy's lists applies.
            pub const fn class(self) -> ErrorClass {
                match self {
                    $(Self::$name => ErrorClass::$class,)*
                    Self::Other(_) => ErrorClass::Permanent,
                }
            }
        }
    };
}

reasons! {
    ProviderBusy         "provider_busy"          Busy          "The provider asked to come back later."
    ProviderUnreachable  "provider_unreachable"   Unreachable   "The provider could not be reached."
    ProviderQuota        "provider_quota"         Account       "The provider account's quota or spend limit is used up."
    ProviderRefused      "provider_refused"       Permanent     "The provider refused the request."
    ProviderUnauthorized "provider_unauthorized"  Account       "The provider refused the API key or its permissions."
    ProviderAddress      "provider_address"       Account       "The provider's address does not take the call; is the /v1 missing? Somebody has to set it right."
    StartUnknown         "start_unknown"          Lost          "The answer to the start has not come; a response is being waited for."
    ToolSecretUnreadable "tool_secret_unreadable" Unreachable   "A secret that the type's tools name cannot be read."
    StartLost            "start_lost"             Lost          "The answer to the start was lost and no response turned up."
    ProviderMissing      "provider_missing"       Lost          "The provider does not show the response at the moment."
    ProviderLost         "provider_lost"          Lost          "The provider no longer knows the response."
    ProviderWordUnknown  "provider_word_unknown"  ProviderError "The provider reports a status nobody here knows; the job is watched until its deadline."
    ProviderFailed       "provider_failed"        ProviderError "The run failed on the provider's side."
    ProviderCanceled     "provider_canceled"      Permanent     "The run was cancelled on the provider's side."
    ContentPolicy        "content_policy"         Permanent     "The provider's content policy ended the run."
    InvalidRequest       "invalid_request"        Permanent     "The provider could not process the request's content."
    OutputLimit          "output_limit"           Permanent     "The output limit ended the run before it was done."
    ContentFilter        "content_filter"         Permanent     "The provider's content filter cut the output."
    Incomplete           "incomplete"             Permanent     "The run ended before it was done, for a reason the provider does not give."
    NoOutput             "no_output"              Permanent     "The run ended without any output."
    OnlyToolCalls        "only_tool_calls"        Permanent     "The run ended with calls of tools and without an answer."
    UnknownOutput        "unknown_output"         Permanent     "The run ended with output of a kind that nobody here can read, and without an answer."
    InvalidOutput        "invalid_output"         InvalidOutput "The answer does not keep the job type's output schema."
    Refusal              "refusal"                Permanent     "The model refused to answer."
    ReviewRequired       "review_required"        Permanent     "The result waits for a person's decision."
    ActionRequired       "action_required"        Permanent     "The run ended in an action that needs a person's decision."
    StartDeadline        "start_deadline"         Permanent     "The job did not start in time."
    OverBudget           "over_budget"            Permanent     "Another attempt could cost more than the job type's limit allows."
    RunDeadline          "run_deadline"           Permanent     "The run did not end in time."
    ReviewDeadline       "review_deadline"        Permanent     "Nobody decided in time."
    CanceledByPerson     "canceled_by_person"     Permanent     "A person canceled the job."
    Rejected             "rejected"               Permanent     "A reviewer rejected the result."
    ChangesRequested     "changes_requested"      Permanent     "A reviewer asked for changes."
    RetriedByPerson      "retried_by_person"      Permanent     "A person started the job again."
}

/// What a person does about a job that needs one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Remedy {
    Retry,
    ChangeRequest,
    MendAccount,
    MendAddress,
    Decide,
    Escalate,
    Cancel,
    Archive,
    /// Have this release replaced by the one that looks after the job.
    Update,
}

impl Reason {
    /// Nobody can tell how the run is.
    pub const fn is_run_unobservable(self) -> bool {
        matches!(self, Self::ProviderUnreachable | Self::ProviderUnauthorized)
    }

    /// What a person does about a job that failed for it: the same request again would fail again, or nothing starts until
    /// somebody has seen to the account.
    pub const fn remedy(self) -> Remedy {
        match self {
            Self::ProviderRefused
            | Self::ContentPolicy
            | Self::InvalidRequest
            | Self::OutputLimit
            | Self::ContentFilter
            | Self::Refusal => Remedy::ChangeRequest,
            Self::ProviderQuota | Self::ProviderUnauthorized => Remedy::MendAccount,
            Self::ProviderAddress => Remedy::MendAddress,
            // What has cost too much for another attempt is not tried again.
            Self::OverBudget => Remedy::Archive,
            Self::ProviderBusy
            | Self::ProviderUnreachable
            | Self::StartUnknown
            | Self::ToolSecretUnreadable
            | Self::StartLost
            | Self::ProviderMissing
            | Self::ProviderLost
            | Self::ProviderWordUnknown
            | Self::ProviderFailed
            | Self::ProviderCanceled
            | Self::Incomplete
            | Self::NoOutput
            | Self::OnlyToolCalls
            | Self::UnknownOutput
            | Self::InvalidOutput
            | Self::ReviewRequired
            | Self::ActionRequired
            | Self::StartDeadline
            | Self::RunDeadline
            | Self::ReviewDeadline
            | Self::CanceledByPerson
            | Self::Rejected
            | Self::ChangesRequested
            | Self::RetriedByPerson
            | Self::Other(_) => Remedy::Retry,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::word::Closed as _;

    #[test]
    fn every_code_reads_back_and_fits_a_column() {
        for reason in Reason::ALL {
            assert_eq!(Reason::parse(reason.word()), Some(reason));
            assert!(reason.code().len() <= 24);
            assert!(reason.message().ends_with('.'));
        }
    }
}
