//! The one error type of the engine: a closed set of codes, the same names as in TypeScript.

use std::fmt;

/// Why the engine refused. The names cross to TypeScript as they are (`src/base/errors.ts` lists them all).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// Stored or given bytes are damaged or inconsistent.
    Corrupt,
    /// Bytes of a later format version, or with a required section that this build does not know.
    FormatNewer,
    /// A vector has another number of dimensions than the space.
    DimMismatch,
    /// A vector holds NaN or an infinity.
    NonFinite,
    /// Stemmers of a language that the texts are in are not loaded.
    ModelUnavailable,
    /// A call that breaks the contract of the boundary: a defect of the caller, not of the data.
    Internal,
}

impl Code {
    /// The code's public name.
    pub const fn name(self) -> &'static str {
        match self {
            Code::Corrupt => "AV_CORRUPT",
            Code::FormatNewer => "AV_FORMAT_NEWER",
            Code::DimMismatch => "AV_DIM_MISMATCH",
            Code::NonFinite => "AV_NON_FINITE",
            Code::ModelUnavailable => "AV_MODEL_UNAVAILABLE",
            Code::Internal => "AV_INTERNAL",
        }
    }
}

/// An error with its code and one sentence that names the offending value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The class of the failure.
    pub code: Code,
    /// What happened, with the value.
    pub detail: String,
}

/// Result of every fallible engine function.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// Damaged bytes: `detail` says which.
    pub fn corrupt(detail: impl Into<String>) -> Self {
        Self::new(Code::Corrupt, detail)
    }

    /// A broken contract at the boundary.
    pub fn internal(detail: impl Into<String>) -> Self {
        Self::new(Code::Internal, detail)
    }

    /// Any code with its sentence.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.name(), self.detail)
    }
}

impl std::error::Error for Error {}
