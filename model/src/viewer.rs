//! Who is looking: roles and what they may do, as one table.
//!
//! Goes in: nothing. Comes out: [`Role`], [`Permission`] and the matrix between them. Which rows a viewer sees is not decided here but by the
//! `Scope` in `store` and row level security below it.

use crate::vocabulary::vocabulary;

vocabulary! {
    /// What a person is in a tenant.
    Role {
        /// Own addresses only.
        Mailbox = "mailbox",
        /// Reads a customer's log, without subjects.
        Auditor = "auditor",
        /// A customer's own domains.
        Customer = "customer",
        /// The customers below.
        Reseller = "reseller",
        /// Everyone, for the phone line.
        Helpdesk = "helpdesk",
        /// Everything, and the health of the system.
        Operator = "operator",
    }
}

vocabulary! {
    /// What a role may or may not do.
    Permission {
        /// See the mail log of its scope.
        ReadLog = "read_log",
        /// See subjects without a grant by the tenant.
        ReadSubject = "read_subject",
        /// See raw log lines.
        ReadRaw = "read_raw",
        /// See the state of the log sources by name.
        ReadSources = "read_sources",
    }
}

impl Role {
    /// The role matrix: one row a role, reviewed like code.
    pub const fn may(self, permission: Permission) -> bool {
        match self {
            Self::Mailbox | Self::Customer => {
                matches!(
                    permission,
                    Permission::ReadLog | Permission::ReadSubject | Permission::ReadRaw
                )
            }
            Self::Auditor | Self::Reseller => matches!(permission, Permission::ReadLog | Permission::ReadRaw),
            Self::Helpdesk | Self::Operator => {
                matches!(
                    permission,
                    Permission::ReadLog | Permission::ReadRaw | Permission::ReadSources
                )
            }
        }
    }
}
