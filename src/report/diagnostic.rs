use std::{collections::HashMap, ops::Range, path::PathBuf};

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::{
    Bases,
    text::{counted, printable},
};
use crate::plan::{Diagnostic, Diagnostics, Place, Severity};

/// Beyond this column, in characters, a line isn't shown, only its place.
const LAST_COLUMN: usize = 65_536;

/// How many characters are underlined at most, unless quoted.
const LONGEST_WORD: usize = 60;

/// How many characters after the place are kept of a line.
const REST_OF_LINE: usize = 200;

/// Draws findings about input files: the message, the file with line and column,
/// the line itself with a caret, the hint.
pub struct DiagnosticRenderer {
    renderer: Renderer,
    bases: Bases,
    sources: HashMap<PathBuf, Option<String>>,
}

impl DiagnosticRenderer {
    /// Returns a renderer; `width` is the terminal's, in columns.
    pub fn new(colour: bool, width: Option<u16>, bases: Bases) -> Self {
        let renderer = if colour {
            Renderer::styled()
        } else {
            Renderer::plain()
        };
        let width = width.map_or(100, |width| usize::from(width.clamp(40, 160)));
        Self {
            renderer: renderer.term_width(width),
            bases,
            sources: HashMap::new(),
        }
    }

    /// Returns all findings, a blank line between them, and a summary line.
    pub fn render_all(&mut self, diagnostics: &Diagnostics) -> String {
        let mut text = String::new();
        for diagnostic in &diagnostics.0 {
            text.push_str(&self.render(diagnostic));
            text.push_str("\n\n");
        }
        text.push_str(&summary(diagnostics));
        text
    }

    /// Returns one finding, without a line break at the end.
    pub fn render(&mut self, diagnostic: &Diagnostic) -> String {
        let level = match diagnostic.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let message = printable(&diagnostic.message);
        let mut group = Group::with_title(level.primary_title(message));
        if let Some(place) = &diagnostic.place {
            group = self.show(group, place, None, diagnostic.hide_line);
        }
        for (place, label) in &diagnostic.related {
            group = self.show(group, place, Some(label), diagnostic.hide_line);
        }
        if let Some(hint) = &diagnostic.hint {
            group = group.element(Level::HELP.message(printable(hint)));
        }
        self.renderer.render(&[group])
    }

    /// Adds the line at `place` with a caret, or the bare place where the line
    /// can't or must not be shown.
    fn show<'a>(
        &mut self,
        group: Group<'a>,
        place: &Place,
        label: Option<&'a str>,
        hide: bool,
    ) -> Group<'a> {
        let path = printable(&self.bases.shown(&place.file));
        let line = if hide { None } else { self.line(place) };
        let Some(line) = line else {
            let mut origin = Origin::path(path);
            if place.line > 0 {
                origin = origin.line(place.line as usize);
                if place.column > 0 {
                    origin = origin.char_column(place.column as usize);
                }
            }
            let group = group.element(origin);
            return match label {
                Some(label) => group.element(Level::NOTE.message(printable(label))),
                None => group,
            };
        };
        let kind = if label.is_some() {
            AnnotationKind::Context
        } else {
            AnnotationKind::Primary
        };
        let span = span_at(&line, place.column);
        group.element(
            Snippet::source(line)
                .path(path)
                .line_start(place.line as usize)
                .annotation(kind.span(span).label(label.map(printable))),
        )
    }

    fn line(&mut self, place: &Place) -> Option<String> {
        let index = (place.line as usize).checked_sub(1)?;
        let bases = &self.bases;
        let source = self
            .sources
            .entry(place.file.to_path_buf())
            .or_insert_with(|| bases.read(&place.file));
        let line = source.as_deref()?.lines().nth(index)?;
        let column = place.column as usize;
        // The renderer cuts the line to the terminal's width around the caret.
        (column <= LAST_COLUMN).then(|| line.chars().take(column + REST_OF_LINE).collect())
    }
}

/// Returns the byte range of the word at `column` (in characters, from 1): a quoted
/// string whole, else up to the next blank.
fn span_at(line: &str, column: u32) -> Range<usize> {
    let skip = (column as usize).saturating_sub(1);
    let start = line
        .char_indices()
        .nth(skip)
        .map_or(line.len(), |(at, _)| at);
    let rest = &line[start..];
    let mut chars = rest.chars();
    let length = match chars.next() {
        None => 0,
        Some(quote @ ('"' | '\'')) => rest[1..].find(quote).map_or(rest.len(), |end| end + 2),
        Some(_) => {
            let word = rest.find(char::is_whitespace).unwrap_or(rest.len());
            let trimmed = rest[..word].trim_end_matches([':', ',', ']', '}']);
            let most = trimmed.char_indices().nth(LONGEST_WORD);
            most.map_or(trimmed.len(), |(at, _)| at).max(1)
        }
    };
    // The word may begin with a character of several bytes.
    let mut end = (start + length).min(line.len());
    while !line.is_char_boundary(end) {
        end += 1;
    }
    start..end
}

/// Returns `3 errors, 1 warning`, naming only what there is.
pub fn summary(diagnostics: &Diagnostics) -> String {
    let count = |severity| {
        diagnostics
            .0
            .iter()
            .filter(|d| d.severity == severity)
            .count()
    };
    let parts: Vec<String> = [
        (count(Severity::Error), "error"),
        (count(Severity::Warning), "warning"),
    ]
    .into_iter()
    .filter(|(n, _)| *n > 0)
    .map(|(n, noun)| counted(n, noun))
    .collect();
    if parts.is_empty() {
        "no findings".to_owned()
    } else {
        parts.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use std::{path::Path, sync::Arc};

    use insta::assert_snapshot;

    use super::*;

    fn fixture(text: &str) -> (tempfile::TempDir, Arc<Path>) {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("host_vars")).unwrap();
        std::fs::write(dir.path().join("host_vars/zap.yml"), text).unwrap();
        (dir, Arc::from(Path::new("host_vars/zap.yml")))
    }

    fn render(dir: &tempfile::TempDir, diagnostics: Vec<Diagnostic>) -> String {
        let bases = Bases {
            working_directory: None,
            fleet: Some(dir.path().to_owned()),
            carried: None,
        };
        DiagnosticRenderer::new(false, None, bases).render_all(&Diagnostics(diagnostics))
    }

    #[test]
    fn a_line_with_its_caret_and_hint() {
        let (dir, file) = fixture("vm_vcpus: 2\nvm_memory_mib: 3GB  # too much\n");
        let found = Diagnostic::error(
            Place::new(&file, 2, 16),
            "vm_memory_mib must be a whole number of MiB",
        )
        .hint("write 3072");
        assert_snapshot!(render(&dir, vec![found]), @"
        error: vm_memory_mib must be a whole number of MiB
         --> host_vars/zap.yml:2:16
          |
        2 | vm_memory_mib: 3GB  # too much
          |                ^^^
          |
          = help: write 3072

        1 error
        ");
    }

    #[test]
    fn related_places_and_a_summary() {
        let (dir, file) = fixture("vm_mac: \"52:54:00:01:00:71\"\nother: 1\nvm_mac: x\n");
        let twice = Diagnostic::error(Place::new(&file, 3, 1), "vm_mac is set twice")
            .related(Place::new(&file, 1, 1), "first set here");
        let loose = Diagnostic::warning(None, "the fleet has no instances");
        let told = Diagnostic::error(Place::nowhere("<command line>"), "-e must be NAME=VALUE");
        assert_snapshot!(render(&dir, vec![twice, loose, told]), @r#"
        error: vm_mac is set twice
         --> host_vars/zap.yml:3:1
          |
        3 | vm_mac: x
          | ^^^^^^
          |
         ::: host_vars/zap.yml:1:1
          |
        1 | vm_mac: "52:54:00:01:00:71"
          | ------ first set here

        warning: the fleet has no instances

        error: -e must be NAME=VALUE
        --> <command line>

        2 errors, 1 warning
        "#);
    }

    #[test]
    fn a_secret_line_stays_hidden() {
        let (dir, file) = fixture("token: hunter2\n");
        let found = Diagnostic::error(Place::new(&file, 1, 8), "the token is too short")
            .related(Place::new(&file, 1, 1), "named here")
            .hide_line();
        let text = render(&dir, vec![found]);
        assert!(!text.contains("hunter2"), "{text}");
        assert_snapshot!(text, @"
        error: the token is too short
        --> host_vars/zap.yml:1:8
        ::: host_vars/zap.yml:1:1
         = note: named here

        1 error
        ");
    }

    #[test]
    fn files_below_the_working_directory_have_short_names() {
        let (dir, _) = fixture("a: 1\n");
        let bases = Bases {
            working_directory: Some(dir.path().to_owned()),
            ..Bases::default()
        };
        let file: Arc<Path> = Arc::from(dir.path().join("host_vars/zap.yml"));
        let found = Diagnostic::error(Place::new(&file, 1, 4), "no");
        let text = DiagnosticRenderer::new(false, None, bases.clone()).render(&found);
        assert!(text.contains("--> host_vars/zap.yml:1:4"), "{text}");
        assert!(text.contains("a: 1"), "{text}");
        assert_eq!(bases.shown(Path::new("/etc/hosts")), "/etc/hosts");
    }

    #[test]
    fn long_and_odd_lines_are_cut() {
        let long = format!("a: {}!{}\n", "x".repeat(700), "y".repeat(700));
        let (dir, file) = fixture(&long);
        let text = render(
            &dir,
            vec![Diagnostic::error(Place::new(&file, 1, 704), "bad")],
        );
        assert!(text.contains('!'), "{text}");
        assert!(
            text.lines().all(|line| line.chars().count() < 150),
            "{text}"
        );

        let endless = format!("{}\n", "é".repeat(100_000));
        let (dir, file) = fixture(&endless);
        let text = render(
            &dir,
            vec![Diagnostic::error(Place::new(&file, 1, 4000), "bad")],
        );
        assert!(text.contains("zap.yml:1:4000"), "{text}");
        assert!(text.contains('é') && text.len() < 1000, "{text}");
        let text = render(
            &dir,
            vec![Diagnostic::error(Place::new(&file, 1, 99_999), "bad")],
        );
        assert!(text.contains("zap.yml:1:99999"), "{text}");
        assert!(!text.contains('é'), "{text}");
    }

    #[test]
    fn places_outside_the_file_do_no_harm() {
        let (dir, file) = fixture("é: ü\n\u{1b}[2J\n");
        for (line, column) in [(1, 0), (1, 4), (1, 5), (1, 99), (2, 1), (3, 1), (99, 7)] {
            let found = Diagnostic::error(Place::new(&file, line, column), "odd");
            let text = render(&dir, vec![found]);
            assert!(text.contains("odd"), "{text}");
            assert!(!text.contains('\u{1b}'), "{text:?}");
        }
    }
}
