//! A path as a sequence of CSV members: one for a plain or gzip file, one per CSV file of a zip archive.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{Cursor, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use zip::{CompressionMethod, ZipArchive};

use super::error::FileError;
use super::inflate::{Declared, Inflate};

/// One CSV text of a source.
pub(super) struct Member {
    /// How errors name it: the path, and the member where the archive has several.
    pub(super) label: Arc<str>,
    pub(super) bytes: Inflate,
}

struct ArchiveMember {
    name: String,
    start: u64,
    compressed_size: u64,
    declared: Declared,
    deflated: bool,
}

enum Pending {
    /// The first bytes, which were needed to know the format, and the rest.
    Plain(Box<dyn Read + Send>),
    Gzip(Box<dyn Read + Send>),
    Archive {
        file: File,
        members: VecDeque<ArchiveMember>,
        several: bool,
    },
    Done,
}

/// An opened tick or bar file. Members are handed out one after the other.
pub(super) struct Source {
    path: Arc<str>,
    pending: Pending,
    disk_bytes: Arc<AtomicU64>,
    total_bytes: u64,
}

impl Source {
    /// Opens `path` and recognises its container by its first bytes.
    ///
    /// # Errors
    /// When it cannot be opened, is empty, or its container is unknown, damaged or without a CSV.
    pub(super) fn open(path: &Path) -> Result<Self, FileError> {
        let label: Arc<str> = path.to_string_lossy().into();
        let fail = |message: String| FileError::whole(&*label, message);
        let mut file = File::open(path).map_err(|e| fail(format!("cannot be opened: {e}")))?;
        let meta = file.metadata().map_err(|e| fail(format!("cannot be read: {e}")))?;
        if meta.is_dir() {
            return Err(fail("is a directory; expected a file".to_owned()));
        }
        let mut head = Vec::with_capacity(4);
        file.by_ref().take(4).read_to_end(&mut head).map_err(|e| fail(format!("cannot be read: {e}")))?;
        let pending = pending(path, file, head).map_err(fail)?;
        Ok(Self { path: label, pending, disk_bytes: Arc::new(AtomicU64::new(0)), total_bytes: meta.len() })
    }

    /// The path as errors show it.
    pub(super) fn path(&self) -> &Arc<str> {
        &self.path
    }

    /// Size of the file on the disk; 0 when it is a pipe.
    pub(super) fn total_bytes(&self) -> u64 {
        self.total_bytes
    }

    /// Bytes of the file read so far, at most its size.
    pub(super) fn bytes_read(&self) -> u64 {
        self.disk_bytes.load(Ordering::Relaxed)
    }

    /// The next member, or `None` after the last.
    pub(super) fn next_member(&mut self) -> Result<Option<Member>, FileError> {
        let counter = Arc::clone(&self.disk_bytes);
        let whole = |bytes| Member { label: Arc::clone(&self.path), bytes };
        match std::mem::replace(&mut self.pending, Pending::Done) {
            Pending::Done => Ok(None),
            Pending::Plain(disk) => Ok(Some(whole(Inflate::plain(disk, None, counter)))),
            Pending::Gzip(disk) => Ok(Some(whole(Inflate::gzip(disk, counter)))),
            Pending::Archive { file, mut members, several } => {
                let Some(next) = members.pop_front() else {
                    return Ok(None);
                };
                let label: Arc<str> = if several {
                    format!("{}:{}", self.path, next.name).into()
                } else {
                    Arc::clone(&self.path)
                };
                let bytes = open_member(&file, &next, counter)
                    .map_err(|e| FileError::whole(&*label, format!("cannot be read: {e}")))?;
                self.pending = Pending::Archive { file, members, several };
                Ok(Some(Member { label, bytes }))
            }
        }
    }
}

fn pending(path: &Path, file: File, head: Vec<u8>) -> Result<Pending, String> {
    let named = |extension: &str| path.extension().is_some_and(|e| e.eq_ignore_ascii_case(extension));
    match head.as_slice() {
        [] => Err("file is empty; expected a CSV with one trade or bar a line".to_owned()),
        [0x1f, 0x8b, ..] => Ok(Pending::Gzip(Box::new(Cursor::new(head).chain(file)))),
        b"PK\x03\x04" | b"PK\x05\x06" => archive(file),
        b"PAR1" => Err("is a Parquet file; this reader takes CSV, .csv.gz and .zip".to_owned()),
        [0x28, 0xb5, 0x2f, 0xfd] => Err("is compressed with zstd; expected CSV, .csv.gz or .zip".to_owned()),
        _ if named("zip") => Err("truncated or damaged: not a zip archive".to_owned()),
        _ if named("gz") => Err("truncated or damaged: not gzip data".to_owned()),
        _ => Ok(Pending::Plain(Box::new(Cursor::new(head).chain(file)))),
    }
}

fn archive(file: File) -> Result<Pending, String> {
    let damaged = |e: zip::result::ZipError| format!("truncated or damaged zip archive ({e})");
    let mut archive = ZipArchive::new(file).map_err(damaged)?;
    let mut members = Vec::new();
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index).map_err(damaged)?;
        let name = entry.name().map_err(damaged)?.into_owned();
        if !entry.is_file() || !is_csv(&name) {
            continue;
        }
        if entry.encrypted() {
            return Err(format!("member {name:?} is encrypted; expected a plain archive"));
        }
        let deflated = match entry.compression() {
            CompressionMethod::Deflated => true,
            CompressionMethod::Stored => false,
            other => {
                return Err(format!("member {name:?} is compressed with {other}; expected deflate or none"));
            }
        };
        let start = entry
            .data_start()
            .ok_or_else(|| format!("truncated or damaged zip archive (member {name:?} has no data)"))?;
        members.push(ArchiveMember {
            start,
            compressed_size: entry.compressed_size(),
            declared: Declared { size: entry.size(), crc32: entry.crc32() },
            deflated,
            name,
        });
    }
    if members.is_empty() {
        return Err("zip archive without a .csv member; expected at least one".to_owned());
    }
    members.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(Pending::Archive { file: archive.into_inner(), several: members.len() > 1, members: members.into() })
}

fn is_csv(name: &str) -> bool {
    Path::new(name)
        .extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("csv"))
        // Finder adds a shadow file for every real one.
        && !name.starts_with("__MACOSX/")
}

fn open_member(file: &File, member: &ArchiveMember, counter: Arc<AtomicU64>) -> std::io::Result<Inflate> {
    let mut file = file.try_clone()?;
    file.seek(SeekFrom::Start(member.start))?;
    let data = file.take(member.compressed_size);
    Ok(if member.deflated {
        Inflate::deflate(data, member.declared, counter)
    } else {
        Inflate::plain(data, Some(member.declared), counter)
    })
}
