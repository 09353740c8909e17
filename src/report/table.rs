use comfy_table::{Attribute, Cell, CellAlignment, ContentArrangement, presets};

use super::{Painter, text::printable};

/// How a column's cells are set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// A table without borders, two blanks between the columns; cells are never
/// wrapped or cut, so that names can be copied.
pub struct Table {
    columns: Vec<(String, Align)>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// Returns an empty table with these columns.
    pub fn new(columns: &[(&str, Align)]) -> Self {
        Self {
            columns: columns
                .iter()
                .map(|(name, align)| ((*name).to_owned(), *align))
                .collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row. Cells beyond the columns are dropped; an empty cell shows `-`.
    pub fn row<I, S>(&mut self, cells: I) -> &mut Self
    where
        I: IntoIterator<Item = S>,
        S: Into<String>,
    {
        let mut row: Vec<String> = cells
            .into_iter()
            .map(|cell| {
                let cell: String = cell.into();
                if cell.is_empty() {
                    "-".to_owned()
                } else {
                    printable(&cell).replace(['\n', '\t'], " ")
                }
            })
            .collect();
        row.resize(self.columns.len(), "-".to_owned());
        self.rows.push(row);
        self
    }

    /// Returns true when it has no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Returns the table as text, one line per row, without blanks at line ends.
    pub fn render(&self, painter: Painter) -> String {
        let mut table = comfy_table::Table::new();
        table
            .load_style(presets::NOTHING)
            .set_content_arrangement(ContentArrangement::Disabled)
            .force_no_tty();
        if painter.is_on() {
            table.enforce_styling();
        }
        table.set_header(self.columns.iter().map(|(name, _)| {
            let cell = Cell::new(name.to_uppercase());
            if painter.is_on() {
                cell.add_attribute(Attribute::Bold)
            } else {
                cell
            }
        }));
        for row in &self.rows {
            table.add_row(row.iter().map(Cell::new));
        }
        for (column, (_, align)) in table.column_iter_mut().zip(&self.columns) {
            column.set_padding((0, 2));
            column.set_cell_alignment(match align {
                Align::Left => CellAlignment::Left,
                Align::Right => CellAlignment::Right,
            });
        }
        table
            .lines()
            .map(|line| line.trim_end().to_owned())
            .collect::<Vec<_>>()
            .join("\n")
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    #[test]
    fn columns_line_up_and_nothing_wraps() {
        let mut table = Table::new(&[
            ("name", Align::Left),
            ("memory", Align::Right),
            ("domain", Align::Left),
        ]);
        table
            .row(["zap", "3 GiB", "zap [claw]"])
            .row(["a-very-long-instance-name", "512 MiB", &"x".repeat(120)])
            .row(["ünïcode", "", "tab\there\u{7}"]);
        assert_snapshot!(table.render(Painter::new(false)), @r#"
        NAME                        MEMORY  DOMAIN
        zap                          3 GiB  zap [claw]
        a-very-long-instance-name  512 MiB  xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
        ünïcode                          -  tab here\u{7}
        "#);
    }

    #[test]
    fn colour_only_when_asked_for() {
        let mut table = Table::new(&[("name", Align::Left)]);
        table.row(["zap"]);
        assert!(!table.render(Painter::new(false)).contains('\u{1b}'));
        assert!(table.render(Painter::new(true)).contains('\u{1b}'));
    }
}
