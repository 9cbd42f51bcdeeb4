//! Arrivals and service times that were recorded elsewhere.

use std::path::Path;

use super::dataset::load_table;
use super::error::Error;
use super::times::micros;
use crate::domain::words::shortened;
use crate::domain::{Progress, SimSpan, SimTime, Values};

/// Reads the arrivals in a column of times, or of numbers in `unit`: in order, from zero on,
/// `speed_up` times faster than they were.
///
/// # Errors
/// If the file cannot be read, or a row of the column has no time.
pub fn read_trace(
    path: &Path,
    column: &str,
    unit: SimSpan,
    speed_up: f64,
    progress: &Progress,
) -> Result<Vec<SimTime>, Error> {
    let table = load_table(path, progress)?;
    let Some(found) = table.column(column) else {
        let names: Vec<&str> = table.names().take(20).collect();
        let message = format!("is not in the trace, which has `{}`", names.join("`, `"));
        return Err(Error::column(column, message));
    };
    let micros = micros(found, |_| unit.micros() as f64)?;
    if let Some(row) = micros.iter().position(Option::is_none) {
        return Err(Error::column(column, format!("has no time in row {}", row + 1)));
    }
    let earliest = micros.iter().copied().flatten().min().unwrap_or(0);
    let since = |time: i64| SimTime::from_micros(time.saturating_sub(earliest).unsigned_abs());
    let times: Vec<SimTime> = micros.into_iter().flatten().map(since).collect();
    Ok(arrivals(&times, speed_up))
}

/// Arrivals at `times`, in order, from zero on, `speed_up` times faster.
pub fn arrivals(times: &[SimTime], speed_up: f64) -> Vec<SimTime> {
    let earliest = times.iter().copied().min().unwrap_or_default();
    let faster = |time: &SimTime| {
        let micros = time.since(earliest).micros() as f64 / speed_up;
        SimTime::from_micros(micros.round() as u64)
    };
    let mut arrivals: Vec<SimTime> = times.iter().map(faster).collect();
    arrivals.sort_unstable();
    arrivals
}

/// Reads the service times in a file's first column, in milliseconds, and returns them in
/// microseconds. The file needs no line of names.
///
/// # Errors
/// If the file cannot be read, or a row holds no length of time.
pub fn read_service_times(path: &Path) -> Result<Vec<f64>, Error> {
    let table = load_table(path, &Progress::default())?;
    let Some(column) = table.columns.first() else {
        return Err(Error::Empty { path: path.to_owned() });
    };
    let Values::Number(millis) = &column.values else {
        let text = shortened(&column.values.show(0));
        let message = format!("holds no milliseconds (row 1: `{text}`)");
        return Err(Error::column(&column.name, message));
    };
    // Without a line of names the first time stands in its place.
    let first = column.name.parse::<f64>().ok();
    let mut micros = Vec::with_capacity(millis.len() + 1);
    for (row, millis) in first.iter().chain(millis).enumerate() {
        if !(millis.is_finite() && *millis >= 0.0) {
            let message = format!("holds no length of time in row {}", row + 1);
            return Err(Error::column(&column.name, message));
        }
        micros.push(millis * 1e3);
    }
    Ok(micros)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn file(name: &str, text: &str) -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        (folder, path)
    }

    #[test]
    fn a_trace_starts_at_zero_in_order_and_as_fast_as_asked() {
        let (_folder, path) = file("trace.csv", "ms,size\n1500,1\n500,2\n2500,3\n");
        let read = |column, speed_up| {
            read_trace(&path, column, SimSpan::from_millis(1), speed_up, &Progress::default())
        };
        let seconds = |times: Vec<SimTime>| -> Vec<f64> {
            times.into_iter().map(SimTime::as_secs_f64).collect()
        };
        assert_eq!(seconds(read("ms", 1.0).unwrap()), [0.0, 1.0, 2.0]);
        assert_eq!(seconds(read("ms", 4.0).unwrap()), [0.0, 0.25, 0.5]);
        let fault = read("time", 1.0).unwrap_err().to_string();
        assert!(fault.contains("`ms`, `size`"), "{fault}");
    }

    #[test]
    fn gaps_in_a_trace_are_refused_with_their_row() {
        let (_folder, path) = file("trace.csv", "at,x\n2024-03-01 10:00:00,1\n,2\n");
        let fault = read_trace(&path, "at", SimSpan::from_millis(1), 1.0, &Progress::default())
            .unwrap_err();
        assert!(fault.to_string().contains("no time in row 2"), "{fault}");
    }

    #[test]
    fn service_times_need_no_header() {
        let (_a, bare) = file("times.csv", "12.5\n13\n");
        assert_eq!(read_service_times(&bare).unwrap(), [12_500.0, 13_000.0]);
        let (_b, named) = file("times.csv", "ms\n2\n-1\n");
        let fault = read_service_times(&named).unwrap_err().to_string();
        assert!(fault.contains("row 2"), "{fault}");
    }
}
