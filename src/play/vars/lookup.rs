use std::sync::Arc;

use minijinja::{
    Error, ErrorKind, State, Value as Jinja,
    value::{Kwargs, Object, ObjectRepr, Rest, from_args},
};

use super::{Scope, lookup_files, lookup_lists};

/// The functions `lookup`, `query` and `q`.
#[derive(Debug)]
pub(super) struct Lookup {
    pub scope: Scope,
    /// Whether the result is a list in any case.
    pub wants_list: bool,
}

impl Object for Lookup {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn call(self: &Arc<Self>, _state: &mut State<'_, '_>, args: &[Jinja]) -> Result<Jinja, Error> {
        let (name, terms, options): (String, Rest<Jinja>, Kwargs) = from_args(args)?;
        let wants_list = options.get::<Option<bool>>("wantlist")?;
        let errors = options.get::<Option<String>>("errors")?;
        let found = match find(&name, &terms.0, &options, &self.scope) {
            Err(_) if errors.as_deref().is_some_and(|word| word != "strict") => {
                return Ok(Jinja::from(()));
            }
            found => found?,
        };
        if wants_list.unwrap_or(self.wants_list) {
            return Ok(Jinja::from(found));
        }
        let texts: Vec<&str> = found.iter().filter_map(Jinja::as_str).collect();
        if texts.len() == found.len() {
            return Ok(Jinja::from(texts.join(",")));
        }
        Ok(match <[Jinja; 1]>::try_from(found) {
            Ok([one]) => one,
            Err(found) => Jinja::from(found),
        })
    }
}

/// Returns what a lookup finds.
///
/// # Errors
/// When there is no such lookup, or it finds nothing where it must.
pub(super) fn find(
    name: &str,
    terms: &[Jinja],
    options: &Kwargs,
    scope: &Scope,
) -> Result<Vec<Jinja>, Error> {
    let short = name.strip_prefix("ansible.builtin.").unwrap_or(name);
    if let Some(watch) = &scope.0.watch
        && watch.forbids(short)
    {
        watch.note("vars");
        return Err(failure(format!("the lookup {short} is not made ahead")));
    }
    match short {
        "env" | "file" | "fileglob" | "first_found" | "lines" | "password" | "pipe"
        | "template" | "unvault" => lookup_files::find(short, terms, options, scope),
        _ => lookup_lists::find(short, terms, options, scope),
    }
}

/// Returns what a lookup finds, for the `with_…` loops.
///
/// # Errors
/// A fragment that says why it finds nothing.
pub fn lookup(
    name: &str,
    terms: &[Jinja],
    options: &Kwargs,
    scope: &Scope,
) -> Result<Vec<Jinja>, String> {
    find(name, terms, options, scope).map_err(|error| {
        error
            .detail()
            .map_or_else(|| error.kind().to_string(), str::to_owned)
    })
}

/// Returns the error of a lookup.
pub(super) fn failure(detail: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidOperation, detail.into())
}

/// The function `now`.
#[derive(Debug)]
pub(super) struct Now;

impl Object for Now {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn call(self: &Arc<Self>, _state: &mut State<'_, '_>, args: &[Jinja]) -> Result<Jinja, Error> {
        let (utc, format, options): (Option<bool>, Option<String>, Kwargs) = from_args(args)?;
        let utc = options.get::<Option<bool>>("utc")?.or(utc) == Some(true);
        let format = options.get::<Option<String>>("fmt")?.or(format);
        options.assert_all_used()?;
        let zone = if utc {
            jiff::tz::TimeZone::UTC
        } else {
            jiff::tz::TimeZone::system()
        };
        let now = jiff::Timestamp::now().to_zoned(zone);
        let format = format.unwrap_or_else(|| "%Y-%m-%d %H:%M:%S.%6f".to_owned());
        let text = jiff::fmt::strtime::format(&format, &now)
            .map_err(|error| failure(format!("the time format is wrong: {error}")))?;
        Ok(Jinja::from(text))
    }
}
