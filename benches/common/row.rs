//! A line of the speed table.

/// How the ratio of a row is judged.
#[derive(Debug, Clone, Copy)]
pub enum Budget {
    AtLeast(f64),
    AtMost(f64),
}

/// One measurement beside its baseline.
#[derive(Debug, Clone)]
#[allow(clippy::struct_field_names, reason = "the column of the table is called `row`")]
pub struct Row {
    /// Name in the table of budgets, such as `S4`.
    pub row: &'static str,
    pub what: String,
    /// In `unit`, as is `baseline`.
    pub value: f64,
    pub baseline: Option<f64>,
    pub unit: &'static str,
    pub ratio: Option<f64>,
    /// Of the ratio. An absolute time has none: it is information.
    pub budget: Option<Budget>,
    /// Where the machine that the budgets were written for stands.
    pub note: String,
}

impl Row {
    /// How many times faster than its baseline.
    pub fn faster(row: &'static str, what: &str, value: f64, baseline: f64, unit: &'static str) -> Self {
        Self::of(row, what, value, Some(baseline), unit, Some(baseline / value))
    }

    /// How many times its baseline.
    pub fn times(row: &'static str, what: &str, value: f64, baseline: f64, unit: &'static str) -> Self {
        Self::of(row, what, value, Some(baseline), unit, Some(value / baseline))
    }

    /// A number without a baseline.
    pub fn alone(row: &'static str, what: &str, value: f64, unit: &'static str) -> Self {
        Self::of(row, what, value, None, unit, None)
    }

    fn of(
        row: &'static str,
        what: &str,
        value: f64,
        baseline: Option<f64>,
        unit: &'static str,
        ratio: Option<f64>,
    ) -> Self {
        Self { row, what: what.to_owned(), value, baseline, unit, ratio, budget: None, note: String::new() }
    }

    pub fn budget(self, budget: Budget) -> Self {
        Self { budget: Some(budget), ..self }
    }

    pub fn note(self, note: impl Into<String>) -> Self {
        Self { note: note.into(), ..self }
    }

    /// `None` when there is nothing to judge.
    pub fn is_ok(&self) -> Option<bool> {
        match (self.ratio?, self.budget?) {
            (ratio, Budget::AtLeast(least)) => Some(ratio >= least),
            (ratio, Budget::AtMost(most)) => Some(ratio <= most),
        }
    }

    /// One JSON object, without a line break.
    pub fn json(&self) -> String {
        let number = |value: Option<f64>| value.map_or("null".to_owned(), |value| format!("{value:.6}"));
        let budget = match self.budget {
            None => "null".to_owned(),
            Some(Budget::AtLeast(least)) => format!("\">= {least}\""),
            Some(Budget::AtMost(most)) => format!("\"<= {most}\""),
        };
        let ok = self.is_ok().map_or("null", |ok| if ok { "true" } else { "false" });
        format!(
            "{{\"row\":\"{}\",\"what\":\"{}\",\"value\":{},\"baseline\":{},\"unit\":\"{}\",\"ratio\":{},\"budget\":{budget},\"ok\":{ok},\"note\":\"{}\"}}",
            self.row,
            self.what,
            number(Some(self.value)),
            number(self.baseline),
            self.unit,
            number(self.ratio),
            self.note,
        )
    }
}
