use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    Block, Include, Item, Keyword, Keywords, Role, RoleUse,
    keyword::{self, ROLE},
    read_role_files::Parts,
    read_tasks::split_tags,
    session::{Around, Session, tidy},
    words::did_you_mean,
};
use crate::{
    inventory::{Entry, Map, Node, Value},
    plan::Place,
};

/// How deep roles may depend on each other.
const DEPTH: usize = 30;

/// A role that is to be used, and what the use says.
struct Wanted<'a> {
    name: &'a str,
    place: &'a Place,
    vars: Arc<Map>,
    params: Arc<Map>,
    keywords: Keywords,
    parts: Parts,
    public: bool,
    /// What an include says of running twice; else `meta/` decides.
    allow_duplicates: Option<bool>,
}

impl Session<'_> {
    /// Reads `roles:` of a play.
    pub fn roles_of(&mut self, entry: Option<&Entry>, around: &Around) -> Vec<Item> {
        let Some(entry) = entry else {
            return Vec::new();
        };
        let items = match &entry.node.value {
            Value::Null => return Vec::new(),
            Value::Seq(items) => items,
            _ => {
                let message = format!("`roles` is a list, not {}", entry.node.kind());
                self.error(&entry.node.place, message, "write `- NAME` lines below it");
                return Vec::new();
            }
        };
        items
            .iter()
            .filter_map(|item| self.role_entry(item, around).map(|(_, block)| block))
            .map(|block| Item::Block(Arc::new(block)))
            .collect()
    }

    /// Reads one entry of `roles:` or of a role's dependencies.
    fn role_entry(&mut self, node: &Node, around: &Around) -> Option<(Arc<RoleUse>, Block)> {
        let mut own = Keywords::default();
        let (mut vars, mut params) = (Map::new(), Map::new());
        let name = match &node.value {
            Value::Map(map) => {
                for (key, entry) in map {
                    match keyword::find(key, ROLE) {
                        Some(spec) if spec.keyword == Keyword::RoleName => {}
                        Some(spec) if spec.keyword == Keyword::Vars => {
                            vars.extend(self.vars(&entry.node));
                        }
                        Some(spec) => {
                            self.check_keyword(spec, &entry.node);
                            let node = match spec.keyword {
                                Keyword::Tags => split_tags(&entry.node),
                                _ => entry.node.clone(),
                            };
                            own.set(spec.keyword, node);
                        }
                        // Other keys are variables of the role.
                        None if key == "name" => {}
                        None => {
                            self.check_templates(&entry.node);
                            params.insert(key.clone(), entry.clone());
                        }
                    }
                }
                let name = map.get("role").or_else(|| map.get("name"));
                let Some(name) = name else {
                    self.error(&node.place, "this names no role", "write `role: NAME`");
                    return None;
                };
                name.node.clone()
            }
            _ => node.clone(),
        };
        let text = self.static_text(&name, around)?;
        let wanted = Wanted {
            name: &text,
            place: &name.place,
            vars: Arc::new(vars),
            params: Arc::new(params),
            keywords: own.within(&around.keywords),
            parts: Parts::default(),
            public: true,
            allow_duplicates: None,
        };
        self.use_role(wanted, around)
    }

    /// Reads the role that an `import_role` or `include_role` names.
    pub fn role_by_include(
        &mut self,
        include: &Include,
        vars: Arc<Map>,
        place: &Place,
        around: &Around,
        is_static: bool,
    ) -> Vec<Item> {
        let Some(name) = &include.name else {
            return Vec::new();
        };
        let mut part = |node: &Option<Node>| match node {
            Some(node) => self.static_text(node, around),
            None => None,
        };
        let Some(text) = part(&include.name) else {
            return Vec::new();
        };
        let parts = Parts {
            tasks: part(&include.tasks_from),
            vars: part(&include.vars_from),
            defaults: part(&include.defaults_from),
            handlers: part(&include.handlers_from),
        };
        let wanted = Wanted {
            name: &text,
            place: &name.place,
            vars,
            params: Arc::default(),
            keywords: around.keywords.clone(),
            parts,
            public: include.public,
            allow_duplicates: Some(include.allow_duplicates),
        };
        let Some((_, mut block)) = self.use_role(wanted, around) else {
            return Vec::new();
        };
        if is_static {
            block.place = place.clone();
        }
        vec![Item::Block(Arc::new(block))]
    }

    /// Reads a role with all that it depends on.
    fn use_role(&mut self, wanted: Wanted<'_>, around: &Around) -> Option<(Arc<RoleUse>, Block)> {
        let path = self.find_role(wanted.name, wanted.place, around)?;
        if self.stack.len() > DEPTH {
            let hint = "one of its dependencies leads back to it";
            self.error(wanted.place, "roles depend on each other in a circle", hint);
            return None;
        }
        self.stack.push(path.clone());
        let files = self.role_files(&path, &wanted.parts, wanted.place);
        let role = Arc::new(Role {
            name: wanted
                .name
                .trim_end_matches('/')
                .rsplit('/')
                .next()
                .unwrap_or(wanted.name)
                .to_owned(),
            path,
            defaults: Arc::new(files.defaults),
            vars: Arc::new(files.vars),
            allow_duplicates: wanted.allow_duplicates.unwrap_or(files.allow_duplicates),
        });
        let mut parents: Vec<Arc<RoleUse>> = Vec::new();
        if let Some(outer) = &around.role {
            parents.extend(outer.parents.iter().cloned());
            parents.push(Arc::clone(outer));
        }
        let mut used = RoleUse {
            identity: identity(&role, &wanted),
            role,
            vars: wanted.vars,
            params: wanted.params,
            parents,
            dependencies: Vec::new(),
            keywords: wanted.keywords.clone(),
            place: wanted.place.clone(),
            public: wanted.public,
            by_include: wanted.allow_duplicates.is_some(),
        };
        let mut items = Vec::new();
        // What it depends on sees this role as its parent.
        let mut inner = around.clone();
        inner.keywords = wanted.keywords.heritable();
        inner.role = Some(Arc::new(used.clone()));
        for dependency in &files.dependencies {
            if let Some((one, block)) = self.role_entry(dependency, &inner) {
                used.dependencies.push(one);
                items.push(Item::Block(Arc::new(block)));
            }
        }
        let used = Arc::new(used);
        inner.role = Some(Arc::clone(&used));
        if let Some(file) = &files.tasks {
            items.extend(self.task_file(file, &inner));
        }
        if let Some(file) = &files.handlers {
            let mut handlers = inner.clone();
            handlers.handlers = true;
            let handlers = self.task_file(file, &handlers);
            self.handlers.extend(handlers);
        }
        self.stack.pop();
        self.roles.push(Arc::clone(&used));
        let block = Block {
            name: None,
            block: items,
            rescue: Vec::new(),
            always: Vec::new(),
            keywords: wanted.keywords,
            place: wanted.place.clone(),
            role_use: Some(Arc::clone(&used)),
        };
        Some((used, block))
    }

    /// Finds a role's directory.
    fn find_role(&mut self, name: &str, place: &Place, around: &Around) -> Option<PathBuf> {
        // Repositories and collections keep playbooks/ and roles/ next to each other; what
        // is near a playbook wins over what the fleet, or swarmctl itself, has elsewhere.
        let mut roots = vec![
            around.directory.join("roles"),
            around.directory.join("../roles"),
        ];
        roots.extend(self.reader.files.roles_path());
        if let Some(role) = &around.role {
            roots.extend(role.role.path.parent().map(Path::to_owned));
        }
        roots.push(around.directory.to_path_buf());
        let files = &self.reader.files;
        let candidates = roots.iter().map(|root| tidy(&root.join(name)));
        if let Some(path) = candidates.clone().find(|path| files.exists(path)) {
            return Some(path);
        }
        let known: Vec<String> = roots.iter().flat_map(|root| files.names(root)).collect();
        let hint = did_you_mean(name, known.iter().map(String::as_str)).unwrap_or_else(|| {
            if name.matches('.').count() == 2 {
                return "roles of collections aren't looked for; copy it into roles/".to_owned();
            }
            let looked: Vec<String> = candidates.map(|path| path.display().to_string()).collect();
            format!("it is looked for at {}", looked.join(", "))
        });
        self.error(place, format!("there is no role `{name}`"), hint);
        None
    }
}

/// Returns what is equal for equal uses of a role.
fn identity(role: &Role, wanted: &Wanted<'_>) -> String {
    let shown = |map: &Map| {
        let node = Node::new(Value::Map(map.clone()), wanted.place.clone());
        crate::inventory::node_to_json(&node)
    };
    let mut identity = format!(
        "{} {} {} {:?}",
        role.path.display(),
        shown(&wanted.vars),
        shown(&wanted.params),
        wanted.parts
    );
    for keyword in [Keyword::When, Keyword::Tags] {
        if let Some(node) = wanted.keywords.get(keyword) {
            identity.push_str(&format!(" {}", crate::inventory::node_to_json(node)));
        }
    }
    identity
}
