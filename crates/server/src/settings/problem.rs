//! What is wrong with the settings, in words that an operator can act on.

use std::fmt;

/// One setting that is missing or wrong. Never holds the value of a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Its variable, or the file where the file itself is the trouble.
    pub variable: String,
    /// Where the value came from, if not from the variable.
    pub origin: Option<String>,
    /// What is wrong with it.
    pub wrong: String,
    /// What a right value looks like.
    pub right: String,
}

/// Everything that is wrong with the settings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// Adds one.
    pub fn push(&mut self, problem: Problem) {
        self.0.push(problem);
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The variables in question, in the order in which they were found, each once.
    #[cfg(test)]
    pub fn variables(&self) -> Vec<String> {
        let mut variables: Vec<String> = self.0.iter().map(|problem| problem.variable.clone()).collect();
        variables.dedup();
        variables
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.len() {
            1 => writeln!(f, "one setting is missing or wrong:")?,
            count => writeln!(f, "{count} settings are missing or wrong:")?,
        }
        for problem in &self.0 {
            write!(f, "\n  {}", problem.variable)?;
            if let Some(origin) = &problem.origin {
                write!(f, " ({origin})")?;
            }
            writeln!(f, " {}.", problem.wrong)?;
            writeln!(f, "      Right: {}", problem.right)?;
        }
        write!(f, "\nconfig/anteroom.toml lists every setting; docs/operating.md explains them.")
    }
}

impl std::error::Error for Problems {}
