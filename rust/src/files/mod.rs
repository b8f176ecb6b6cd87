//! Tick files in, streamed.
