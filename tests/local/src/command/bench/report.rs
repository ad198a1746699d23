//! What came of a load, for people, and the one thing that is checked of it.

use std::fmt;
use std::time::Duration;

use super::super::api::BoxError;
use super::process::Usage;

/// How long one job took from its intended start, as far as it came.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Outcome {
    pub(super) accepted: Option<Duration>,
    pub(super) completed: Option<Duration>,
}

/// What the product used while one part of the jobs started.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    jobs: u32,
    cpu_ms: f64,
    resident_mib: f64,
}

impl Part {
    pub(super) fn between(before: &Usage, after: &Usage, jobs: u32) -> Self {
        Self { jobs, cpu_ms: (after.cpu_ms - before.cpu_ms) / f64::from(jobs), resident_mib: after.resident_mib }
    }
}

pub(super) struct Report {
    pub(super) outcomes: Vec<Outcome>,
    pub(super) parts: Vec<Part>,
    /// What of each job is the provider's.
    pub(super) run: Duration,
}

impl Report {
    /// CPU of a job in the last part, in those of the second; the first warms up.
    fn growth(&self) -> f64 {
        let cpu = |part: Option<&Part>| part.map_or(f64::NAN, |part| part.cpu_ms);
        cpu(self.parts.last()) / cpu(self.parts.get(1))
    }

    pub(super) fn check(&self, most: f64) -> Result<(), BoxError> {
        let open = self.outcomes.iter().filter(|outcome| outcome.completed.is_none()).count();
        if open > 0 {
            return Err(format!("{open} jobs did not complete").into());
        }
        // Not a number is no success.
        if self.growth() <= most { Ok(()) } else { Err(format!("a job's cost grows: at most {most} times").into()) }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let accepted = sorted(self.outcomes.iter().filter_map(|outcome| outcome.accepted));
        let completed = sorted(self.outcomes.iter().filter_map(|outcome| outcome.completed));
        let own = sorted(completed.iter().map(|took| took.saturating_sub(self.run)));
        writeln!(f)?;
        writeln!(f, "of {} jobs: accepted {}, completed {}", self.outcomes.len(), accepted.len(), completed.len())?;
        writeln!(f)?;
        writeln!(f, "ms from the intended start        p50      p99      max")?;
        for (name, times) in [("accepted", &accepted), ("completed, less the provider's", &own)] {
            let [half, most, last] = [0.5, 0.99, 1.0].map(|share| milliseconds(times, share));
            writeln!(f, "{name:<30} {half:>8.1} {most:>8.1} {last:>8.1}")?;
        }
        writeln!(f)?;
        writeln!(f, "jobs               CPU ms a job   memory MiB")?;
        let mut first = 1;
        for Part { jobs, cpu_ms, resident_mib } in &self.parts {
            let last = first + jobs - 1;
            writeln!(f, "{:<18} {cpu_ms:>12.1} {resident_mib:>12.0}", format!("{first} to {last}"))?;
            first = last + 1;
        }
        writeln!(f)?;
        write!(f, "A job of the last part took {:.2} times the CPU of one of the second.", self.growth())
    }
}

fn sorted(times: impl Iterator<Item = Duration>) -> Vec<Duration> {
    let mut times: Vec<Duration> = times.collect();
    times.sort();
    times
}

/// Not a number where nothing was timed.
fn milliseconds(sorted: &[Duration], share: f64) -> f64 {
    let place = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(place.saturating_sub(1)).map_or(f64::NAN, |took| took.as_secs_f64() * 1_000.0)
}
