//! One switch between the real atomics and those of the model checker.
