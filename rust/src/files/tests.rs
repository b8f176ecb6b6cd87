//! Files written for one test each, and read back through the public readers.

use std::io::Write;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::{FileError, TickFileOptions, TickReader};

mod bars;
mod containers;
mod ticks;

/// A file in a directory of its own, removed with it.
struct Scratch {
    dir: PathBuf,
    path: PathBuf,
}

impl Scratch {
    fn new(name: &str, bytes: impl AsRef<[u8]>) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        let dir = std::env::temp_dir().join(format!("qe-files-{}-{id}", std::process::id()));
        std::fs::create_dir_all(&dir).expect("a temporary directory");
        let path = dir.join(name);
        std::fs::write(&path, bytes).expect("a temporary file");
        Self { dir, path }
    }

    fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.dir).expect("the directory is still there");
    }
}

fn size(rows: usize) -> NonZeroUsize {
    NonZeroUsize::new(rows).expect("not 0")
}

/// Everything a tick file holds.
#[derive(Debug, Default, PartialEq)]
struct Ticks {
    ts_ns: Vec<i64>,
    price: Vec<f64>,
    rows: Vec<u64>,
    non_market: u64,
    format: &'static str,
}

fn read_path(path: &Path, options: TickFileOptions, batch: usize) -> Result<Ticks, FileError> {
    let mut reader = TickReader::open(path, options)?;
    let mut all = Ticks::default();
    while let Some(batch) = reader.next_batch(size(batch))? {
        all.rows.extend((0..batch.rows.len()).filter_map(|i| batch.rows.row_of(i)));
        all.ts_ns.extend(batch.ts_ns);
        all.price.extend(batch.price);
    }
    all.non_market = reader.non_market();
    all.format = reader.format();
    Ok(all)
}

fn read(text: impl AsRef<[u8]>) -> Result<Ticks, FileError> {
    let file = Scratch::new("t.csv", text);
    read_path(file.path(), TickFileOptions::default(), 1000)
}

/// The error of `text` without the directory.
fn refusal(text: impl AsRef<[u8]>) -> String {
    let error = read(text).expect_err("the file is refused");
    name_only(&error)
}

fn name_only(error: &FileError) -> String {
    let text = error.to_string();
    let dir = error.path.rfind(std::path::MAIN_SEPARATOR).map_or(0, |at| at + 1);
    text[dir..].to_owned()
}

fn zipped(members: &[(&str, &[u8])], method: zip::CompressionMethod) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(method);
    for (name, bytes) in members {
        archive.start_file(*name, options).expect("a new member");
        archive.write_all(bytes).expect("written to memory");
    }
    archive.finish().expect("written to memory").into_inner()
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).expect("written to memory");
    encoder.finish().expect("written to memory")
}
