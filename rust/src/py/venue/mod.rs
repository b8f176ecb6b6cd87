//! The simulated venue for Python.

mod account;
mod args;
mod class;
mod events;
mod happenings;
mod orders;
mod reads;
mod records;
mod setup;
mod words;

use pyo3::prelude::*;

/// Adds this folder's classes to `m`.
pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<class::Venue>()?;
    m.add_class::<records::VenueOrder>()?;
    m.add_class::<records::VenueAlgo>()?;
    m.add_class::<records::VenueFill>()?;
    m.add_class::<records::VenueHolding>()?;
    m.add_class::<records::VenueBalance>()?;
    m.add_class::<records::VenueIncome>()?;
    m.add_class::<records::VenueSettings>()?;
    m.add_class::<records::VenuePrices>()?;
    m.add_class::<events::VenueTradeLite>()?;
    m.add_class::<events::VenueOrderUpdate>()?;
    m.add_class::<events::VenueAccountUpdate>()?;
    m.add_class::<events::VenueAlgoUpdate>()?;
    m.add_class::<events::VenueConfigUpdate>()?;
    m.add_class::<events::VenueMarginCall>()
}
