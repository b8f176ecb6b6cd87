//! What an account changes about itself: cash, mode, leverage and margin.

use pyo3::prelude::*;

use super::class::Venue;
use super::records::{VenueBalance, VenueHolding, VenueSettings};
use super::words::{E8, Whole};
use crate::venue::grid::Cash;
use crate::venue::names::{MarginType, PositionSide};
use crate::venue::reject;

#[pymethods]
impl Venue {
    #[pyo3(signature = (account, amount_e8, /))]
    fn transfer(&self, py: Python<'_>, account: Whole, amount_e8: Whole) -> PyResult<VenueBalance> {
        let mut core = self.hold(py);
        core.transfer(account.index(), Cash::from(amount_e8.0))?;
        Ok(VenueBalance::new(account.index(), core.balance(account.index())?))
    }

    #[pyo3(signature = (account, dual, /))]
    fn set_hedge_mode(&self, py: Python<'_>, account: Whole, dual: bool) -> PyResult<()> {
        Ok(self.hold(py).set_hedge_mode(account.index(), dual)?)
    }

    #[pyo3(signature = (account, /))]
    fn hedge_mode(&self, py: Python<'_>, account: Whole) -> PyResult<bool> {
        Ok(self.hold(py).hedge_mode(account.index())?)
    }

    #[pyo3(signature = (account, symbol, leverage, /))]
    fn set_leverage(
        &self,
        py: Python<'_>,
        account: Whole,
        symbol: &str,
        leverage: Whole,
    ) -> PyResult<VenueSettings> {
        let leverage = u32::try_from(leverage.0).map_err(|_| reject::BAD_LEVERAGE)?;
        self.hold(py).set_leverage(account.index(), symbol, leverage)?;
        self.settings(py, account, symbol)
    }

    #[pyo3(signature = (account, symbol, margin_type, /))]
    fn set_margin_type(
        &self,
        py: Python<'_>,
        account: Whole,
        symbol: &str,
        margin_type: MarginType,
    ) -> PyResult<()> {
        Ok(self.hold(py).set_margin_type(account.index(), symbol, margin_type)?)
    }

    #[pyo3(signature = (account, symbol, amount_e8, position_side=PositionSide::Both, /),
        text_signature = "($self, account, symbol, amount_e8, position_side='BOTH', /)")]
    fn change_isolated_margin(
        &self,
        py: Python<'_>,
        account: Whole,
        symbol: &str,
        amount_e8: Whole,
        position_side: PositionSide,
    ) -> PyResult<VenueHolding> {
        let amount = Cash::from(amount_e8.0);
        Ok(self.hold(py).change_isolated_margin(account.index(), symbol, amount, position_side)?.into())
    }

    #[pyo3(signature = (account, symbol, /))]
    fn settings(&self, py: Python<'_>, account: Whole, symbol: &str) -> PyResult<VenueSettings> {
        let core = self.hold(py);
        let (desk, most) = core.settings(account.index(), symbol)?;
        let (leverage, margin_type) = (desk.leverage, desk.margin_type);
        Ok(VenueSettings { leverage, margin_type, max_notional_e8: E8(most) })
    }
}
