//! The errors of the core: what was wrong, in which field, and what is allowed.

/// Refusal of an input. Nothing was changed when one is returned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {value} is not allowed; {allowed}")]
pub struct Invalid {
    /// Name of the offending field, as the caller wrote it (`legs[1].r_multiple`).
    pub field: String,
    /// The value given, as text.
    pub value: String,
    /// What would have been accepted.
    pub allowed: String,
}

impl Invalid {
    /// An error for `field`, which holds `value` where only `allowed` is.
    pub fn new(field: impl Into<String>, value: impl std::fmt::Display, allowed: impl Into<String>) -> Self {
        Self { field: field.into(), value: value.to_string(), allowed: allowed.into() }
    }

    /// The same error about a part of something larger: `r_multiple` within `legs[1]`.
    #[must_use]
    pub fn within(self, outer: impl std::fmt::Display) -> Self {
        Self { field: format!("{outer}.{}", self.field), ..self }
    }
}
