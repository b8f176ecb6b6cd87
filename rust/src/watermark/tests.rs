use proptest::prelude::*;

use super::*;

const fn group(first_seq: u64, end_seq: u64, watermark: i64) -> WatermarkGroup {
    WatermarkGroup { first_seq, end_seq, watermark }
}

#[test]
fn an_empty_stack_has_no_watermark_and_ignores_prices() {
    let mut stack = WatermarkStack::new();
    stack.raise(i64::MAX);
    assert_eq!((stack.top_watermark(), stack.bottom()), (None, None));
    assert_eq!(stack.pop_bottom(), None);
    assert_eq!(stack.watermark_of(0), None);
}

#[test]
fn a_rally_moves_one_group() {
    let mut stack = WatermarkStack::new();
    stack.push(5);
    for gain in 6..100 {
        stack.raise(gain);
        assert_eq!(stack.bottom(), Some(group(0, 1, gain)));
    }
    stack.raise(50);
    assert_eq!(stack.top_watermark(), Some(99));
}

#[test]
fn a_new_high_merges_the_groups_it_passes_and_no_other() {
    let mut stack = WatermarkStack::new();
    for gain in [100, 50, 50, 20] {
        stack.push(gain);
    }
    assert_eq!(stack.groups(), 3);
    stack.raise(50);
    assert_eq!(stack.groups(), 2);
    assert_eq!(stack.bottom(), Some(group(0, 1, 100)));
    let watermarks: Vec<_> = (0..5).map(|seq| stack.watermark_of(seq)).collect();
    let expected = [Some(100), Some(50), Some(50), Some(50), None];
    assert_eq!(watermarks, expected);
}

#[test]
fn sequence_numbers_go_on_after_the_stack_was_emptied() {
    let mut stack = WatermarkStack::new();
    stack.push(10);
    assert_eq!(stack.pop_bottom(), Some(group(0, 1, 10)));
    assert_eq!(stack.push(30), 1);
    assert_eq!((stack.watermark_of(0), stack.watermark_of(1)), (None, Some(30)));
}

#[test]
#[should_panic(expected = "push of 11 above the top watermark Some(10)")]
fn a_push_above_the_top_is_refused() {
    let mut stack = WatermarkStack::new();
    stack.push(10);
    stack.push(11);
}

#[test]
fn the_largest_gain_is_a_watermark_like_any_other() {
    let mut stack = WatermarkStack::new();
    stack.push(7);
    stack.push(6);
    stack.raise(i64::MAX);
    assert_eq!(stack.bottom(), Some(group(0, 2, i64::MAX)));
    assert_eq!(stack.push(i64::MAX), 2);
    assert_eq!(stack.push(0), 3);
    assert_eq!(stack.groups(), 2);
}

/// Every member with its own watermark: the definition, one member at a time.
#[derive(Default)]
struct Model {
    members: Vec<(u64, i64)>,
    next_seq: u64,
}

impl Model {
    fn raise(&mut self, gain: i64) {
        for (_, watermark) in &mut self.members {
            *watermark = gain.max(*watermark);
        }
    }

    fn push(&mut self, gain: i64) -> u64 {
        self.members.push((self.next_seq, gain));
        self.next_seq += 1;
        self.next_seq - 1
    }

    fn bottom(&self) -> Option<WatermarkGroup> {
        let &(first_seq, watermark) = self.members.first()?;
        let after = self.members.iter().find(|member| member.1 != watermark);
        let end_seq = after.map_or(self.next_seq, |member| member.0);
        Some(group(first_seq, end_seq, watermark))
    }

    fn pop_bottom(&mut self) -> Option<WatermarkGroup> {
        let bottom = self.bottom()?;
        self.members.retain(|member| member.0 >= bottom.end_seq);
        Some(bottom)
    }

    fn watermark_of(&self, seq: u64) -> Option<i64> {
        let found = self.members.iter().find(|member| member.0 == seq);
        found.map(|member| member.1)
    }
}

#[derive(Debug, Clone)]
enum Op {
    Raise(i64),
    /// Pushes this far below the top.
    Push(i64),
    PopBottom,
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        2 => (-40..400_i64).prop_map(Op::Raise),
        6 => (0..4_i64).prop_map(Op::Push),
        1 => Just(Op::PopBottom),
    ]
}

proptest! {
    #[test]
    fn the_stack_agrees_with_one_watermark_per_member(
        ops in proptest::collection::vec(op(), 0..400),
    ) {
        let mut stack = WatermarkStack::new();
        let mut model = Model::default();
        let reader = stack.reader();
        for op in ops {
            match op {
                Op::Raise(gain) => {
                    stack.raise(gain);
                    model.raise(gain);
                }
                Op::Push(below) => {
                    let gain = stack.top_watermark().unwrap_or(300) - below;
                    prop_assert_eq!(stack.push(gain), model.push(gain));
                }
                Op::PopBottom => prop_assert_eq!(stack.pop_bottom(), model.pop_bottom()),
            }
            prop_assert_eq!(stack.bottom(), model.bottom());
            let top = model.members.last().map(|member| member.1);
            prop_assert_eq!(stack.top_watermark(), top);
        }
        for seq in 0..model.next_seq + 2 {
            prop_assert_eq!(stack.watermark_of(seq), model.watermark_of(seq));
            prop_assert_eq!(reader.watermark_of(seq), model.watermark_of(seq));
        }
    }

    #[test]
    fn many_groups_survive_the_growth_of_the_ring(falls in 100..1000_i64, popped in 0..40_i64) {
        let mut stack = WatermarkStack::new();
        let reader = stack.reader();
        for n in 0..falls / 2 {
            stack.push(-n);
        }
        for _ in 0..popped {
            stack.pop_bottom();
        }
        for n in falls / 2..falls {
            stack.push(-n);
        }
        for n in 0..falls {
            let seq = u64::try_from(n).expect("not negative");
            prop_assert_eq!(reader.watermark_of(seq), (n >= popped).then_some(-n));
        }
    }
}
