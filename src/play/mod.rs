//! Playbooks: reads them, resolves their variables, schedules their tasks.
//! Must not know libvirt, guests or backups.
//!
//! A task's module call becomes one self-contained `sh` program ([`modules`]);
//! how that program reaches a host is the business of `transport`.

pub mod modules;
