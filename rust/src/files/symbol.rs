//! A file holds one instrument: two in one series would be a price jump that never was.

use super::error::quoted;

/// The symbol of a file, learnt from its first row.
#[derive(Debug, Default)]
pub(super) struct OneSymbol(Option<Box<[u8]>>);

impl OneSymbol {
    /// Compares `symbol` with that of the first row.
    #[inline]
    pub(super) fn check(&mut self, symbol: &[u8]) -> Result<(), String> {
        match &self.0 {
            Some(first) if **first == *symbol => Ok(()),
            Some(first) => Err(two_symbols(first, symbol)),
            None => {
                self.0 = Some(symbol.into());
                Ok(())
            }
        }
    }
}

#[cold]
fn two_symbols(first: &[u8], other: &[u8]) -> String {
    format!("{} follows {}; expected one symbol a file", quoted(other), quoted(first))
}
