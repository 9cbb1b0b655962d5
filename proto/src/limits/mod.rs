//! The limits that the contracts state, as code: so that no two services disagree about them.
//!
//! A check names the field as the proto file spells it and the rule that it breaks, never the value
//! that came: values are the callers' data.
//!
//! ```
//! use proto::{limits, user::v1::NewUser};
//!
//! let nobody = NewUser { email: "nobody".to_owned(), ..NewUser::default() };
//! let violations = limits::new_user(Some(&nobody)).unwrap_err();
//! let fields: Vec<_> = violations.iter().map(|violation| violation.field).collect();
//! assert_eq!(fields, ["user.name", "user.email"]);
//! ```

mod messages;
mod violations;
mod watch;

pub use messages::{events, idempotency_key, new_user, profile, user_id};
pub use violations::{Violation, Violations};
pub use watch::{Watch, watch};
