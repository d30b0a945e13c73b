//! How much memory a server holds.

use std::{fs, io};

/// The resident memory of the processes, in kB, from `/proc/<pid>/status`.
pub(crate) fn resident(pids: &[u32]) -> io::Result<f64> {
    pids.iter()
        .map(|pid| {
            let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
            let line = status.lines().find(|line| line.starts_with("VmRSS:"));
            line.and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok())
                .ok_or_else(|| io::Error::other(format!("process {pid} tells no VmRSS")))
        })
        .sum()
}
