//! Values that never print, Ansible Vault, the redactor. Must not know who uses them.
