//! What the measures were taken on.

use std::fs;
use std::thread;

/// A machine, as far as it says what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    /// The model of the processor, or its architecture where the model is not known.
    pub cpu: String,
    /// Threads that it runs at once.
    pub n_cpus: usize,
    /// The operating system, with its version where it is known.
    pub os: String,
}

impl Machine {
    /// This machine.
    pub fn this() -> Machine {
        let architecture = std::env::consts::ARCH;
        let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
        Machine {
            cpu: model(&cpuinfo).unwrap_or(architecture).to_owned(),
            n_cpus: thread::available_parallelism().map_or(1, usize::from),
            os: format!("{} {}", std::env::consts::OS, release.trim())
                .trim_end()
                .to_owned(),
        }
    }
}

/// The model that `/proc/cpuinfo` names first.
fn model(cpuinfo: &str) -> Option<&str> {
    let values = cpuinfo.lines().filter_map(|line| line.split_once(':'));
    let mut models = values.filter(|(name, _)| name.trim() == "model name");
    let (_, model) = models.next()?;
    Some(model.trim()).filter(|model| !model.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_model_is_found_where_it_is_named() {
        let cpuinfo = "processor\t: 0\nmodel\t\t: 6\nmodel name\t: Fast CPU @ 3 GHz\n";
        assert_eq!(model(cpuinfo), Some("Fast CPU @ 3 GHz"));
        assert_eq!(model("processor: 0\nmodel name :\n"), None);
        assert_eq!(model(""), None);
    }

    #[test]
    fn this_machine_is_something() {
        let machine = Machine::this();
        assert!(!machine.cpu.is_empty() && !machine.os.is_empty() && machine.n_cpus > 0);
    }
}
