//! `OrderSlots` for Python. All classes are frozen and share no lock, so they are as safe from the
//! threads of a free-threaded interpreter as the Rust types they wrap.

#![expect(clippy::trivially_copy_pass_by_ref, reason = "pyo3 lends what Python owns")]

use pyo3::create_exception;
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;

use crate::error::Invalid;
use crate::slot::{self, Advance, PHASES};

create_exception!(
    quantum_exit._core,
    ClaimExpired,
    PyRuntimeError,
    "The claim was fenced, or released before; nothing was changed."
);
create_exception!(
    quantum_exit._core,
    SlotChanged,
    PyRuntimeError,
    "The slot is no longer at the revision that was observed; nothing was fenced."
);
create_exception!(
    quantum_exit._core,
    IllegalTransition,
    PyValueError,
    "The transition table has no such step or release; the claim is still good."
);

/// What is known, or being done, about the protective orders of one position.
#[pyclass(
    frozen,
    eq,
    hash,
    from_py_object,
    module = "quantum_exit._core",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Phase {
    Flat,
    Naked,
    Protected,
    Unknown,
    Settling,
    Placing,
    Replacing,
    Closing,
}

#[pymethods]
impl Phase {
    /// Whether a claim holds the slot in this phase.
    #[getter]
    fn is_held(&self) -> bool {
        self.core().is_held()
    }

    /// The name in capitals.
    #[getter]
    fn name(&self) -> &'static str {
        self.core().name()
    }
}

impl Phase {
    /// The same phase of the core; both enums list them in the order of their bits.
    const fn core(self) -> slot::Phase {
        PHASES[self as usize]
    }
}

impl From<slot::Phase> for Phase {
    fn from(phase: slot::Phase) -> Self {
        match phase {
            slot::Phase::Flat => Self::Flat,
            slot::Phase::Naked => Self::Naked,
            slot::Phase::Protected => Self::Protected,
            slot::Phase::Unknown => Self::Unknown,
            slot::Phase::Settling => Self::Settling,
            slot::Phase::Placing => Self::Placing,
            slot::Phase::Replacing => Self::Replacing,
            slot::Phase::Closing => Self::Closing,
        }
    }
}

/// The word of a slot at one moment: to be compared, kept and handed back.
#[pyclass(frozen, eq, hash, module = "quantum_exit._core")]
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Revision(slot::Revision);

#[pymethods]
impl Revision {
    /// What the slot was in.
    #[getter]
    fn phase(&self) -> Phase {
        self.0.phase().into()
    }

    /// Number of plans adopted on the slot, modulo 65 536.
    #[getter]
    fn generation(&self) -> u16 {
        self.0.generation()
    }

    /// Number of claims and fences on the slot, modulo 2**45.
    #[getter]
    fn sequence(&self) -> u64 {
        self.0.sequence()
    }

    fn __repr__(&self) -> String {
        let (phase, generation) = (self.0.phase(), self.0.generation());
        format!("Revision({phase}, generation={generation}, sequence={})", self.0.sequence())
    }
}

/// The exclusive right to touch the protective orders of one slot. Losing the object frees nothing:
/// the slot stays held until it is released or fenced.
#[pyclass(frozen, module = "quantum_exit._core")]
struct Claim(slot::Claim);

#[pymethods]
impl Claim {
    /// Index of the slot.
    #[getter]
    fn slot(&self) -> usize {
        self.0.slot().index()
    }

    /// The fencing token: strictly increasing over the claims of one slot, modulo 2**45.
    #[getter]
    fn sequence(&self) -> u64 {
        self.0.sequence()
    }

    /// The held phase.
    #[getter]
    fn phase(&self) -> Phase {
        self.0.phase().into()
    }

    /// The word in the slot while the claim is current; what `fence` has to have observed.
    #[getter]
    fn revision(&self) -> Revision {
        Revision(self.0.revision())
    }

    fn __repr__(&self) -> String {
        format!("Claim(slot={}, {}, sequence={})", self.slot(), self.0.phase(), self.sequence())
    }
}

/// A claim was not granted, and nothing changed.
#[pyclass(frozen, module = "quantum_exit._core")]
struct Busy(slot::Busy);

#[pymethods]
impl Busy {
    /// The word that was found.
    #[getter]
    fn revision(&self) -> Revision {
        Revision(self.0.current)
    }

    /// The phase that was found.
    #[getter]
    fn phase(&self) -> Phase {
        self.0.current.phase().into()
    }

    /// True when the slot rests but has changed since `expected` was read; False when it is held.
    #[getter]
    fn stale(&self) -> bool {
        self.0.reason == slot::BusyReason::Stale
    }

    fn __repr__(&self) -> String {
        format!("Busy({})", self.0)
    }
}

#[derive(IntoPyObject)]
enum Attempt {
    Won(Claim),
    Lost(Busy),
}

/// One order slot per (symbol, side): index `symbol_id * 2 + side`, side 0 = LONG, 1 = SHORT.
///
/// `capacity` is the number of symbols, 1 to 65 536. A slot out of range raises `ValueError`.
#[pyclass(frozen, module = "quantum_exit._core")]
struct OrderSlots(slot::OrderSlots);

#[pymethods]
impl OrderSlots {
    #[new]
    fn new(capacity: usize) -> PyResult<Self> {
        slot::OrderSlots::new(capacity).map(Self).map_err(invalid)
    }

    fn __len__(&self) -> usize {
        self.0.len()
    }

    /// The word of `slot` now.
    #[pyo3(signature = (slot, /))]
    fn revision(&self, slot: usize) -> PyResult<Revision> {
        let slot = self.0.slot(slot).map_err(invalid)?;
        Ok(Revision(self.0.revision(slot)))
    }

    /// The phase of `slot` now.
    #[pyo3(signature = (slot, /))]
    fn phase(&self, slot: usize) -> PyResult<Phase> {
        let slot = self.0.slot(slot).map_err(invalid)?;
        Ok(self.0.revision(slot).phase().into())
    }

    /// A `Claim` when the word of `slot` is still `expected`, else `Busy`; never waits.
    #[pyo3(signature = (slot, expected, /))]
    fn try_claim(&self, slot: usize, expected: &Revision) -> PyResult<Attempt> {
        let slot = self.0.slot(slot).map_err(invalid)?;
        let attempt = self.0.try_claim(slot, expected.0);
        Ok(attempt.map_or_else(|busy| Attempt::Lost(Busy(busy)), |claim| Attempt::Won(Claim(claim))))
    }

    /// The claim in another held phase; the one passed in has expired then. Raises
    /// `IllegalTransition` or `ClaimExpired`.
    #[pyo3(signature = (claim, phase, /))]
    fn step(&self, claim: &Claim, phase: Phase) -> PyResult<Claim> {
        self.0.slot(claim.slot()).map_err(invalid)?;
        let stepped = self.0.step(claim.0.handle(), phase.core());
        stepped.map(Claim).map_err(refused)
    }

    /// Gives the slot back in the resting phase `phase`; `new_plan` raises the plan generation.
    /// Raises `IllegalTransition` or `ClaimExpired`.
    #[pyo3(signature = (claim, phase, new_plan = false))]
    fn release(&self, claim: &Claim, phase: Phase, new_plan: bool) -> PyResult<Revision> {
        self.0.slot(claim.slot()).map_err(invalid)?;
        let advance = if new_plan { Advance::NewPlan } else { Advance::Keep };
        let released = self.0.release(claim.0.handle(), phase.core(), advance);
        released.map(Revision).map_err(refused)
    }

    /// Expires the claim, if any, and every revision built on `observed`. Raises `SlotChanged`.
    #[pyo3(signature = (slot, observed, /))]
    fn fence(&self, slot: usize, observed: &Revision) -> PyResult<Revision> {
        let slot = self.0.slot(slot).map_err(invalid)?;
        let fenced = self.0.fence(slot, observed.0);
        fenced.map(Revision).map_err(|changed| SlotChanged::new_err(changed.to_string()))
    }

    /// Whether `claim` still holds its slot.
    #[pyo3(signature = (claim, /))]
    fn is_current(&self, claim: &Claim) -> PyResult<bool> {
        self.0.slot(claim.slot()).map_err(invalid)?;
        Ok(self.0.is_current(&claim.0))
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape of map_err")]
fn invalid(error: Invalid) -> PyErr {
    PyValueError::new_err(error.to_string())
}

#[expect(clippy::needless_pass_by_value, reason = "the shape of map_err")]
fn refused(error: slot::Refused) -> PyErr {
    match error {
        slot::Refused::Illegal { .. } => IllegalTransition::new_err(error.to_string()),
        slot::Refused::Fenced { .. } => ClaimExpired::new_err(error.to_string()),
    }
}

/// Adds the classes and exceptions of this file to `m`.
///
/// # Errors
/// When Python refuses an attribute.
pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = m.py();
    m.add_class::<Phase>()?;
    m.add_class::<Revision>()?;
    m.add_class::<Claim>()?;
    m.add_class::<Busy>()?;
    m.add_class::<OrderSlots>()?;
    m.add("ClaimExpired", py.get_type::<ClaimExpired>())?;
    m.add("SlotChanged", py.get_type::<SlotChanged>())?;
    m.add("IllegalTransition", py.get_type::<IllegalTransition>())
}
