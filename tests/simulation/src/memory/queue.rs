//! The two work queues: visibility, receive counts and dead letters, as a consumer of SQS notices them.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::Duration;

use domain::port::{LONGEST_DELAY, PollMessage, PollQueue, SubmitMessage, SubmitQueue};
use domain::value::failure::Failure;
use domain::value::time::Timestamp;

/// What a message asks for, and so which queue it is in.
#[derive(Debug, Clone)]
pub enum Work {
    Submit(SubmitMessage),
    Poll(PollMessage),
}

impl Work {
    /// The message's body.
    pub fn body(&self) -> Option<String> {
        match self {
            Self::Submit(message) => serde_json::to_string(message).ok(),
            Self::Poll(message) => serde_json::to_string(message).ok(),
        }
    }
}

#[derive(Debug, Clone)]
pub struct Message {
    pub work: Work,
    /// From when on it can be received.
    pub visible: Timestamp,
    pub receives: u32,
}

/// Both queues and their dead letters. The time is told, not asked.
#[derive(Debug)]
pub struct Queues {
    pub now: Cell<Timestamp>,
    visibility: Duration,
    max_receives: u32,
    messages: RefCell<BTreeMap<u64, Message>>,
    dead: RefCell<Vec<Work>>,
    sent: Cell<u64>,
    /// Messages that nobody has been told of yet.
    new: RefCell<Vec<u64>>,
}

impl Queues {
    pub fn new(visibility: Duration, max_receives: u32) -> Self {
        Self {
            now: Cell::new(Timestamp::from_millis(0)),
            visibility,
            max_receives,
            messages: RefCell::default(),
            dead: RefCell::default(),
            sent: Cell::new(0),
            new: RefCell::default(),
        }
    }

    pub fn put(&self, work: Work, delay: Duration) {
        let number = self.sent.get() + 1;
        self.sent.set(number);
        let message = Message { work, visible: self.now.get() + delay, receives: 0 };
        self.messages.borrow_mut().insert(number, message);
        self.new.borrow_mut().push(number);
    }

    /// Messages that became known since the last call, each with the moment of its next delivery.
    pub fn take_new(&self) -> Vec<(u64, Timestamp)> {
        let messages = self.messages.borrow();
        let new = std::mem::take(&mut *self.new.borrow_mut());
        new.into_iter().filter_map(|number| Some((number, messages.get(&number)?.visible))).collect()
    }

    /// Hides the message for the visibility timeout and hands it out, unless it is gone, hidden, or out of receives.
    pub fn receive(&self, number: u64) -> Option<Message> {
        let mut messages = self.messages.borrow_mut();
        let now = self.now.get();
        let message = messages.get_mut(&number).filter(|message| message.visible <= now)?;
        if message.receives >= self.max_receives {
            self.dead.borrow_mut().extend(messages.remove(&number).map(|message| message.work));
            return None;
        }
        message.receives += 1;
        message.visible = now + self.visibility;
        self.new.borrow_mut().push(number);
        Some(message.clone())
    }

    pub fn delete(&self, number: u64) {
        self.messages.borrow_mut().remove(&number);
    }

    /// Puts the dead letters back, and those that are about to become some.
    pub fn redrive(&self) {
        self.messages.borrow_mut().values_mut().for_each(|message| message.receives = 0);
        let dead = std::mem::take(&mut *self.dead.borrow_mut());
        for work in dead {
            self.put(work, Duration::ZERO);
        }
    }

    pub fn visible(&self, number: u64) -> Option<Timestamp> {
        self.messages.borrow().get(&number).map(|message| message.visible)
    }

    /// The last moment at which a message of this kind becomes visible; `None` when there is none.
    pub fn last_visible(&self, counts: impl Fn(&Work) -> bool) -> Option<Timestamp> {
        let messages = self.messages.borrow();
        messages.values().filter(|message| counts(&message.work)).map(|message| message.visible).max()
    }

    pub fn sent(&self) -> u64 {
        self.sent.get()
    }
}

impl Queues {
    fn send<M: Clone>(&self, messages: &[(M, Duration)], work: fn(M) -> Work) -> Vec<Result<(), Failure>> {
        let send = |(message, delay): &(M, Duration)| {
            if *delay > LONGEST_DELAY || delay.subsec_nanos() > 0 {
                return Err(Failure::permanent("send the message", "a delay is whole seconds, at most 900"));
            }
            self.put(work(message.clone()), *delay);
            Ok(())
        };
        messages.iter().map(send).collect()
    }

    fn waiting(&self, counts: fn(&Work) -> bool) -> usize {
        let (messages, now) = (self.messages.borrow(), self.now.get());
        messages.values().filter(|message| counts(&message.work) && message.visible <= now).count()
    }
}

impl SubmitQueue for Queues {
    async fn send_submits(&self, messages: &[(SubmitMessage, Duration)]) -> Vec<Result<(), Failure>> {
        self.send(messages, Work::Submit)
    }

    async fn submits_waiting(&self) -> Result<usize, Failure> {
        Ok(self.waiting(|work| matches!(work, Work::Submit(_))))
    }
}

impl PollQueue for Queues {
    async fn send_polls(&self, messages: &[(PollMessage, Duration)]) -> Vec<Result<(), Failure>> {
        self.send(messages, Work::Poll)
    }

    async fn polls_waiting(&self) -> Result<usize, Failure> {
        Ok(self.waiting(|work| matches!(work, Work::Poll(_))))
    }
}
