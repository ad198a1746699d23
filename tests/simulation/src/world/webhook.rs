//! Webhooks: lost, doubled, late, out of order, forged, and sent again while nobody answers 200.

use std::time::Duration;

use domain::value::id::ResponseId;

use super::{Event, World};

/// How long the sender waits for an answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// One webhook, on its way until it is answered with 200.
#[derive(Debug)]
pub(super) struct Hook {
    pub id: String,
    pub body: String,
    /// The response that it is really about; `None` when it proves nothing.
    about: Option<ResponseId>,
    pub is_forged: bool,
    pub tries: u32,
    pub is_done: bool,
}

impl World {
    /// A run is over: whoever is subscribed hears of it, or not.
    pub(super) fn announce(&mut self, response: &ResponseId) {
        let now = self.shared.executor.now();
        let Some(kind) = self.shared.provider.borrow().announcement(response, now) else { return };
        if self.strikes(self.fault_rates.hook_lost) {
            return;
        }
        if self.strikes(self.fault_rates.hook_odd) {
            self.odd_hook(response, kind);
        }
        let copies = if !self.strikes(self.fault_rates.hook_twice) {
            1
        } else if self.strikes(self.fault_rates.hook_hundredfold) {
            100
        } else {
            self.shared.executor.roll(|rng| rng.u32(2..=10))
        };
        for _ in 0..copies {
            self.add_hook(kind, response.as_str(), Some(response.clone()), false);
        }
    }

    /// What a receiver has to live with besides: forged, of another type, about nothing we know, or a test.
    fn odd_hook(&mut self, response: &ResponseId, kind: &str) {
        match self.shared.executor.roll(|rng| rng.u8(0..4)) {
            0 => self.add_hook(kind, response.as_str(), None, true),
            1 => self.add_hook("response.failed", response.as_str(), Some(response.clone()), false),
            2 => self.add_hook("batch.completed", response.as_str(), None, false),
            _ => self.add_hook(kind, "resp_of_a_test", None, false),
        }
    }

    fn add_hook(&mut self, kind: &str, subject: &str, about: Option<ResponseId>, is_forged: bool) {
        let number = self.hooks.len();
        let now = self.shared.executor.now().seconds();
        let id = format!("wh_{number}");
        let body = format!(
            r#"{{"id":"evt_{number}","object":"event","type":"{kind}","created_at":{now},"data":{{"id":"{subject}"}}}}"#
        );
        let late = if self.strikes(self.fault_rates.hook_late) { 14_400 } else { 2 };
        let wait = self.shared.executor.between(Duration::ZERO, Duration::from_secs(late));
        self.hooks.push(Hook { id, body, about, is_forged, tries: 0, is_done: false });
        self.set_in(wait, Event::Hook(number));
    }

    pub(super) fn send_hook(&mut self, number: usize) {
        let Some(hook) = self.hooks.get_mut(number).filter(|hook| !hook.is_done) else { return };
        hook.tries += 1;
        // Backoff up to an hour; nobody else notices if a forger gives up.
        let again = PATIENCE.max(Duration::from_secs(5 << hook.tries.min(9)));
        let again = if hook.is_forged && hook.tries > 2 { None } else { Some(again) };
        hook.is_done = again.is_none();
        self.invoke_webhook(number);
        if let Some(again) = again {
            self.set_in(if self.is_calm() { PATIENCE } else { again }, Event::Hook(number));
        }
    }

    pub(super) fn hook_answered(&mut self, number: usize, tries: u32, status: u16) {
        let Some(hook) = self.hooks.get_mut(number).filter(|hook| hook.tries == tries) else { return };
        if status == 200 {
            hook.is_done = true;
            let mut provider = self.shared.provider.borrow_mut();
            if let Some(run) = hook.about.as_ref().and_then(|about| provider.runs.get_mut(about)) {
                run.heard = true;
            }
        }
    }
}
