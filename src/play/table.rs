use serde_json::{Map, Value};

use super::{
    modules::{self, MODULES, find},
    parse::{ArgumentProblem, KnownModule, ModuleTable},
};
use crate::template::is_template;

/// What only the engine does: it needs no program for these.
const OF_THE_ENGINE: [&str; 5] = ["add_host", "group_by", "include_vars", "meta", "pause"];

/// The modules that can really be run, with their arguments.
#[derive(Clone, Copy, Debug, Default)]
pub struct Modules;

impl ModuleTable for Modules {
    fn find(&self, name: &str) -> Option<KnownModule> {
        let short = name.strip_prefix("ansible.builtin.").unwrap_or(name);
        if let Some(name) = OF_THE_ENGINE.iter().find(|known| **known == short) {
            return Some(KnownModule {
                name,
                free_form: matches!(*name, "include_vars" | "meta"),
            });
        }
        let module = find(name)?;
        Some(KnownModule {
            name: module.name,
            free_form: module.free_form,
        })
    }

    fn names(&self) -> Vec<&'static str> {
        let modules = MODULES.iter().map(|module| module.name);
        modules.chain(OF_THE_ENGINE).collect()
    }

    fn check(&self, module: &KnownModule, arguments: &Map<String, Value>) -> Vec<ArgumentProblem> {
        let Some(module) = find(module.name) else {
            return Vec::new();
        };
        // Conditions and expressions reach the module evaluated.
        let later = |value: &Value| match value {
            Value::String(text) => is_template(text),
            Value::Array(_) | Value::Object(_) => true,
            _ => false,
        };
        modules::check(module, arguments, &later)
            .into_iter()
            .map(|error| ArgumentProblem {
                argument: error.arg,
                message: error.message,
                hint: error.hint,
            })
            .collect()
    }
}
