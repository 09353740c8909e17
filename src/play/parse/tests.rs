//! Playbooks in a directory of their own, read and looked at.

use std::{fs, path::PathBuf, sync::Arc};

use super::*;
use crate::{inventory::Map, plan::Diagnostics};

/// A directory with files; each is `path` and text.
fn read(files: &[(&str, &str)]) -> (tempfile::TempDir, Result<Vec<Playbook>, Diagnostics>) {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = directory.path().join("f").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let reader = Reader::new(
        Arc::new(DiskFiles::default()),
        Arc::new(SomeModules),
        Map::new(),
        Arc::default(),
    );
    let path: PathBuf = directory.path().join("f/site.yml");
    let books = reader.playbooks(&[path]);
    (directory, books)
}

fn titles(files: &[(&str, &str)]) -> Vec<String> {
    let (_directory, books) = read(files);
    let books = books.unwrap_or_else(|errors| panic!("{errors}"));
    let mut titles = Vec::new();
    for play in &books[0].plays {
        play.each_task(&mut |task| titles.push(task.title()));
    }
    titles
}

/// Every finding as `file:line:column: message; hint`, files without their directory.
fn errors(files: &[(&str, &str)]) -> Vec<String> {
    let (directory, books) = read(files);
    let root = directory.path().display();
    let errors = books.map(|_| ()).unwrap_err();
    errors
        .0
        .iter()
        .map(|one| {
            let hint = one.hint.clone().expect("each error has a hint");
            format!("{one}; {hint}")
                .replace(&format!("{root}/f/"), "")
                .replace(&format!("{root}/"), "../")
        })
        .collect()
}

#[test]
fn all_mistakes_are_told_at_once_with_their_places() {
    let site = "\
- hosts: all
  gather_fact: no
  become: maybe
  vars_prompt: []
  tasks:
    - cmmand: id
    - command: id
      wehn: true
      when: a b
    - debug: {msg: \"{{ x | upperr }} {{ y is defned }}\"}
    - debug: msg=a
      with_itms: [1]
    - copy: src=a
      shell: id
    - name: nothing
    - import_tasks: missing.yml
    - loop: {a: 1}
      ping:
    - block: [{ping: }]
      register: x
    - ping:
      async: 10
  roles: [absent]
";
    assert_eq!(
        errors(&[("site.yml", site)]),
        [
            "site.yml:2:3: a play has no `gather_fact`; did you mean `gather_facts`?",
            "site.yml:3:11: `become` is yes or no, not a string; see Ansible's playbook keywords",
            "site.yml:4:16: `vars_prompt` isn't supported; nothing asks during a run; give the variables with -e",
            "site.yml:23:11: there is no role `absent`; it is looked for at roles/absent, ../roles/absent, absent",
            "site.yml:6:7: there is no keyword or module `cmmand`; did you mean `command`?",
            "site.yml:8:7: there is no keyword or module `wehn`; did you mean `when`?",
            "site.yml:9:13: template syntax error: unexpected input after expression; check quotes, brackets and braces; words are joined by operators",
            "site.yml:10:20: there is no filter `upperr`; did you mean `upper`?",
            "site.yml:10:20: there is no test `defned`; did you mean `defined`?",
            "site.yml:12:7: there is no loop `with_itms`; did you mean `with_items`?",
            "site.yml:14:7: this task calls two modules, `copy` and `shell`; make two tasks of it",
            "site.yml:15:7: this task calls no module; write a module's name and its arguments, as in `command: id`",
            "site.yml:16:21: there is no file \"missing.yml\"; it is looked for at missing.yml, tasks/missing.yml",
            "site.yml:17:13: `loop` is a list, not a mapping; write a list, or `with_dict` for a mapping",
            "site.yml:20:7: a block has no `register`; it belongs to the tasks within the block",
            "site.yml:22:14: tasks don't run in the background: `async` can be 0 only; remove it; `timeout` ends a task that takes too long",
        ]
    );
}

#[test]
fn roles_imports_and_blocks_come_in_order() {
    let files = [
        (
            "site.yml",
            "- hosts: all\n  pre_tasks: [{debug: msg=1, name: pre}]\n  roles: [{role: app, tags: t}]\n  \
             tasks:\n    - import_tasks: more.yml\n      when: x\n    - block: [{ping: , name: in}]\n      \
             rescue: [{ping: , name: resc}]\n    - include_role: {name: base, tasks_from: other}\n",
        ),
        ("more.yml", "- ping:\n- name: m2\n  ping:\n"),
        (
            "roles/app/tasks/main.yml",
            "- name: a\n  command: id\n- include_tasks: sub.yml\n",
        ),
        ("roles/app/tasks/sub.yml", "- ping:\n"),
        ("roles/app/meta/main.yml", "dependencies: [base]\n"),
        ("roles/app/handlers/main.yml", "- name: h\n  ping:\n"),
        ("roles/base/tasks/main.yml", "- name: b\n  ping:\n"),
        ("roles/base/tasks/other.yml", "- ping:\n"),
    ];
    assert_eq!(
        titles(&files),
        [
            "pre",
            "base : b",
            "app : a",
            "app : include_tasks",
            "ping",
            "m2",
            "in",
            "resc",
            "include_role : base"
        ]
    );
    let (_directory, books) = read(&files);
    let play = &books.unwrap()[0].plays[0];
    assert_eq!(play.handlers.len(), 1);
    assert_eq!(play.roles.len(), 2);
    let mut inherited = Vec::new();
    play.each_task(&mut |task| {
        let count =
            task.keywords.list(Keyword::Tags).len() + task.keywords.list(Keyword::When).len();
        inherited.push(count);
    });
    assert_eq!(inherited, [0, 1, 1, 1, 1, 1, 0, 0, 0]);
}

#[test]
fn mistakes_in_roles_and_includes_are_told_too() {
    let files = [
        ("site.yml", "- hosts: all\n  roles: [a]\n"),
        (
            "roles/a/tasks/main.yml",
            "- include_tasks: sub.yml\n- include_tasks: '{{ x }}.yml'\n",
        ),
        ("roles/a/tasks/sub.yml", "- frobnicate: x\n"),
        ("roles/a/defaults/main.yml", "x: '{{ a | nofilter }}'\n"),
        ("roles/a/handlers/main.yml", "- name: h\n  pingg:\n"),
    ];
    let found = errors(&files);
    assert_eq!(found.len(), 3, "{found:#?}");
    assert!(found[0].starts_with("roles/a/defaults/main.yml:1:4: there is no filter"));
    assert!(found[1].starts_with("roles/a/tasks/sub.yml:1:3: there is no keyword or module"));
    assert!(found[2].starts_with(
        "roles/a/handlers/main.yml:2:3: there is no keyword or module `pingg`; did you mean `ping`?"
    ));
}
