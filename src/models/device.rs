//! Where a model runs: the processor, or an accelerator if this build and this machine have one.

use std::fmt;
use std::str::FromStr;

use candle_core::Device;
use serde::{Deserialize, Serialize};

/// Where a person wants a model to run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceChoice {
    #[default]
    Cpu,
    /// The CUDA device of this number.
    Cuda(usize),
    Metal,
}

/// Where a model does run.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    pub device: Device,
    /// For people, for example `CPU (AMD EPYC)`.
    pub label: String,
    /// Why it is not the device that was asked for.
    pub note: Option<String>,
}

impl fmt::Display for DeviceChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cpu => f.write_str("cpu"),
            Self::Cuda(number) => write!(f, "cuda:{number}"),
            Self::Metal => f.write_str("metal"),
        }
    }
}

impl FromStr for DeviceChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let lower = text.trim().to_ascii_lowercase();
        match lower.as_str() {
            "cpu" => return Ok(Self::Cpu),
            "metal" => return Ok(Self::Metal),
            "cuda" => return Ok(Self::Cuda(0)),
            _ => {}
        }
        lower
            .strip_prefix("cuda:")
            .and_then(|number| number.parse().ok())
            .map(Self::Cuda)
            .ok_or_else(|| format!("`{text}` is no device; write cpu, cuda, cuda:1 or metal"))
    }
}

impl DeviceChoice {
    /// What the window offers: more than one CUDA device is a matter of the command line.
    pub const OFFERED: [Self; 3] = [Self::Cpu, Self::Cuda(0), Self::Metal];

    /// The processor, for a model that runs nowhere else.
    pub(super) fn stay(self) -> Placed {
        on_cpu(
            (self != Self::Cpu).then(|| {
                format!("A model of this kind runs on the CPU instead of {}", self.label())
            }),
        )
    }

    /// The device, or the processor with a note that says why.
    pub(super) fn place(self) -> Placed {
        let (found, compiled) = match self {
            Self::Cpu => return on_cpu(None),
            Self::Cuda(number) if cfg!(feature = "cuda") => (Device::new_cuda(number), true),
            Self::Metal if cfg!(feature = "metal") => (Device::new_metal(0), true),
            Self::Cuda(_) | Self::Metal => (Ok(Device::Cpu), false),
        };
        match found {
            Ok(device) if compiled => {
                let name = accelerator(&device).map(|name| format!(" ({name})"));
                let label = format!("{}{}", self.label(), name.unwrap_or_default());
                Placed { device, label, note: None }
            }
            Ok(_) => on_cpu(Some(format!(
                "This build cannot use {}; it runs on the CPU instead",
                self.label()
            ))),
            Err(fault) => on_cpu(Some(format!(
                "{} cannot be used ({}); it runs on the CPU instead",
                self.label(),
                first_line(&fault.to_string())
            ))),
        }
    }

    /// For people: `CUDA device 0`.
    pub fn label(self) -> String {
        match self {
            Self::Cpu => "CPU".to_owned(),
            Self::Cuda(number) => format!("CUDA device {number}"),
            Self::Metal => "Metal".to_owned(),
        }
    }
}

fn on_cpu(note: Option<String>) -> Placed {
    let label = processor().map_or_else(|| "CPU".to_owned(), |name| format!("CPU ({name})"));
    Placed { device: Device::Cpu, label, note }
}

/// What the maker calls it.
#[cfg(feature = "cuda")]
fn accelerator(device: &Device) -> Option<String> {
    device.as_cuda_device().ok()?.cuda_stream().context().name().ok()
}

#[cfg(not(feature = "cuda"))]
fn accelerator(_: &Device) -> Option<String> {
    None
}

/// The processor's name where the system tells it; else its architecture.
fn processor() -> Option<String> {
    let told = std::fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| {
        let line = text.lines().find(|line| line.starts_with("model name"))?;
        let name = line.split_once(':')?.1.trim();
        (!name.is_empty()).then(|| name.to_owned())
    });
    told.or_else(|| Some(std::env::consts::ARCH.to_owned()))
}

pub(super) fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_read_back_as_they_are_written() {
        for choice in [DeviceChoice::Cpu, DeviceChoice::Cuda(1), DeviceChoice::Metal] {
            assert_eq!(choice.to_string().parse(), Ok(choice));
        }
        assert!("gpu".parse::<DeviceChoice>().unwrap_err().contains("cuda:1"));
    }

    #[cfg(not(feature = "cuda"))]
    #[test]
    fn falls_back_to_the_processor_and_says_so() {
        let placed = DeviceChoice::Cuda(0).place();
        assert!(placed.device.is_cpu());
        assert!(placed.label.starts_with("CPU"));
        assert!(placed.note.is_some_and(|note| note.contains("CUDA device 0")));
    }
}
