//! The speed table, Rust side: one JSON object a line. `--smoke` for tiny sizes, `S4 S5` for some rows.

mod common;
mod rows;

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| argument.starts_with('S')).collect();
    let is_wanted = |row: &str| wanted.is_empty() || wanted.iter().any(|name| name == row);
    rows::all(common::is_smoke(), is_wanted, |row| println!("{}", row.json()));
}
