//! Bytes of one member, inflated as they are read, with a bound on what a small file may grow to.

use std::io::{self, BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::Crc;
use flate2::bufread::{DeflateDecoder, MultiGzDecoder};

/// Inflated bytes that are always allowed, however small the file.
const FREE_BYTES: u64 = 64 << 20;
/// Bound on inflated bytes for each compressed byte read so far. Recorded trade files inflate 4 to
/// 11 times, rows that differ only by their time stamp 7 times, runs of one byte about 1000 times.
const MAX_RATIO: u64 = 200;

/// Counts what is read from the disk, for progress and for the inflation bound.
#[derive(Debug)]
pub(super) struct Counted<R> {
    inner: R,
    bytes: Arc<AtomicU64>,
}

impl<R> Counted<R> {
    pub(super) fn new(inner: R, bytes: Arc<AtomicU64>) -> Self {
        Self { inner, bytes }
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        self.bytes.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

/// Length and checksum that an archive's directory declares for a member.
#[derive(Debug, Clone, Copy)]
pub(super) struct Declared {
    pub(super) size: u64,
    pub(super) crc32: u32,
}

type Disk = Box<dyn Read + Send>;

enum Decoder {
    Plain(Disk),
    Gzip(MultiGzDecoder<BufReader<Disk>>),
    Deflate(DeflateDecoder<BufReader<Disk>>),
}

/// One member of a source as a stream of plain bytes.
pub(super) struct Inflate {
    decoder: Decoder,
    declared: Option<(Declared, Crc)>,
    disk_bytes: Arc<AtomicU64>,
    disk_bytes_before: u64,
    out_bytes: u64,
}

impl Inflate {
    fn new(decoder: Decoder, declared: Option<Declared>, disk_bytes: Arc<AtomicU64>) -> Self {
        Self {
            decoder,
            declared: declared.map(|d| (d, Crc::new())),
            disk_bytes_before: disk_bytes.load(Ordering::Relaxed),
            disk_bytes,
            out_bytes: 0,
        }
    }

    pub(super) fn plain(
        disk: impl Read + Send + 'static,
        declared: Option<Declared>,
        disk_bytes: Arc<AtomicU64>,
    ) -> Self {
        let counted = Counted::new(disk, Arc::clone(&disk_bytes));
        Self::new(Decoder::Plain(Box::new(counted)), declared, disk_bytes)
    }

    pub(super) fn gzip(disk: impl Read + Send + 'static, disk_bytes: Arc<AtomicU64>) -> Self {
        let decoder = MultiGzDecoder::new(buffered(disk, &disk_bytes));
        Self::new(Decoder::Gzip(decoder), None, disk_bytes)
    }

    pub(super) fn deflate(
        disk: impl Read + Send + 'static,
        declared: Declared,
        disk_bytes: Arc<AtomicU64>,
    ) -> Self {
        let decoder = DeflateDecoder::new(buffered(disk, &disk_bytes));
        Self::new(Decoder::Deflate(decoder), Some(declared), disk_bytes)
    }

    /// Reads into `buf` and returns the number of bytes, 0 at the end.
    ///
    /// # Errors
    /// The sentence for the user: data cut short, damaged, or inflating without end.
    pub(super) fn read(&mut self, buf: &mut [u8]) -> Result<usize, String> {
        let n = loop {
            let result = match &mut self.decoder {
                Decoder::Plain(r) => r.read(buf),
                Decoder::Gzip(r) => r.read(buf),
                Decoder::Deflate(r) => r.read(buf),
            };
            match result {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                other => break other.map_err(|e| self.describe(&e))?,
            }
        };
        self.out_bytes += n as u64;
        self.check_ratio()?;
        self.check_declared(&buf[..n])?;
        Ok(n)
    }

    fn check_ratio(&self) -> Result<(), String> {
        if self.out_bytes <= FREE_BYTES || matches!(self.decoder, Decoder::Plain(_)) {
            return Ok(());
        }
        let disk = self.disk_bytes.load(Ordering::Relaxed) - self.disk_bytes_before;
        if self.out_bytes / MAX_RATIO <= disk {
            return Ok(());
        }
        Err(format!(
            "{disk} compressed bytes inflate to more than {} bytes, as a decompression bomb does; \
             at most {MAX_RATIO} times the compressed size is allowed",
            self.out_bytes
        ))
    }

    fn check_declared(&mut self, chunk: &[u8]) -> Result<(), String> {
        let Some((declared, crc)) = &mut self.declared else {
            return Ok(());
        };
        crc.update(chunk);
        let ended = chunk.is_empty();
        if self.out_bytes > declared.size || (ended && self.out_bytes < declared.size) {
            return Err(format!(
                "truncated or damaged archive: the directory declares {} bytes, the data holds {}{}",
                declared.size,
                self.out_bytes,
                if ended { "" } else { " or more" },
            ));
        }
        if ended && crc.sum() != declared.crc32 {
            return Err(format!(
                "damaged archive: the checksum is {:08x}, the directory declares {:08x}",
                crc.sum(),
                declared.crc32
            ));
        }
        Ok(())
    }

    fn describe(&self, error: &io::Error) -> String {
        match (&self.decoder, error.kind()) {
            (Decoder::Plain(_), _) => format!("cannot be read: {error}"),
            (_, io::ErrorKind::UnexpectedEof) => {
                "truncated: the compressed data ends before its end mark".to_owned()
            }
            (_, io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData) => {
                format!("damaged compressed data ({error})")
            }
            _ => format!("cannot be read: {error}"),
        }
    }
}

fn buffered(disk: impl Read + Send + 'static, disk_bytes: &Arc<AtomicU64>) -> BufReader<Disk> {
    const DISK_BUFFER_BYTES: usize = 64 << 10;
    let counted: Disk = Box::new(Counted::new(disk, Arc::clone(disk_bytes)));
    BufReader::with_capacity(DISK_BUFFER_BYTES, counted)
}
