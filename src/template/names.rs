/// What a template uses by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    Filter,
    Test,
    Function,
    /// The name of a lookup, `lookup('env', …)`.
    Lookup,
}

/// Names with what they are used as, in the order they are written.
pub(super) type Uses<'a> = Vec<(Use, &'a str)>;

/// Returns the filters, tests, functions and lookups that a template names.
pub(super) fn in_template(text: &str) -> Uses<'_> {
    let mut found = Scan::default();
    let mut rest = text;
    while let Some(start) = ["{{", "{%", "{#"]
        .iter()
        .filter_map(|open| rest.find(open))
        .min()
    {
        let opened = rest.get(start..).unwrap_or_default();
        if opened.starts_with("{#") {
            rest = after(opened, "#}");
            continue;
        }
        let length = code_length(opened);
        let code = opened.get(2..length.max(4) - 2).unwrap_or_default();
        rest = opened.get(length..).unwrap_or_default();
        if opened.starts_with("{%") && code.trim_matches(['-', '+', ' ']) == "raw" {
            rest = after(rest, "endraw");
        } else {
            found.expression(code);
        }
    }
    found.finish()
}

/// Returns the same for a bare expression.
pub(super) fn in_expression(text: &str) -> Uses<'_> {
    let mut found = Scan::default();
    found.expression(text);
    found.finish()
}

fn after<'a>(text: &'a str, end: &str) -> &'a str {
    text.find(end)
        .and_then(|at| text.get(at + end.len()..))
        .unwrap_or_default()
}

/// Returns the length of one `{{ … }}` or `{% … %}`, its delimiters included.
fn code_length(text: &str) -> usize {
    let close = if text.starts_with("{{") { "}}" } else { "%}" };
    let mut quote = None;
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(2) {
        match quote {
            Some(_) if escaped => escaped = false,
            Some(_) if c == '\\' => escaped = true,
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if matches!(c, '"' | '\'') => quote = Some(c),
            None if text.get(at..).is_some_and(|rest| rest.starts_with(close)) => return at + 2,
            None => {}
        }
    }
    text.len()
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Token<'a> {
    Name(&'a str),
    Text(&'a str),
    Sign(char),
}

#[derive(Default)]
struct Scan<'a> {
    uses: Uses<'a>,
    /// Names that the template makes itself: macros, imports, variables.
    own: Vec<&'a str>,
}

/// Filters whose first argument, or that of their `filter`-like use, names a test.
const BY_TEST: [&str; 2] = ["select", "reject"];
/// Filters whose second argument names a test.
const BY_ATTRIBUTE: [&str; 2] = ["selectattr", "rejectattr"];

impl<'a> Scan<'a> {
    fn finish(self) -> Uses<'a> {
        let own = self.own;
        let mut uses = self.uses;
        uses.retain(|(kind, name)| *kind != Use::Function || !own.contains(name));
        uses
    }

    fn expression(&mut self, code: &'a str) {
        let tokens = tokens(code);
        let at = |index: usize| tokens.get(index).copied();
        for (index, token) in tokens.iter().enumerate() {
            let previous = index.checked_sub(1).and_then(at);
            match token {
                Token::Sign('|') => {
                    let Some((name, next)) = dotted(&tokens, index + 1, code) else {
                        continue;
                    };
                    self.uses.push((Use::Filter, name));
                    if at(next) == Some(Token::Sign('(')) {
                        self.filter_arguments(name, tokens.get(next + 1..).unwrap_or_default());
                    }
                }
                Token::Name("is") if previous.is_some() => {
                    let from = index + 1 + usize::from(at(index + 1) == Some(Token::Name("not")));
                    if let Some((name, _)) = dotted(&tokens, from, code) {
                        self.uses.push((Use::Test, name));
                    }
                }
                Token::Name("filter") if index == 0 => {
                    if let Some((name, _)) = dotted(&tokens, 1, code) {
                        self.uses.push((Use::Filter, name));
                    }
                }
                Token::Name("macro" | "set" | "import" | "as" | "for" | ",") => {
                    if let Some(Token::Name(name)) = at(index + 1) {
                        self.own.push(name);
                    }
                }
                Token::Name(name) if at(index + 1) == Some(Token::Sign('(')) => {
                    let keyword = matches!(
                        *name,
                        "if" | "in" | "and" | "or" | "not" | "else" | "elif" | "call" | "return"
                    );
                    let member = matches!(
                        previous,
                        Some(Token::Sign('.' | '|') | Token::Name("is" | "macro"))
                    ) || (previous == Some(Token::Name("not"))
                        && index >= 2
                        && at(index - 2) == Some(Token::Name("is")));
                    if keyword || member {
                        continue;
                    }
                    self.uses.push((Use::Function, name));
                    if matches!(*name, "lookup" | "query" | "q")
                        && let Some(Token::Text(plugin)) = at(index + 2)
                    {
                        self.uses.push((Use::Lookup, plugin));
                    }
                }
                _ => {}
            }
        }
        // `from x import a, b` names several.
        if tokens.first() == Some(&Token::Name("from")) {
            self.own
                .extend(tokens.iter().filter_map(|token| match token {
                    Token::Name(name) => Some(*name),
                    _ => None,
                }));
        }
    }

    /// `map('int')`, `select('match', …)` and the like name filters and tests.
    fn filter_arguments(&mut self, filter: &str, arguments: &[Token<'a>]) {
        let filter = filter.rsplit('.').next().unwrap_or(filter);
        let first = arguments.first().copied();
        match (filter, first) {
            ("map", Some(Token::Text(name))) => self.uses.push((Use::Filter, name)),
            (filter, Some(Token::Text(name))) if BY_TEST.contains(&filter) => {
                self.uses.push((Use::Test, name));
            }
            (filter, Some(Token::Text(_))) if BY_ATTRIBUTE.contains(&filter) => {
                if let (Some(Token::Sign(',')), Some(Token::Text(name))) =
                    (arguments.get(1), arguments.get(2))
                {
                    self.uses.push((Use::Test, name));
                }
            }
            _ => {}
        }
    }
}

/// Reads `name` or `namespace.collection.name`, and the index of what follows.
fn dotted<'a>(tokens: &[Token<'a>], from: usize, code: &'a str) -> Option<(&'a str, usize)> {
    let Some(Token::Name(first)) = tokens.get(from).copied() else {
        return None;
    };
    let (mut last, mut next) = (first, from + 1);
    while let (Some(Token::Sign('.')), Some(Token::Name(part))) =
        (tokens.get(next), tokens.get(next + 1))
    {
        last = part;
        next += 2;
    }
    // Both are slices of `code`, so their addresses give the whole.
    let start = first.as_ptr().addr() - code.as_ptr().addr();
    let end = last.as_ptr().addr() - code.as_ptr().addr() + last.len();
    Some((code.get(start..end)?, next))
}

fn tokens(code: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut chars = code.char_indices().peekable();
    while let Some((start, c)) = chars.next() {
        if matches!(c, '"' | '\'') {
            let mut escaped = false;
            let mut end = code.len();
            for (at, next) in chars.by_ref() {
                match next {
                    _ if escaped => escaped = false,
                    '\\' => escaped = true,
                    _ if next == c => {
                        end = at;
                        break;
                    }
                    _ => {}
                }
            }
            tokens.push(Token::Text(code.get(start + 1..end).unwrap_or_default()));
        } else if c.is_alphabetic() || c == '_' {
            let mut end = start + c.len_utf8();
            while let Some((at, next)) = chars.peek().copied() {
                if !(next.is_alphanumeric() || next == '_') {
                    break;
                }
                end = at + next.len_utf8();
                chars.next();
            }
            tokens.push(Token::Name(code.get(start..end).unwrap_or_default()));
        } else if !c.is_whitespace() {
            tokens.push(Token::Sign(c));
        }
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::{Use, in_expression, in_template};

    #[test]
    fn names_are_found_in_code_only() {
        let text = "a | b {{ x|default('a | b')|ansible.builtin.quote }} {# {{ y | c }} #}\
                    {% raw %}{{ z | d }}{% endraw %}{% filter upper %}";
        let uses = in_template(text);
        assert_eq!(
            uses,
            [
                (Use::Filter, "default"),
                (Use::Filter, "ansible.builtin.quote"),
                (Use::Filter, "upper")
            ]
        );
    }

    #[test]
    fn tests_functions_and_arguments() {
        let uses = in_expression(
            "a is not defined and b is match('x') and lookup('env', 'X') and c.f() \
             and (d | map('int') | selectattr('s', 'eq', 1)) and not (e)",
        );
        assert_eq!(
            uses,
            [
                (Use::Test, "defined"),
                (Use::Test, "match"),
                (Use::Function, "lookup"),
                (Use::Lookup, "env"),
                (Use::Filter, "map"),
                (Use::Filter, "int"),
                (Use::Filter, "selectattr"),
                (Use::Test, "eq"),
            ]
        );
    }

    #[test]
    fn a_templates_own_functions_are_known() {
        let uses = in_template("{% macro m(a) %}{% endmacro %}{{ m(1) }}{{ n(1) }}");
        assert_eq!(uses, [(Use::Function, "n")]);
    }
}
