//! gzip, zip, and what a hostile or broken one may not do.

use std::fmt::Write;

use zip::CompressionMethod::{Deflated, Stored};

use super::{Scratch, TickFileOptions, Ticks, gzipped, name_only, read_path, zipped};

fn read(name: &str, bytes: &[u8]) -> Result<Ticks, String> {
    let file = Scratch::new(name, bytes);
    read_path(file.path(), TickFileOptions::default(), 1 << 20).map_err(|e| name_only(&e))
}

fn csv(first_ns: u64, rows: u64) -> String {
    let mut text = "timestamp_ns,price\n".to_owned();
    for i in 0..rows {
        // A price that changes at every row, so that the data does not deflate to nothing.
        let noise = i.wrapping_mul(6_364_136_223_846_793_005) >> 40;
        writeln!(text, "{},{}.5", first_ns + i, 40_000 + noise % 1000).expect("written to memory");
    }
    text
}

#[test]
fn every_container_gives_the_same_ticks() {
    let text = csv(0, 20_000);
    let plain = read("t.csv", text.as_bytes()).expect("good");
    assert_eq!(plain.ts_ns.len(), 20_000);
    let halves = [gzipped(&text.as_bytes()[..1000]), gzipped(&text.as_bytes()[1000..])].concat();
    for (name, bytes) in [
        ("t.csv.gz", gzipped(text.as_bytes())),
        ("t.gz", halves),
        ("no_extension", gzipped(text.as_bytes())),
        ("t.zip", zipped(&[("a.csv", text.as_bytes()), ("a.CHECKSUM", b"x")], Deflated)),
        ("t.zip", zipped(&[("a.CSV", text.as_bytes())], Stored)),
    ] {
        assert_eq!(read(name, &bytes).expect(name), plain, "{name}");
    }
}

#[test]
fn members_of_an_archive_follow_by_name_with_rows_and_errors_of_their_own() {
    let (one, two) = (csv(0, 3), csv(10, 2));
    let members = [("b.csv", two.as_bytes()), ("a.csv", one.as_bytes())];
    let ticks = read("t.zip", &zipped(&members, Deflated)).expect("good");
    assert_eq!(ticks.ts_ns, [0, 1, 2, 10, 11]);
    assert_eq!(ticks.rows, [2, 3, 4, 2, 3]);

    let swapped = [("b.csv", one.as_bytes()), ("a.csv", two.as_bytes())];
    assert_eq!(
        read("t.zip", &zipped(&swapped, Deflated)).expect_err("time goes back"),
        "t.zip:b.csv: row 2, column timestamp_ns: time goes back 11 ns behind the latest row above; allowed are 0 ns (allow_unsorted_ns)"
    );
}

#[test]
fn data_cut_short_is_one_error() {
    let text = csv(0, 50_000);
    let gz = gzipped(text.as_bytes());
    assert_eq!(
        read("t.csv.gz", &gz[..gz.len() / 2]).expect_err("cut").split_once(": row").map(|(file, _)| file),
        Some("t.csv.gz")
    );
    assert!(
        read("t.csv.gz", &gz[..gz.len() - 4])
            .expect_err("cut")
            .ends_with(": truncated: the compressed data ends before its end mark")
    );
    let archive = zipped(&[("a.csv", text.as_bytes())], Deflated);
    let error = read("t.zip", &archive[..archive.len() / 2]).expect_err("cut");
    assert!(error.starts_with("t.zip: truncated or damaged zip archive ("), "{error}");
    assert_eq!(read("t.zip", b"PK").expect_err("cut"), "t.zip: truncated or damaged: not a zip archive");
    assert_eq!(read("t.csv.gz", b"\x1f").expect_err("cut"), "t.csv.gz: truncated or damaged: not gzip data");
}

#[test]
fn a_damaged_member_is_found_by_its_checksum() {
    let text = csv(0, 100);
    let mut archive = zipped(&[("a.csv", text.as_bytes())], Stored);
    let at = archive.windows(3).position(|w| w == b".5\n").expect("a price");
    archive[at + 1] = b'6';
    let error = read("t.zip", &archive).expect_err("damaged");
    assert!(error.contains("damaged archive: the checksum is "), "{error}");
}

#[test]
fn an_archive_without_a_csv_and_other_containers_are_refused() {
    assert_eq!(
        read("t.zip", &zipped(&[("a.txt", b"x")], Stored)).expect_err("no csv"),
        "t.zip: zip archive without a .csv member; expected at least one"
    );
    assert_eq!(
        read("t.parquet", b"PAR1....").expect_err("parquet"),
        "t.parquet: is a Parquet file; this reader takes CSV, .csv.gz and .zip"
    );
    assert_eq!(
        read("t.csv.zst", b"\x28\xb5\x2f\xfd..").expect_err("zstd"),
        "t.csv.zst: is compressed with zstd; expected CSV, .csv.gz or .zip"
    );
    assert_eq!(
        read("t.zip", &zipped(&[("a.csv", b"")], Stored)).expect_err("empty"),
        "t.zip: file is empty; expected a CSV with one trade or bar a line"
    );
}

#[test]
fn a_missing_file_and_a_directory_are_refused() {
    let file = Scratch::new("t.csv", "");
    let absent = file.dir.join("absent.csv");
    let error = read_path(&absent, TickFileOptions::default(), 1).expect_err("absent");
    assert!(name_only(&error).starts_with("absent.csv: cannot be opened: "));
    let error = read_path(&file.dir, TickFileOptions::default(), 1).expect_err("a directory");
    assert_eq!(error.message, "is a directory; expected a file");
}

#[test]
fn a_decompression_bomb_is_refused() {
    let line = format!("1,1,{}\n", "0".repeat(30_000));
    let text = "timestamp_ns,price,note\n".to_owned() + &line.repeat(3000);
    for (name, bytes) in
        [("t.csv.gz", gzipped(text.as_bytes())), ("t.zip", zipped(&[("a.csv", text.as_bytes())], Deflated))]
    {
        assert!(text.len() / bytes.len() > 400, "far beyond the bound");
        let error = read(name, &bytes).err().unwrap_or_default();
        assert!(error.contains("as a decompression bomb does; at most 200 times"), "{error}");
    }
}

#[test]
fn rows_that_differ_only_by_their_time_are_no_bomb() {
    let mut text = "timestamp_ns,price\n".to_owned();
    for ts_ns in 0..3_500_000 {
        writeln!(text, "{},0.5", 1_700_000_000_000_000_000_u64 + ts_ns).expect("in memory");
    }
    assert!(text.len() > 64 << 20, "beyond what is always allowed");
    let ticks = read("t.csv.gz", &gzipped(text.as_bytes()));
    assert_eq!(ticks.map(|t| t.price.len()), Ok(3_500_000));
}
