//! How long a server has computed. On a machine that does other work meanwhile, this says more
//! than the clock.

use std::{fs, io};

/// Ticks of `/proc/<pid>/stat` are hundredths of a second on every Linux.
const TICK: f64 = 0.01;

/// User and system time of the processes, in seconds.
pub(crate) fn spent(pids: &[u32]) -> io::Result<f64> {
    pids.iter()
        .map(|pid| {
            let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
            let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
            let mut times = fields.split_whitespace().skip(11).take(2);
            let mut next = || times.next()?.parse::<f64>().ok();
            match (next(), next()) {
                (Some(user), Some(system)) => Ok((user + system) * TICK),
                _ => Err(io::Error::other(format!("process {pid} tells no time"))),
            }
        })
        .sum()
}
