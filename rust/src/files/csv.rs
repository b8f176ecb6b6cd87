//! Lines and fields of CSV members, in constant memory.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use csv_core::ReadRecordResult;
use memchr::{memchr, memchr_iter, memchr2_iter};

use super::error::{Fault, FileError};
use super::inflate::Inflate;
use super::source::Source;

const BUFFER_BYTES: usize = 256 << 10;
/// A line of trades has about 80 bytes. Something without line ends is no CSV.
const MAX_LINE_BYTES: usize = 64 << 10;

struct Lines {
    input: Inflate,
    buf: Box<[u8]>,
    start: usize,
    end: usize,
    ended: bool,
    /// 1-based number of the line that was handed out last.
    row: u64,
}

impl Lines {
    fn new(input: Inflate) -> Self {
        Self { input, buf: vec![0; BUFFER_BYTES].into(), start: 0, end: 0, ended: false, row: 0 }
    }

    /// Where the next line lies in `buf`, without its end mark; `None` after the last.
    #[inline]
    fn next(&mut self) -> Result<Option<Range<usize>>, String> {
        let mut searched = self.start;
        loop {
            if let Some(at) = memchr(b'\n', &self.buf[searched..self.end]) {
                let end = searched + at;
                return Ok(Some(self.take(end, end + 1)));
            }
            if self.ended {
                return Ok((self.start < self.end).then(|| self.take(self.end, self.end)));
            }
            let seen = self.end - self.start;
            self.fill()?;
            searched = self.start + seen;
        }
    }

    #[inline]
    fn take(&mut self, end: usize, next: usize) -> Range<usize> {
        let start = std::mem::replace(&mut self.start, next);
        self.row += 1;
        let carriage_return = end > start && self.buf[end - 1] == b'\r';
        start..end - usize::from(carriage_return)
    }

    /// Hands `line`, the last one taken, out again.
    fn put_back(&mut self, line: &Range<usize>) {
        self.start = line.start;
        self.row -= 1;
    }

    fn fill(&mut self) -> Result<(), String> {
        if self.end - self.start > MAX_LINE_BYTES {
            self.row += 1;
            return Err(format!(
                "the line is longer than {MAX_LINE_BYTES} bytes; expected a CSV with one trade or bar a line"
            ));
        }
        self.buf.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        let n = self.input.read(&mut self.buf[self.end..])?;
        self.end += n;
        self.ended = n == 0;
        Ok(())
    }
}

/// First line of a member that is neither blank nor a comment.
pub(super) struct Head {
    pub(super) fields: Vec<String>,
    /// Whether it names columns. A line without a single number does.
    pub(super) is_header: bool,
}

/// One data row, split into fields.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    /// 1-based line of the file.
    pub(super) number: u64,
    text: &'a [u8],
    bounds: &'a [(u32, u32)],
}

impl<'a> Row<'a> {
    #[inline]
    fn len(&self) -> usize {
        self.bounds.len()
    }

    /// Refuses a row that has not one field for each of `names`.
    #[inline]
    pub(super) fn expect_fields(&self, names: &[String]) -> Result<(), Fault> {
        if self.len() == names.len() { Ok(()) } else { Err(wrong_length(self.len(), names)) }
    }

    /// The bytes of field `index`, which must be below `len`.
    #[inline]
    pub(super) fn field(&self, index: usize) -> &'a [u8] {
        let (start, end) = self.bounds[index];
        &self.text[start as usize..end as usize]
    }
}

#[cold]
fn wrong_length(found: usize, names: &[String]) -> Fault {
    Fault::row(format!(
        "{found} field{}; expected {} ({})",
        if found == 1 { "" } else { "s" },
        names.len(),
        names.join(", ")
    ))
}

/// The rows of a source, member after member.
pub(super) struct Csv {
    source: Source,
    label: Arc<str>,
    lines: Lines,
    head_row: u64,
    member_has_rows: bool,
    bounds: Vec<(u32, u32)>,
    unquoted: Vec<u8>,
}

impl Csv {
    /// Opens the first member of `path` and reads its head.
    pub(super) fn open(path: &Path) -> Result<(Self, Head), FileError> {
        let mut source = Source::open(path)?;
        let Some(member) = source.next_member()? else {
            return Err(empty(source.path()));
        };
        let mut csv = Self {
            source,
            label: member.label,
            lines: Lines::new(member.bytes),
            head_row: 0,
            member_has_rows: false,
            bounds: Vec::new(),
            unquoted: Vec::new(),
        };
        let head = csv.read_head()?;
        Ok((csv, head))
    }

    pub(super) fn source(&self) -> &Source {
        &self.source
    }

    /// Name of the current member, as errors show it.
    pub(super) fn label(&self) -> &Arc<str> {
        &self.label
    }

    /// `fault` with the current file and row.
    #[cold]
    pub(super) fn error(&self, fault: Fault) -> FileError {
        self.error_at(self.lines.row, fault)
    }

    /// `fault` with the current file and the row of its head.
    #[cold]
    pub(super) fn head_error(&self, fault: Fault) -> FileError {
        self.error_at(self.head_row, fault)
    }

    fn error_at(&self, row: u64, fault: Fault) -> FileError {
        FileError {
            path: self.label.to_string(),
            row: (row > 0).then_some(row),
            column: fault.column,
            message: fault.message,
        }
    }

    /// Goes to the next member and reads its head; `None` after the last member.
    pub(super) fn next_member(&mut self) -> Result<Option<Head>, FileError> {
        let Some(member) = self.source.next_member()? else {
            return Ok(None);
        };
        self.label = member.label;
        self.lines = Lines::new(member.bytes);
        self.member_has_rows = false;
        self.read_head().map(Some)
    }

    fn read_head(&mut self) -> Result<Head, FileError> {
        loop {
            let Some(mut line) = self.next_line()? else {
                return Err(empty(&self.label));
            };
            let byte_order_mark = b"\xef\xbb\xbf";
            if self.lines.row == 1 && self.lines.buf[line.clone()].starts_with(byte_order_mark) {
                line.start += byte_order_mark.len();
            }
            if line.is_empty() || self.lines.buf[line.start] == b'#' {
                continue;
            }
            self.head_row = self.lines.row;
            let row = self.split(line.clone())?;
            let fields: Vec<String> =
                (0..row.len()).map(|i| String::from_utf8_lossy(row.field(i)).trim().to_owned()).collect();
            let is_header = !fields.iter().any(|f| f.parse::<f64>().is_ok());
            if !is_header {
                self.lines.put_back(&line);
            }
            return Ok(Head { fields, is_header });
        }
    }

    /// The next row of the current member that is not blank; `None` after its last.
    #[inline]
    pub(super) fn next_row(&mut self) -> Result<Option<Row<'_>>, FileError> {
        loop {
            match self.next_line()? {
                Some(line) if line.is_empty() => {}
                Some(line) => {
                    self.member_has_rows = true;
                    return self.split(line).map(Some);
                }
                None if self.member_has_rows => return Ok(None),
                None => {
                    return Err(FileError::whole(
                        &*self.label,
                        "no rows after the header; expected one trade or bar a line",
                    ));
                }
            }
        }
    }

    #[inline]
    fn next_line(&mut self) -> Result<Option<Range<usize>>, FileError> {
        match self.lines.next() {
            Ok(line) => Ok(line),
            Err(message) => Err(self.error(Fault::row(message))),
        }
    }

    #[inline]
    fn split(&mut self, line: Range<usize>) -> Result<Row<'_>, FileError> {
        let line = &self.lines.buf[line];
        let text = if split_plain(line, &mut self.bounds) {
            line
        } else {
            split_quoted(line, &mut self.unquoted, &mut self.bounds).map_err(|fault| self.error(fault))?;
            &self.unquoted
        };
        Ok(Row { number: self.lines.row, text, bounds: &self.bounds })
    }
}

#[cold]
fn empty(label: &str) -> FileError {
    FileError::whole(label, "file is empty; expected a CSV with one trade or bar a line")
}

/// Writes where the fields of `line` lie; `false` when it has a quote, and `bounds` means nothing.
#[inline]
#[allow(clippy::cast_possible_truncation, reason = "a line lies in a buffer of BUFFER_BYTES")]
fn split_plain(line: &[u8], bounds: &mut Vec<(u32, u32)>) -> bool {
    bounds.clear();
    let mut start = 0;
    for at in memchr2_iter(b',', b'"', line) {
        if line[at] == b'"' {
            return false;
        }
        bounds.push((start, at as u32));
        start = at as u32 + 1;
    }
    bounds.push((start, line.len() as u32));
    true
}

/// The same for a line with quotes: `unquoted` holds the fields without them.
#[cold]
#[allow(clippy::cast_possible_truncation, reason = "a line lies in a buffer of BUFFER_BYTES")]
fn split_quoted(line: &[u8], unquoted: &mut Vec<u8>, bounds: &mut Vec<(u32, u32)>) -> Result<(), Fault> {
    if memchr_iter(b'"', line).count() % 2 == 1 {
        return Err(Fault::row("a quoted field does not end on its line; expected a closing quote"));
    }
    unquoted.resize(line.len(), 0);
    let mut ends = vec![0; line.len() + 1];
    // By default a carriage return ends a record too; inside a line it is data.
    let mut reader = csv_core::ReaderBuilder::new().terminator(csv_core::Terminator::Any(b'\n')).build();
    let (first, read, written, fields) = reader.read_record(line, unquoted, &mut ends);
    // An empty input tells csv-core that the record has ended.
    let (last, _, _, last_fields) = reader.read_record(&[], &mut unquoted[written..], &mut ends[fields..]);
    if (first, last) != (ReadRecordResult::InputEmpty, ReadRecordResult::Record) || read < line.len() {
        return Err(Fault::row("the quotes do not enclose whole fields; expected \"a\",\"b\""));
    }
    bounds.clear();
    let mut start = 0;
    for &end in &ends[..fields + last_fields] {
        bounds.push((start, end as u32));
        start = end as u32;
    }
    Ok(())
}
