//! Reason codes: why a job stands where it stands, in one word for programs and one sentence for people.

use serde::{Deserialize, Serialize};

/// What kind of trouble an attempt met; a retry policy has one list of gaps for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorClass {
    /// The provider asked us to come back later; nothing was created.
    Busy,
    /// The provider could not be reached; nothing was created.
    Unreachable,
    /// A response may have been created, and nobody ever heard of it again.
    Lost,
    /// The run itself failed on the provider's side.
    ProviderError,
    /// The same again would fail again, or a person has to act first.
    Permanent,
}

impl ErrorClass {
    /// The attempt left nothing at the provider and cost nothing.
    pub const fn created_nothing(self) -> bool {
        matches!(self, Self::Busy | Self::Unreachable)
    }
}

macro_rules! reasons {
    ($($name:ident $code:literal $class:ident $message:literal)*) => {
        /// Stored on the job and on the event of the transition that it explains.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Reason {
            $(#[serde(rename = $code)] $name,)*
        }

        impl Reason {
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The stable word for programs.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The sentence for people.
            pub const fn message(self) -> &'static str {
                match self { $(Self::$name => $message,)* }
            }

            /// Which of the retry policy's lists applies.
            pub const fn class(self) -> ErrorClass {
                match self { $(Self::$name => ErrorClass::$class,)* }
            }
        }
    };
}

reasons! {
    ProviderBusy         "provider_busy"          Busy          "The provider asked to come back later."
    ProviderUnreachable  "provider_unreachable"   Unreachable   "The provider could not be reached."
    ProviderQuota        "provider_quota"         Permanent     "The provider account's quota or spend limit is used up."
    ProviderRefused      "provider_refused"       Permanent     "The provider refused the request."
    ProviderUnauthorized "provider_unauthorized"  Permanent     "The provider refused the API key or its permissions."
    ProviderAddress      "provider_address"       Permanent     "The provider's address does not take the call; is the /v1 missing? Somebody has to set it right."
    StartUnknown         "start_unknown"          Lost          "The answer to the start has not come; a response is being waited for."
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
    Refusal              "refusal"                Permanent     "The model refused to answer."
    ReviewRequired       "review_required"        Permanent     "The result waits for a person's decision."
    ActionRequired       "action_required"        Permanent     "The run ended in an action that needs a person's decision."
    StartDeadline        "start_deadline"         Permanent     "The job did not start in time."
    RunDeadline          "run_deadline"           Permanent     "The run did not end in time."
    ReviewDeadline       "review_deadline"        Permanent     "Nobody decided in time."
    CanceledByPerson     "canceled_by_person"     Permanent     "A person canceled the job."
    Rejected             "rejected"               Permanent     "A reviewer rejected the result."
    ChangesRequested     "changes_requested"      Permanent     "A reviewer asked for changes."
    RetriedByPerson      "retried_by_person"      Permanent     "A person started the job again."
}

impl Reason {
    /// Nobody can tell how the run is.
    pub const fn hides_the_run(self) -> bool {
        matches!(self, Self::ProviderUnreachable | Self::ProviderUnauthorized)
    }

    /// Reads a stored code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|reason| reason.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_reads_back_and_fits_a_column() {
        for reason in Reason::ALL {
            assert_eq!(Reason::parse(reason.code()), Some(*reason));
            assert!(reason.code().len() <= 24);
            assert!(reason.message().ends_with('.'));
        }
    }
}
