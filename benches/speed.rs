//! The speed table, Rust side: one JSON object a line. `--smoke` for tiny sizes, `S4 S5` for some rows.

#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "sizes and times of a benchmark are far below 2^52"
)]

mod common;
mod rows;

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| argument.starts_with('S')).collect();
    let is_wanted = |row: &str| wanted.is_empty() || wanted.iter().any(|name| name == row);
    rows::all(common::is_smoke(), is_wanted, |row| println!("{}", row.json()));
}
