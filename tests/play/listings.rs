use crate::books::Books;

/// Lists with both and demands the same, hosts in any order.
fn same(files: &[(&str, &str)], options: &str) {
    let books = Books::new(files);
    let line = format!("site.yml --list-hosts --list-tasks --list-tags {options}");
    let Some((code, theirs, errors)) = books.theirs(&line) else {
        return;
    };
    assert_eq!(code, 0, "theirs refuses {line}: {errors}");
    let (code, ours, errors) = books.ours(&format!("play {line}"));
    assert_eq!(code, 0, "ours refuses {line}: {errors}");
    assert_eq!(sorted_hosts(&ours), sorted_hosts(&theirs), "{line}");
}

/// Ansible shows hosts as a set has them; their lines follow each other.
fn sorted_hosts(text: &str) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    for run in lines.chunk_by_mut(|a, b| is_host(a) && is_host(b)) {
        run.sort_unstable();
    }
    lines.join("\n")
}

fn is_host(line: &str) -> bool {
    line.starts_with("      ") && !line.contains("TAGS: [")
}

const SITE: &str = "\
- name: first of {{ who }}
  hosts: web:db
  tags: p
  vars: {who: all, file: more}
  gather_facts: false
  pre_tasks:
    - name: pre
      debug: msg=1
      tags: [always]
  roles:
    - base
    - {role: app, tags: 'r1, r2', x: 1}
  tasks:
    - ansible.builtin.debug: {msg: '{{ who | upper }}'}
    - command: echo a=b creates=/tmp
      tags: a,b
    - import_tasks: '{{ file }}.yml'
      tags: imported
    - include_tasks: more.yml
    - name: dynamic
      include_tasks: {file: more.yml, apply: {tags: inner}}
      tags: dyn
    - block:
        - debug: var=who
        - block:
            - name: deep
              shell: |
                echo 'a b' \\
                  c
      rescue:
        - name: rescued
          debug:
      always:
        - name: in any case
          debug:
      tags: blk
      when: who is defined
    - name: never
      debug:
      tags: never
    - import_role: {name: base}
    - include_role: {name: base, tasks_from: other}
    - name: named include
      include_role:
        name: base
      tags: [role]
    - meta: flush_handlers
    - local_action: command id
    - action: debug msg=x
    - with_items: [1, 2]
      debug: msg={{ item }}
  post_tasks:
    - set_fact: a=1
  handlers:
    - name: h
      debug:
- import_playbook: other.yml
  tags: of_import
- hosts: [d1, '{{ \"w1\" }}']
  become: yes
  tasks: []
- hosts: nobody
  tasks:
    - ping:
";

const FILES: [(&str, &str); 9] = [
    ("site.yml", SITE),
    (
        "more.yml",
        "- debug: {msg: more}\n  tags: m\n- import_tasks: tasks/last.yml\n",
    ),
    ("tasks/last.yml", "- name: last\n  ping:\n"),
    (
        "other.yml",
        "- hosts: w*\n  tasks:\n    - name: o\n      ping:\n      tags: own\n",
    ),
    (
        "roles/app/tasks/main.yml",
        "- name: app one\n  debug:\n- include_tasks: sub.yml\n- import_tasks: sub.yml\n",
    ),
    ("roles/app/tasks/sub.yml", "- debug: {msg: sub}\n"),
    (
        "roles/app/meta/main.yml",
        "dependencies:\n  - {role: base, tags: dep}\n",
    ),
    ("roles/base/tasks/main.yml", "- name: base one\n  debug:\n"),
    ("roles/base/tasks/other.yml", "- name: other\n  debug:\n"),
];

#[test]
fn tasks_hosts_and_tags_as_ansible_lists_them() {
    for options in [
        "",
        "--tags a,imported,r1",
        "--tags tagged --skip-tags blk",
        "--tags untagged",
        "--tags never,dep",
        "--skip-tags tagged",
        "-l web",
        "-e who=you",
    ] {
        same(&FILES, options);
    }
}

#[test]
fn a_syntax_check_names_the_playbook() {
    let books = Books::new(&FILES);
    let ours = books.ours("play site.yml --syntax-check");
    assert_eq!((ours.0, ours.1.as_str()), (0, "\nplaybook: site.yml\n"));
    if let Some(theirs) = books.theirs("site.yml --syntax-check") {
        assert_eq!((theirs.0, theirs.1), (ours.0, ours.1));
    }
}

#[test]
fn what_ansible_refuses_is_refused() {
    for text in [
        "- hosts: all\n  nope: 1\n",
        "- tasks: []\n",
        "- hosts: all\n  tasks: [{nope: 1}]\n",
        "- hosts: all\n  tasks: [{debug: , ping: }]\n",
        "- hosts: all\n  tasks: [{ping: , nope: 1}]\n",
        "- hosts: all\n  tasks: [{name: x}]\n",
        "- hosts: all\n  tasks: [{import_tasks: no.yml}]\n",
        "- hosts: all\n  tasks: [{import_tasks: site.yml, loop: [1]}]\n",
        "- hosts: all\n  roles: [nope]\n",
        "- hosts: all\n  tasks: [{include_tasks: x.yml, become: true}]\n",
        "- hosts: all\n  tasks: [{rescue: [{ping: }]}]\n",
        "- hosts: all\n  tasks: [{ping: , tags: {a: 1}}]\n",
        "- hosts: all\n  tasks: {ping: }\n",
        "- hosts: all\n  tasks: [{command: 'echo \"a'}]\n",
        "- hosts: all\n  tasks: [{debug: , loop_control: {loop_va: x}, loop: [1]}]\n",
        "hosts: all\n",
        "- hosts: all\n  tasks: [{ping: , tags: x, whn: true}]\n",
    ] {
        let books = Books::new(&[("site.yml", text)]);
        let (code, _, errors) = books.ours("play site.yml --syntax-check");
        assert_eq!(code, 3, "{text}{errors}");
        assert!(errors.contains("site.yml:"), "{text}{errors}");
        if let Some((code, out, _)) = books.theirs("site.yml --syntax-check") {
            assert_ne!(code, 0, "theirs accepts {text}{out}");
        }
    }
}
