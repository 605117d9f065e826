//! Figures with their limits, and the middle one of several runs.

use std::fmt;

use serde_json::{Map, Value, json};

/// A figure of one run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Figure {
    /// Its name, which ends with its unit.
    pub(super) name: &'static str,
    pub(super) value: f64,
    /// The most that it may be, if that is limited.
    pub(super) limit: Option<f64>,
}

impl Figure {
    /// One that is only told.
    pub(super) fn told(name: &'static str, value: f64) -> Self {
        Self { name, value, limit: None }
    }

    pub(super) fn limited(name: &'static str, value: f64, limit: f64) -> Self {
        Self { name, value, limit: Some(limit) }
    }

    pub(super) fn is_beyond(&self) -> bool {
        self.limit.is_some_and(|limit| self.value > limit)
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:.1}", self.name, self.value)?;
        match self.limit {
            Some(limit) if self.is_beyond() => write!(f, " (BEYOND {limit:.1})"),
            Some(limit) => write!(f, " (of {limit:.1})"),
            None => Ok(()),
        }
    }
}

/// The middle one of each figure, and of its limit. All runs have the same figures.
pub(super) fn middle(runs: &[Vec<Figure>]) -> Vec<Figure> {
    let Some(first) = runs.first() else { return Vec::new() };
    let all = |at: usize| runs.iter().filter_map(move |run| run.get(at));
    let figure = |(at, one): (usize, &Figure)| Figure {
        name: one.name,
        value: middle_of(all(at).map(|figure| figure.value)).unwrap_or_default(),
        limit: middle_of(all(at).filter_map(|figure| figure.limit)),
    };
    first.iter().enumerate().map(figure).collect()
}

fn middle_of(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

/// The figures by their names.
pub(super) fn json(figures: &[Figure]) -> Value {
    let fields: Map<String, Value> =
        figures.iter().map(|figure| (figure.name.to_owned(), json!(figure.value))).collect();
    Value::Object(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_one_of_each_figure_counts_against_the_middle_limit() {
        let run = |value, limit| vec![Figure::told("a_ms", 1.0), Figure::limited("b_mib", value, limit)];
        let runs = [run(9.0, 2.0), run(1.0, 3.0), run(4.0, 4.0)];
        let figures = middle(&runs);
        assert_eq!(figures, [Figure::told("a_ms", 1.0), Figure::limited("b_mib", 4.0, 3.0)]);
        assert_eq!(figures.iter().map(Figure::is_beyond).collect::<Vec<_>>(), [false, true]);
        assert_eq!(figures[1].to_string(), "b_mib 4.0 (BEYOND 3.0)");
        assert_eq!(json(&figures), json!({ "a_ms": 1.0, "b_mib": 4.0 }));
        assert_eq!(middle(&[]), []);
    }
}
