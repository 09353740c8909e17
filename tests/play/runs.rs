use crate::same_run::{How, same, same_how};

fn site(text: &str) {
    same(&[("site.yml", text)]);
}

#[test]
fn loops_conditions_and_registered_results() {
    site(
        "\
- hosts: all
  gather_facts: false
  vars: {words: [a, b], map: {k: v, l: w}}
  tasks:
    - debug: {msg: '{{ inventory_hostname }} {{ level }} {{ own | default(omit) }}'}
    - debug: {msg: \"{{ item }}\"}
      loop: '{{ words }}'
      when: item != 'b' or inventory_hostname == 'w1'
      register: out
    - debug: {msg: \"{{ out.results | map(attribute='item') | join(',') }} {{ out.results | length }}\"}
    - debug: {msg: '{{ item.key }}={{ item.value }}'}
      with_dict: '{{ map }}'
    - debug: {msg: '{{ one }} {{ n }} {{ ansible_loop.last }} {{ ansible_loop.length }}'}
      loop: [x, y]
      loop_control: {loop_var: one, index_var: n, label: 'L{{ one }}', extended: true}
    - debug: {msg: '{{ item }}'}
      with_items: [1, [2, 3], '{{ words }}']
    - debug: {var: words}
    - debug: msg=never
      when: inventory_hostname == 'nobody'
    - debug: msg=list
      when: [true, 'words | length == 2', inventory_hostname in groups.web]
    - debug: msg=none
      loop: []
    - command: echo {{ inventory_hostname }}
      register: said
      changed_when: inventory_hostname == 'w1'
    - debug: {msg: \"{{ said.stdout }} {{ said.rc }} {{ said is changed }} {{ said is failed }}\"}
    - shell: exit 3
      register: bad
      failed_when: bad.rc == 4
    - shell: exit 3
      ignore_errors: true
      register: bad
    - debug: {msg: '{{ bad is failed }} {{ bad.rc }}'}
    - set_fact: {a: '{{ words[0] }}', n: 5, '{{ words[1] }}_key': 1}
    - debug: {msg: '{{ a }} {{ n + 1 }} {{ b_key }}'}
    - assert: {that: [a == 'a', n == 5]}
    - assert: {that: n == 6}
      ignore_errors: true
    - debug: {msg: \"{{ undefined_thing }}\"}
      ignore_errors: true
    - debug: msg=x
      when: words
      ignore_errors: true
    - debug: msg=x
      loop: '{{ undefined_thing }}'
      when: false
    - debug: msg=x
      loop: '{{ map }}'
      ignore_errors: true
    - shell: echo x
      register: tried
      until: tried.stdout == 'y'
      retries: 1
      delay: 0
      ignore_errors: true
    - debug: {msg: \"{{ tried.attempts }}\"}
    - debug: {msg: '{{ hostvars[\"d1\"].a }} {{ groups.web | join(\",\") }} {{ group_names }}'}
    - debug: {msg: '{{ ansible_play_hosts }} {{ ansible_check_mode }} {{ inventory_hostname_short }}'}
      run_once: true
",
    );
}

#[test]
fn blocks_rescue_and_always() {
    site(
        "\
- hosts: web
  gather_facts: false
  tasks:
    - block:
        - name: fails on one
          fail: {msg: no}
          when: inventory_hostname == 'w1'
        - debug: msg=after
      rescue:
        - debug: {msg: \"{{ ansible_failed_task.name }} {{ ansible_failed_result.msg }}\"}
      always:
        - debug: msg=always
    - debug: msg=both
    - block:
        - block:
            - fail:
          always:
            - debug: msg=inner
      rescue:
        - debug: msg=outer
        - fail:
          when: inventory_hostname == 'w2'
      always:
        - debug: msg=end
    - debug: {msg: \"only w1 {{ ansible_play_hosts }}\"}
    - fail:
    - debug: msg=nobody
- hosts: all
  gather_facts: false
  tasks:
    - debug: {msg: \"second play\"}
",
    );
}

#[test]
fn handlers_run_once_in_their_order() {
    site(
        "\
- hosts: all
  gather_facts: false
  pre_tasks:
    - command: 'true'
      notify: two
  tasks:
    - command: 'true'
      notify: [two, one, topic]
      changed_when: inventory_hostname != 'd1'
    - command: 'true'
      notify: one
      when: false
    - meta: flush_handlers
    - debug: msg=between
    - command: 'true'
      notify: chain
    - debug: msg=x
      notify: one
  post_tasks:
    - command: 'true'
      notify: failing
    - fail:
      when: inventory_hostname == 'w2'
  handlers:
    - name: one
      debug: msg=one
    - name: two
      debug: msg=two
    - name: chain
      command: 'true'
      notify: [last, one]
    - name: heard
      listen: topic
      debug: msg=heard
    - name: last
      debug: msg=last
    - name: failing
      fail:
      when: inventory_hostname == 'w1'
",
    );
}

const ROLES: [(&str, &str); 13] = [
    (
        "site.yml",
        "\
- hosts: web
  gather_facts: false
  vars: {from_play: play, both: play}
  vars_files: [vars/more.yml, [vars/none.yml, vars/other.yml]]
  roles:
    - {role: app, given: role, vars: {under: vars}}
    - base
  tasks:
    - debug: {msg: \"{{ of_base }} {{ default_app }} {{ both }} {{ from_file }} {{ other }} {{ v_app }}\"}
    - include_role: {name: app, tasks_from: other}
      vars: {both: include}
    - include_role: {name: '{{ item }}', tasks_from: other}
      loop: [base, app]
    - import_role: {name: base, tasks_from: other}
      vars: {both: import}
    - include_tasks: inc.yml
      loop: [1, 2]
      # Ansible runs included files in the order in which hosts answer.
      when: item == 1 or inventory_hostname == 'w1'
    - include_tasks: '{{ inventory_hostname }}.yml'
      when: inventory_hostname == 'w1'
    - include_tasks: '{{ inventory_hostname }}.yml'
      when: inventory_hostname == 'w2'
    - include_vars: vars/late.yml
    - debug: {msg: \"{{ late }} {{ both }}\"}
    - set_fact: {both: fact}
    - debug: {msg: \"{{ both }}\"}
    - debug: {msg: \"{{ both }}\"}
      vars: {both: task}
    - block:
        - debug: {msg: \"{{ both }} {{ in_block }}\"}
      vars: {both: block, in_block: 1}
    - import_tasks: inc.yml
      vars: {item: imported}
      when: inventory_hostname == 'w2'
",
    ),
    ("vars/more.yml", "from_file: yes it is\nboth: file\n"),
    ("vars/other.yml", "other: '{{ from_file | upper }}'\n"),
    ("vars/late.yml", "late: '{{ inventory_hostname }}!'\n"),
    ("inc.yml", "- debug: {msg: \"inc {{ item }} {{ both }}\"}\n"),
    ("w1.yml", "- debug: msg=one\n  tags: x\n"),
    ("w2.yml", "- fail: msg=two\n"),
    (
        "roles/app/tasks/main.yml",
        "- debug: {msg: \"{{ given }} {{ under }} {{ default_app }} {{ v_app }} {{ of_base }} {{ role_name }} {{ both }}\"}\n- command: 'true'\n  notify: h\n- include_tasks: sub.yml\n",
    ),
    (
        "roles/app/tasks/sub.yml",
        "- debug: {msg: \"sub {{ role_path | basename }}\"}\n",
    ),
    (
        "roles/app/tasks/other.yml",
        "- debug: {msg: \"other {{ both }} {{ default_app }}\"}\n",
    ),
    (
        "roles/app/defaults/main.yml",
        "default_app: d\ngiven: default\nlevel: default\n",
    ),
    ("roles/app/vars/main.yml", "v_app: rv {{ level }}\n"),
    ("roles/app/meta/main.yml", "dependencies: [base]\n"),
];

const BASE: [(&str, &str); 4] = [
    (
        "roles/base/tasks/main.yml",
        "- debug: {msg: \"base {{ of_base }} {{ ansible_parent_role_names | default([]) }}\"}\n",
    ),
    (
        "roles/base/tasks/other.yml",
        "- debug: {msg: \"base other {{ both }}\"}\n",
    ),
    ("roles/base/vars/main.yml", "of_base: b\n"),
    (
        "roles/app/handlers/main.yml",
        "- name: h\n  debug: {msg: \"h {{ default_app }}\"}\n",
    ),
];

#[test]
fn roles_includes_and_precedence() {
    let files: Vec<_> = ROLES.into_iter().chain(BASE).collect();
    same(&files);
    same_how(
        &files,
        How {
            extra: &["both=extra", "late=x"],
            tags: "x,untagged",
            ..How::default()
        },
    );
}

#[test]
fn batches_and_failures_for_all() {
    for text in [
        "- hosts: all\n  gather_facts: false\n  serial: 1\n  tasks:\n    - debug: {msg: \"{{ ansible_play_batch }}\"}\n    - fail:\n      when: inventory_hostname == 'w2'\n- hosts: all\n  gather_facts: false\n  tasks: [{debug: }]\n",
        "- hosts: all\n  gather_facts: false\n  serial: [1, '100%']\n  tasks:\n    - debug: {msg: \"{{ ansible_play_hosts_all }}\"}\n    - fail:\n      when: inventory_hostname == 'd1'\n- hosts: all\n  gather_facts: false\n  tasks: [{debug: }]\n",
        "- hosts: all\n  gather_facts: false\n  any_errors_fatal: true\n  tasks:\n    - block:\n        - fail:\n          when: inventory_hostname == 'w2'\n        - debug:\n      always:\n        - debug: msg=always\n    - debug:\n- hosts: all\n  tasks: [{debug: }]\n",
        "- hosts: all\n  gather_facts: false\n  any_errors_fatal: true\n  tasks:\n    - block:\n        - fail:\n          when: inventory_hostname == 'w2'\n      rescue:\n        - debug: msg=rescue\n    - debug:\n",
        "- hosts: all\n  gather_facts: false\n  max_fail_percentage: 30\n  tasks:\n    - fail:\n      when: inventory_hostname == 'w2'\n    - debug:\n- hosts: all\n  gather_facts: false\n  tasks: [{debug: }]\n",
        "- hosts: all\n  gather_facts: false\n  max_fail_percentage: 50\n  tasks:\n    - fail:\n      when: inventory_hostname == 'w2'\n    - debug:\n",
        "- hosts: all\n  gather_facts: false\n  tasks:\n    - command: echo {{ inventory_hostname }}\n      run_once: true\n      register: r\n    - debug: {msg: \"{{ r.stdout }}\"}\n    - fail:\n      run_once: true\n    - debug:\n",
        "- hosts: nobody\n  tasks: [{debug: }]\n- hosts: all\n  gather_facts: false\n  order: reverse_sorted\n  tasks:\n    - debug:\n    - meta: end_host\n      when: inventory_hostname == 'w1'\n    - debug: {msg: \"{{ ansible_play_hosts }}\"}\n    - meta: end_play\n    - debug:\n- hosts: web\n  gather_facts: false\n  tasks: [{debug: }]\n",
    ] {
        site(text);
    }
}

#[test]
fn tags_check_mode_start_and_delegation() {
    let text = "\
- hosts: web
  gather_facts: false
  environment: {FIRST: one, SECOND: '{{ inventory_hostname }}'}
  tasks:
    - name: first
      shell: echo $FIRST $SECOND
      register: said
      tags: a
    - debug: {msg: \"{{ said.stdout | default('none') }}\"}
      tags: [a, b]
    - name: second
      command: echo {{ inventory_hostname }}
      delegate_to: d1
      check_mode: false
      register: far
      environment: {FIRST: two}
    - debug: {msg: \"{{ far.stdout }}\"}
    - name: third
      debug: {msg: \"{{ ansible_check_mode }}\"}
      tags: never
    - set_fact: {f: 1}
      delegate_to: d1
      delegate_facts: true
    - debug: {msg: \"{{ f | default('mine') }} {{ hostvars.d1.f | default('its') }}\"}
    - add_host: {name: new1, groups: [made], own_var: 5}
    - group_by: {key: 'lvl_{{ level }}'}
- hosts: made:lvl_web
  gather_facts: false
  connection: local
  tasks:
    - debug: {msg: \"{{ own_var | default('-') }} {{ group_names }}\"}
";
    for how in [
        How::default(),
        How {
            tags: "a",
            ..How::default()
        },
        How {
            tags: "never",
            skip_tags: "b",
            ..How::default()
        },
        How {
            check: true,
            ..How::default()
        },
        How {
            start_at: Some("second"),
            ..How::default()
        },
    ] {
        same_how(&[("site.yml", text)], how);
    }
}
