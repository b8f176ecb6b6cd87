//! The two calls that every tick makes, without the argument parsing of pyo3.
//!
//! A pyo3 method parses names, defaults and keywords and counts the attachment of its thread, which
//! together cost more than the engine's work on a quiet tick. A method descriptor with `METH_FASTCALL`
//! hands over the three integers as they are; whatever is not quiet goes the ordinary way.

use std::ffi::{CStr, c_int};

use pyo3::exceptions::PyTypeError;
use pyo3::ffi;
use pyo3::prelude::*;

use super::engine::{Events, PyEngine};
use crate::tick::Source;

const ON_TICK: &CStr = c"on_tick($self, symbol_id, price_ticks, ts_ns, /)\n--\n\nA trade price in ticks.";
const ON_MARK: &CStr = c"on_mark($self, symbol_id, price_ticks, ts_ns, /)\n--\n\nA mark price in ticks.";

/// Gives the class `Engine` its methods `on_tick` and `on_mark`.
pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = m.py();
    let class = py.get_type::<PyEngine>();
    for (name, doc, call) in [
        (c"on_tick", ON_TICK, on_tick as ffi::PyCFunctionFast),
        (c"on_mark", ON_MARK, on_mark as ffi::PyCFunctionFast),
    ] {
        // The descriptor keeps a pointer to its definition for as long as the class lives: for ever.
        let definition = Box::leak(Box::new(ffi::PyMethodDef {
            ml_name: name.as_ptr(),
            ml_meth: ffi::PyMethodDefPointer { PyCFunctionFast: call },
            ml_flags: ffi::METH_FASTCALL as c_int,
            ml_doc: doc.as_ptr(),
        }));
        // SAFETY: the class is a type object, and the definition is complete and outlives it.
        let method = unsafe {
            let method = ffi::PyDescr_NewMethod(class.as_type_ptr(), definition);
            Bound::from_owned_ptr_or_err(py, method)?
        };
        class.setattr(name, method)?;
    }
    Ok(())
}

unsafe extern "C" fn on_tick(
    slf: *mut ffi::PyObject,
    args: *mut *mut ffi::PyObject,
    nargs: ffi::Py_ssize_t,
) -> *mut ffi::PyObject {
    // SAFETY: the arguments are those of a method descriptor, unchanged.
    unsafe { tick(slf, args, nargs, Source::Last) }
}

unsafe extern "C" fn on_mark(
    slf: *mut ffi::PyObject,
    args: *mut *mut ffi::PyObject,
    nargs: ffi::Py_ssize_t,
) -> *mut ffi::PyObject {
    // SAFETY: the arguments are those of a method descriptor, unchanged.
    unsafe { tick(slf, args, nargs, Source::Mark) }
}

/// # Safety
/// The arguments are those with which Python calls a `METH_FASTCALL` method of `Engine`.
#[inline]
unsafe fn tick(
    slf: *mut ffi::PyObject,
    args: *mut *mut ffi::PyObject,
    nargs: ffi::Py_ssize_t,
    source: Source,
) -> *mut ffi::PyObject {
    // SAFETY: Python calls methods on attached threads only.
    let py = unsafe { Python::assume_attached() };
    // SAFETY: the descriptor has checked that the receiver is an `Engine`, and it lives for the call.
    let engine = unsafe { Borrowed::<PyAny>::from_ptr(py, slf).cast_unchecked::<PyEngine>() };
    // SAFETY: there are `nargs` arguments.
    let result = unsafe { integers(args, nargs) }
        .and_then(|[symbol, price, ts]| engine.get().tick(py, symbol, source, price, ts));
    match result {
        // SAFETY: the interpreter is attached.
        Ok(None) => unsafe { ffi::Py_NewRef(ffi::Py_None()) },
        other => finish(other),
    }
}

/// Three integers.
///
/// # Safety
/// `args` points to `nargs` objects; the interpreter is attached.
#[inline]
unsafe fn integers(args: *mut *mut ffi::PyObject, nargs: ffi::Py_ssize_t) -> PyResult<[i64; 3]> {
    if nargs != 3 {
        return Err(wrong_count(nargs));
    }
    let mut integers = [0; 3];
    for (at, integer) in integers.iter_mut().enumerate() {
        // SAFETY: there are three arguments.
        *integer = unsafe { ffi::PyLong_AsLongLong(*args.add(at)) };
        // SAFETY: the interpreter is attached.
        if *integer == -1 && unsafe { !ffi::PyErr_Occurred().is_null() } {
            return Err(Python::attach(PyErr::fetch));
        }
    }
    Ok(integers)
}

#[cold]
fn wrong_count(given: ffi::Py_ssize_t) -> PyErr {
    PyTypeError::new_err(format!("expected symbol_id, price_ticks and ts_ns; {given} arguments were given"))
}

/// The object or the exception of a call that was not quiet.
#[cold]
fn finish(result: PyResult<Option<Events>>) -> *mut ffi::PyObject {
    Python::attach(|py| match result.and_then(|events| events.into_pyobject(py)) {
        Ok(object) => object.into_ptr(),
        Err(error) => {
            error.restore(py);
            std::ptr::null_mut()
        }
    })
}
