//! After how many minutes a host is late: the form, and what was typed into it.

use domain::alert::{LATEST_STEP, MOST_STEPS, Settings};
use serde::Deserialize;

use crate::pages::view::connections::StepsForm;

/// What was typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(super) struct Sent {
    #[serde(rename = "step-0")]
    first: String,
    #[serde(rename = "step-1")]
    second: String,
    #[serde(rename = "step-2")]
    third: String,
    #[serde(rename = "step-3")]
    fourth: String,
}

impl Sent {
    /// The settings, ascending and each once; or the form as it was sent, with what is wrong.
    pub fn understand(self) -> Result<Settings, StepsForm> {
        let typed = [self.first, self.second, self.third, self.fourth].map(|text| text.trim().to_owned());
        let numbers: Option<Vec<u32>> = typed
            .iter()
            .filter(|text| !text.is_empty())
            .map(|text| text.parse().ok().filter(|minutes| (1..=LATEST_STEP).contains(minutes)))
            .collect();
        let Some(mut minutes) = numbers else {
            let fault = Some("give whole minutes from 1 to 120.");
            return Err(StepsForm { steps: typed.to_vec(), fault });
        };
        minutes.sort_unstable();
        minutes.dedup();
        Ok(Settings { host_late_after: minutes })
    }
}

/// The form with these settings in it.
pub(super) fn form_of(settings: &Settings) -> StepsForm {
    let mut steps: Vec<String> = settings.host_late_after.iter().map(ToString::to_string).collect();
    steps.resize(MOST_STEPS, String::new());
    StepsForm { steps, fault: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(steps: [&str; 4]) -> Sent {
        let [first, second, third, fourth] = steps.map(str::to_owned);
        Sent { first, second, third, fourth }
    }

    #[test]
    fn minutes_are_put_in_order_and_each_is_kept_once() {
        let settings = sent(["10", " 5 ", "", "10"]).understand().unwrap();
        assert_eq!(settings.host_late_after, [5, 10]);
        assert_eq!(form_of(&settings).steps, ["5", "10", "", ""]);
        assert!(sent(["", "", "", ""]).understand().unwrap().host_late_after.is_empty());
    }

    #[test]
    fn what_is_no_number_of_minutes_comes_back_as_it_was_typed() {
        for wrong in ["0", "121", "-5", "5.5", "five"] {
            let form = sent([wrong, "10", "", ""]).understand().unwrap_err();
            assert_eq!((form.steps[0].as_str(), form.steps[1].as_str()), (wrong, "10"));
            assert!(form.fault.is_some());
        }
    }
}
