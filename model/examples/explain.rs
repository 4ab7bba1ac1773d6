//! What the knowledge base makes of an answer:
//!
//! ```sh
//! cargo run -p mailfate-model --features knowledge --example explain -- "550 5.1.1 User unknown"
//! ```

use model::verdict::Outcome;
use model::verdict::knowledge::{Evidence, explain};

fn main() {
    let text = std::env::args().skip(1).collect::<Vec<_>>().join(" ");
    // Codes are found in the text; 4xx means that it will be tried again.
    let outcome = if text.starts_with('4') {
        Outcome::Deferred
    } else {
        Outcome::Bounced
    };
    let found = explain(&Evidence {
        outcome,
        reply_code: None,
        dsn: None,
        text: &text,
    });
    println!("{} (actor {}, {})", found.reason, found.actor, found.confidence);
}
