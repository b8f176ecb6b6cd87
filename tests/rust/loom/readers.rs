//! Readers of snapshots and watermarks under their writer.

use loom::thread;
use quantum_exit::snapshot::{PositionSnapshot, Snapshot, SnapshotWriter};
use quantum_exit::sync::Arc;
use quantum_exit::units::Side;
use quantum_exit::watermark::{GroupId, WatermarkDirectory, WatermarkStack};

/// Involuntary switches allowed in an execution of a model with readers that retry. Two are enough
/// to find every ordering of the seqlock, the ring and the length that is too weak; with three
/// these models take minutes.
const PREEMPTIONS: usize = 2;

fn bounded(model: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(PREEMPTIONS);
    builder.check(model);
}

fn snapshot(n: i64) -> Snapshot {
    Snapshot { stop: n, watermark: n + 100, remaining: -n, revision: n.unsigned_abs(), group: None }
}

#[test]
fn a_snapshot_is_never_torn_and_never_goes_back() {
    bounded(|| {
        let mut writer = SnapshotWriter::new();
        let index = writer.push(snapshot(0));
        let table = writer.table();
        let reader = thread::spawn(move || {
            let cell = table.cell(index).expect("pushed before");
            let first = cell.try_read();
            let second = cell.read();
            for seen in first.into_iter().chain([second]) {
                assert_eq!(seen, snapshot(seen.stop));
            }
            assert!(first.is_none_or(|first| first.stop <= second.stop));
        });
        writer.publish(index, snapshot(1));
        writer.publish(index, snapshot(2));
        reader.join().expect("no panic");
    });
}

#[test]
fn a_cell_below_the_length_exists_and_holds_its_first_snapshot() {
    bounded(|| {
        let mut writer = SnapshotWriter::new();
        let table = writer.table();
        let reader = thread::spawn(move || {
            let mut n = 0;
            while let Some(cell) = usize::try_from(n).ok().and_then(|i| table.cell(i)) {
                assert_eq!(cell.try_read(), Some(snapshot(n)));
                n += 1;
            }
        });
        for n in 0..2 {
            writer.push(snapshot(n));
        }
        reader.join().expect("no panic");
    });
}

/// Runs `write` against a reader of member `seq`, which may only ever see one of `allowed`.
fn read_during(
    begin: &'static [i64],
    seq: u64,
    allowed: &'static [Option<i64>],
    write: fn(&mut WatermarkStack),
) {
    bounded(move || {
        let mut stack = WatermarkStack::new();
        for &gain in begin {
            stack.push(gain);
        }
        let view = stack.reader();
        let reader = thread::spawn(move || {
            // In the order in which they become true, so a later read never finds an earlier one.
            let place = |seen| allowed.iter().position(|&value| value == seen);
            let first = place(view.watermark_of(seq)).expect("an allowed watermark");
            let second = place(view.watermark_of(seq)).expect("an allowed watermark");
            assert!(first <= second);
        });
        write(&mut stack);
        reader.join().expect("no panic");
    });
}

#[test]
fn a_reader_sees_each_raise_of_a_rally_in_order() {
    let allowed = &[Some(10), Some(11), Some(12)];
    read_during(&[10], 0, allowed, |stack| {
        stack.raise(11);
        stack.raise(12);
    });
}

#[test]
fn a_reader_sees_a_merge_at_once_or_not_yet() {
    let allowed = &[Some(10), Some(25), Some(26)];
    read_during(&[30, 20, 10], 2, allowed, |stack| {
        stack.raise(25);
        stack.raise(26);
    });
}

#[test]
fn a_reader_is_not_misled_by_a_slot_that_is_used_again() {
    // The merge frees the place of group 10 and the push fills it with a younger member.
    let allowed = &[Some(10), Some(25)];
    read_during(&[20, 10], 1, allowed, |stack| {
        stack.raise(25);
        stack.push(5);
    });
}

#[test]
fn a_reader_finds_a_new_member_with_the_watermark_it_joined() {
    let allowed = &[None, Some(7), Some(8)];
    read_during(&[5], 1, allowed, |stack| {
        stack.raise(7);
        stack.push(7);
        stack.raise(8);
    });
}

#[test]
fn a_reader_follows_the_stack_into_a_larger_ring() {
    let allowed = &[Some(10), Some(11)];
    read_during(&[20, 10], 1, allowed, |stack| {
        stack.push(5);
        stack.raise(11);
    });
}

#[test]
fn a_reader_loses_a_member_when_its_group_is_popped() {
    let allowed = &[Some(20), None];
    read_during(&[20, 10], 0, allowed, |stack| {
        stack.pop_bottom();
        stack.push(5);
    });
}

/// The tick thread of one position that trails: its cell and two stacks it may be in.
struct Tape {
    cells: SnapshotWriter,
    stacks: [WatermarkStack; 2],
    entered_as: [u32; 2],
}

impl Tape {
    /// Publishes an event of the position: from now on it is member `seq` of a stack, or of none.
    fn publish(&mut self, revision: u64, watermark: i64, member: Option<(usize, u64)>) {
        let group = member.and_then(|(stack, seq)| GroupId::new(self.entered_as[stack], seq));
        let stop = i64::try_from(revision).expect("small");
        self.cells.publish(0, Snapshot { stop, watermark, remaining: stop, revision, group });
    }
}

/// Runs `write` against a reader of a position at (revision 1, watermark 10), which may only ever see
/// one of `allowed`, in this order.
fn read_position_during(allowed: &'static [(u64, i64)], write: fn(&mut Tape)) {
    bounded(move || {
        let directory = Arc::new(WatermarkDirectory::new());
        let stacks = [WatermarkStack::new(), WatermarkStack::new()];
        let entered_as = stacks.each_ref().map(|stack| directory.enter(Side::Long, stack.reader()));
        let mut tape = Tape { cells: SnapshotWriter::new(), stacks, entered_as };
        let table = tape.cells.table();
        let cell = tape.cells.push(Snapshot::default());
        let seq = tape.stacks[0].push(10);
        tape.publish(1, 10, Some((0, seq)));
        let reader = thread::spawn(move || {
            let read = || {
                let seen = PositionSnapshot::read(table.cell(cell).expect("pushed before"), &directory);
                let revision = i64::try_from(seen.revision).expect("small");
                assert_eq!((seen.stop.0, seen.remaining.0), (revision, revision), "torn");
                let watermark = seen.watermark.expect("it trails").0;
                let place = allowed.iter().position(|&state| state == (seen.revision, watermark));
                place.unwrap_or_else(|| panic!("revision {revision} with watermark {watermark}"))
            };
            let (first, second) = (read(), read());
            assert!(first <= second);
        });
        write(&mut tape);
        reader.join().expect("no panic");
    });
}

#[test]
fn a_watermark_is_never_older_than_the_revision_nor_a_revision_older_than_the_tick_before() {
    read_position_during(&[(1, 10), (1, 11), (2, 11), (2, 12)], |tape| {
        tape.stacks[0].raise(11);
        tape.publish(2, 11, Some((0, 0)));
        tape.stacks[0].raise(12);
    });
}

#[test]
fn a_position_whose_group_is_thrown_away_keeps_its_watermark() {
    read_position_during(&[(1, 10), (1, 11), (2, 11)], |tape| {
        tape.stacks[0].raise(11);
        tape.stacks[0].pop_bottom();
        tape.publish(2, 11, None);
    });
}

#[test]
fn a_position_that_changes_its_callback_takes_its_watermark_along() {
    read_position_during(&[(1, 10), (2, 10), (2, 11)], |tape| {
        tape.stacks[0].pop_bottom();
        let seq = tape.stacks[1].push(10);
        tape.publish(2, 10, Some((1, seq)));
        tape.stacks[1].raise(11);
    });
}
