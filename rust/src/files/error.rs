//! The one error of a file: where it is, and what would have been accepted.

use std::fmt;

/// Refusal of a tick or bar file. No row of the batch it was found in is handed out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileError {
    /// The file as the caller named it; for an archive of several files followed by `:member`.
    pub path: String,
    /// 1-based line of the file (a header is line 1); `None` when the file as a whole is refused.
    pub row: Option<u64>,
    /// Name of the column, as in the header or, without one, in the exchange's documentation.
    pub column: Option<String>,
    /// What is wrong and what is accepted.
    pub message: String,
}

impl FileError {
    /// An error about the file as a whole.
    pub fn whole(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { path: path.into(), row: None, column: None, message: message.into() }
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        match (self.row, &self.column) {
            (Some(row), Some(column)) => write!(f, ": row {row}, column {column}")?,
            (Some(row), None) => write!(f, ": row {row}")?,
            (None, Some(column)) => write!(f, ": column {column}")?,
            (None, None) => {}
        }
        write!(f, ": {}", self.message)
    }
}

impl std::error::Error for FileError {}

/// What is wrong with a row, before the file that holds it is known.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) column: Option<String>,
    pub(super) message: String,
}

impl Fault {
    pub(super) fn row(message: impl Into<String>) -> Self {
        Self { column: None, message: message.into() }
    }

    pub(super) fn column(column: impl Into<String>, message: impl Into<String>) -> Self {
        Self { column: Some(column.into()), message: message.into() }
    }
}

/// `value` as an error shows it: quoted, escaped and cut to a length that fits a line.
pub(super) fn quoted(value: &[u8]) -> String {
    const SHOWN: usize = 40;
    if value.len() <= SHOWN {
        return format!("{:?}", String::from_utf8_lossy(value));
    }
    let cut = String::from_utf8_lossy(&value[..SHOWN]);
    format!("{cut:?}... ({} bytes)", value.len())
}
