//! How long renewing takes and waits.

use std::time::Duration;

/// How long a renewal may take and how long one waits for another's. Not a setting: the numbers hang together.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// How long a renewal may hold the row. More than twice the longest question: clocks of two instances may be half a
    /// minute apart, and Zoom may go on for a while with a question that nobody waits for any more.
    pub lease: Duration,
    /// When a question without an answer is given up.
    pub question: Duration,
    /// A question that came to nothing within this time is asked once more at once; later, whoever waits for it has
    /// waited long enough.
    pub at_once: Duration,
    /// How often to look whether another instance is done.
    pub step: Duration,
    /// How many times to look.
    pub steps: u32,
    /// Between two tries to keep what Zoom gave, while the database does not take it.
    pub keep_step: Duration,
    /// How many times to try: what is not kept is lost for ever.
    pub keep_steps: u32,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            lease: Duration::from_mins(1),
            question: Duration::from_secs(25),
            at_once: Duration::from_secs(5),
            // 15 seconds: most renewals take one, and nobody waits longer for a page.
            step: Duration::from_millis(250),
            steps: 60,
            // Two minutes: a database that moves to another machine takes half of one.
            keep_step: Duration::from_millis(500),
            keep_steps: 240,
        }
    }
}
