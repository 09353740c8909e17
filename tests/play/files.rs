use crate::same_run::same_twice;

/// The tasks change files below `out/`, one directory for each host.
const SITE: &str = "\
- hosts: web
  gather_facts: false
  vars: {root: '{{ playbook_dir }}/out/{{ inventory_hostname }}'}
  roles: [files]
";

const TASKS: &str = r#"
- file: {path: '{{ root }}/d', state: directory, mode: '0750'}
- copy: {content: "hello {{ inventory_hostname }}\n", dest: '{{ root }}/d/a', mode: '0600'}
- copy: {src: plain.txt, dest: '{{ root }}/d/'}
- template: {src: t.j2, dest: '{{ root }}/d/t'}
  register: made
  notify: told
- lineinfile: {path: '{{ root }}/d/t', line: added}
- file: {src: t, path: '{{ root }}/d/link', state: link}
- stat: {path: '{{ root }}/d/a'}
  register: st
- debug: {msg: '{{ st.stat.exists | default(false) }} {{ st.stat.mode | default("-") }} {{ made is changed }}'}
- command: cat {{ root }}/d/t
  register: out
  changed_when: false
- debug: {msg: '{{ out.stdout | default("-") }}'}
- command: {cmd: 'touch {{ root }}/d/once', creates: '{{ root }}/d/once'}
- shell: echo $WHO
  environment: {WHO: "it's me"}
  register: who
- debug: {msg: '{{ who.stdout | default("-") }}'}
- file: {path: '{{ root }}/d/a', state: absent}
- copy: {content: again, dest: '{{ root }}/missing/a'}
  ignore_errors: true
"#;

#[test]
fn files_are_changed_once_and_predicted_in_check_mode() {
    same_twice(&[
        ("site.yml", SITE),
        ("roles/files/tasks/main.yml", TASKS),
        ("roles/files/files/plain.txt", "plain\n"),
        (
            "roles/files/templates/t.j2",
            "{% for n in [1, 2] %}\nline {{ n }} {{ level }}\n{% endfor %}\n{% include 'inc.j2' %}\n",
        ),
        (
            "roles/files/templates/inc.j2",
            "included {{ level | upper }}\n",
        ),
        (
            "roles/files/handlers/main.yml",
            "- name: told\n  debug: {msg: handler}\n",
        ),
    ]);
}
