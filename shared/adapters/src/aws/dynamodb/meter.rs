//! What the table has charged: DynamoDB says it with every answer, and this adds it up.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_dynamodb::types::ConsumedCapacity;

/// Shared by a table and its clones.
#[derive(Debug, Clone, Default)]
pub struct Meter(Arc<Mutex<Readings>>);

/// Capacity units and calls since the meter was made.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Readings {
    /// Index writes included.
    pub write_units: f64,
    pub read_units: f64,
    /// Successful calls by operation.
    pub calls: BTreeMap<&'static str, u64>,
}

impl Readings {
    pub fn calls(&self, operation: &str) -> u64 {
        self.calls.get(operation).copied().unwrap_or_default()
    }
}

impl Meter {
    pub fn readings(&self) -> Readings {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn read(&self, operation: &'static str, consumed: &[ConsumedCapacity]) {
        self.add(operation, consumed, |readings, units| readings.read_units += units);
    }

    pub(super) fn write(&self, operation: &'static str, consumed: &[ConsumedCapacity]) {
        self.add(operation, consumed, |readings, units| readings.write_units += units);
    }

    fn add(&self, operation: &'static str, consumed: &[ConsumedCapacity], add: fn(&mut Readings, f64)) {
        let units = consumed.iter().filter_map(ConsumedCapacity::capacity_units).sum();
        let mut readings = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        add(&mut readings, units);
        *readings.calls.entry(operation).or_default() += 1;
    }
}
