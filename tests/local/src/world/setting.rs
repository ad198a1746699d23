//! What the functions of a world are set up with.

use domain::flow::Settings;
use domain::job::record::Actor;
use domain::policy::cost::PriceList;

use super::{DEPLOYMENT, World};

impl World {
    /// Prices runs by this list from now on; the first one stays.
    pub fn price_by(&self, prices: PriceList) {
        let _ = self.0.prices.set(prices);
    }

    /// What a function of this world is set up with.
    pub fn setting(&self, function: &str) -> Settings {
        Settings {
            deployment: DEPLOYMENT.to_owned(),
            is_regional: self.0.provider.is_regional(),
            prices: self.0.prices.get().cloned().unwrap_or_default(),
            timing: self.0.timing.clone(),
            first_admin: None,
            actor: Actor::system(function),
        }
    }
}
