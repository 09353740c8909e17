use super::Module;

/// Every module, by short name.
pub static MODULES: &[&Module] = &[
    &super::add_host::MODULE,
    &super::apt::MODULE,
    &super::apt_repository::MODULE,
    &super::archive::MODULE,
    &super::assert::MODULE,
    &super::authorized_key::MODULE,
    &super::blockinfile::MODULE,
    &super::command::MODULE,
    &super::copy::MODULE,
    &super::cron::MODULE,
    &super::deb822_repository::MODULE,
    &super::debug::MODULE,
    &super::fail::MODULE,
    &super::fetch::MODULE,
    &super::file::MODULE,
    &super::find::MODULE,
    &super::get_url::MODULE,
    &super::getent::MODULE,
    &super::git::MODULE,
    &super::git_config::MODULE,
    &super::group::MODULE,
    &super::group_by::MODULE,
    &super::hostname::MODULE,
    &super::include_vars::MODULE,
    &super::ini_file::MODULE,
    &super::known_hosts::MODULE,
    &super::lineinfile::MODULE,
    &super::meta::MODULE,
    &super::mount::MODULE,
    &super::npm::MODULE,
    &super::package::MODULE,
    &super::package_facts::MODULE,
    &super::pause::MODULE,
    &super::ping::MODULE,
    &super::pip::MODULE,
    &super::raw::MODULE,
    &super::reboot::MODULE,
    &super::replace::MODULE,
    &super::script::MODULE,
    &super::service::MODULE,
    &super::service_facts::MODULE,
    &super::set_fact::MODULE,
    &super::setup::MODULE,
    &super::shell::MODULE,
    &super::slurp::MODULE,
    &super::stat::MODULE,
    &super::sysctl::MODULE,
    &super::systemd::MODULE,
    &super::tempfile::MODULE,
    &super::template::MODULE,
    &super::timezone::MODULE,
    &super::ufw::MODULE,
    &super::unarchive::MODULE,
    &super::uri::MODULE,
    &super::user::MODULE,
    &super::wait_for::MODULE,
    &super::wait_for_connection::MODULE,
];

/// Returns the module of a short or fully qualified name.
pub fn find(name: &str) -> Option<&'static Module> {
    let short = |module: &&&Module| {
        module.name == name
            || module.fqcn.contains(&name)
            || name.strip_prefix("ansible.legacy.") == Some(module.name)
    };
    MODULES.iter().find(short).copied()
}

/// Returns the name of a module that someone who wrote `name` may have meant.
pub fn suggest(name: &str) -> Option<&'static str> {
    let short = name.rsplit('.').next().unwrap_or(name);
    nearest(short, MODULES.iter().map(|module| module.name))
}

/// Returns the nearest of some names, when one is near.
pub(super) fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // Below this likeness, two words are taken for two different words.
    const NEAR: f64 = 0.7;
    names
        .map(|known| (strsim::jaro_winkler(name, known), known))
        .filter(|(likeness, _)| *likeness >= NEAR)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, known)| known)
}
