use super::{
    modules::{MODULES, find},
    parse::{KnownArgument, KnownModule, ModuleTable},
};

/// What only the engine does; these have no file among the modules.
const OF_THE_ENGINE: [&str; 5] = ["add_host", "group_by", "include_vars", "meta", "pause"];

/// Modules that compile, but whose result nobody stores on this machine yet.
const NOT_YET: [&str; 1] = ["fetch"];

/// The modules that can really be run, with their arguments.
#[derive(Clone, Copy, Debug, Default)]
pub struct Modules;

impl ModuleTable for Modules {
    fn find(&self, name: &str) -> Option<KnownModule> {
        if let Some(module) = find(name).filter(|module| !NOT_YET.contains(&module.name)) {
            let arguments = module
                .arguments()
                .map(|argument| KnownArgument {
                    name: argument.name,
                    aliases: argument.aliases,
                    required: argument.required,
                    choices: &[],
                })
                .collect();
            return Some(KnownModule {
                name: module.name,
                free_form: module.free_form,
                arguments: (!module.args.is_empty()).then_some(arguments),
            });
        }
        let short = name.strip_prefix("ansible.builtin.").unwrap_or(name);
        let name = OF_THE_ENGINE.iter().find(|known| **known == short)?;
        Some(KnownModule {
            name,
            free_form: *name == "meta",
            arguments: None,
        })
    }

    fn names(&self) -> Vec<&'static str> {
        let modules = MODULES
            .iter()
            .map(|module| module.name)
            .filter(|name| !NOT_YET.contains(name));
        modules.chain(OF_THE_ENGINE).collect()
    }
}
