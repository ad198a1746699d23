//! What a process has used so far, where the system says so.

use super::super::api::BoxError;

/// The kernel counts CPU time in hundredths of a second, whatever its own clock is.
const TICK_MS: f64 = 10.0;

const PAGE_BYTES: f64 = 4_096.0;

/// CPU time and memory of a process.
#[derive(Debug, Clone, Copy)]
pub(super) struct Usage {
    pub(super) cpu_ms: f64,
    pub(super) resident_mib: f64,
}

impl Usage {
    pub(super) fn of(process: u32) -> Result<Self, BoxError> {
        let read = |name: &str| {
            let path = format!("/proc/{process}/{name}");
            std::fs::read_to_string(&path).map_err(|error| format!("{path}: {error}; a benchmark needs Linux"))
        };
        let (stat, memory) = (read("stat")?, read("statm")?);
        // The program's name stands in brackets and may hold spaces; user and system time are the 12th and 13th after it.
        let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
        let ticks = |place: usize| fields.get(place).and_then(|field| field.parse::<f64>().ok());
        let pages = memory.split(' ').nth(1).and_then(|pages| pages.parse::<f64>().ok());
        let (Some(user), Some(system), Some(pages)) = (ticks(11), ticks(12), pages) else {
            return Err("/proc says what nobody here can read".into());
        };
        Ok(Self { cpu_ms: (user + system) * TICK_MS, resident_mib: pages * PAGE_BYTES / 1_048_576.0 })
    }
}
