//! The Jinja environment with Ansible's filters and tests. Must not know where values come from.
