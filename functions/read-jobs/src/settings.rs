//! What reading is set up with.

use adapters::lambda::http;
use domain::flow::{Caller, FlowError};
use domain::policy::cost::PriceList;
use domain::value::id::Principal;
use domain::value::time::Timing;
use lambda_http::Request;

#[derive(Debug, Clone)]
pub struct ReadSettings {
    pub timing: Timing,
    pub prices: PriceList,
    /// Who sets up workspaces that have no admin yet.
    pub first_admin: Option<Principal>,
}

impl ReadSettings {
    pub(crate) fn caller(&self, request: &Request) -> Result<Caller, FlowError> {
        http::caller(request, self.first_admin.as_ref())
    }
}
