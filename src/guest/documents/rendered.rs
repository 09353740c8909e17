use std::{collections::HashMap, fmt::Write as _};

use minijinja::Value;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};

use super::{context::instance_value, merge, redact::redact};
use crate::{
    guest::host_key::HostKey,
    inventory::{Instance, Scope},
    plan::{Diagnostic, Place},
    template::{Engine, from_json, from_yaml, to_yaml},
};

/// What stands for the private host key in digests and diffs, and while templates
/// are rendered, so that no template ever sees the key.
const PRIVATE: &str = "<host key>";
/// What stands for the public host key there.
const PUBLIC: &str = "<host public key>";

/// The rendered documents. The user-data holds the private host key when one was
/// given, so it is kept as a secret.
#[derive(Clone, Debug)]
pub struct Documents {
    user_data: SecretString,
    meta_data: String,
    network_config: String,
    digest: String,
    redacted: String,
}

impl Documents {
    /// Renders `cloud-init/{user-data,meta-data,network-config}.j2` for `instance`
    /// and merges its `vm_cloud_init`. Without a key a placeholder stands in its
    /// place. [`Documents::digest`] and [`Documents::redacted`] are the same either way.
    ///
    /// # Errors
    ///
    /// Fails with the template's place, also when what it renders is no YAML.
    pub fn render(
        engine: &Engine,
        instance: &Instance,
        host_key: Option<&HostKey>,
    ) -> Result<Self, Diagnostic> {
        let mut names = HashMap::from([
            ("instance".to_owned(), instance_value(instance)),
            (
                "host_key".to_owned(),
                from_json(&serde_json::json!({ "private": PRIVATE, "public": PUBLIC })),
            ),
        ]);
        let context = |names: &HashMap<String, Value>| {
            Scope::with(instance.vars.clone(), names.clone()).context()
        };
        let mut user_data = document(engine, "cloud-init/user-data.j2", context(&names))?;
        if let (Some(extra), Json::Object(base)) = (&instance.cloud_init, &mut user_data)
            && let Json::Object(extra) = merge::to_json(extra)
        {
            merge::merge(base, extra);
        }
        let network = document(engine, "cloud-init/network-config.j2", context(&names))?;
        let network_config = to_yaml(&network);

        let content = digest(&[&cloud_config(&user_data), &network_config]);
        let short = instance.hostname.split('.').next().unwrap_or_default();
        let instance_id = format!("{short}-{}", content.get(..12).unwrap_or_default());
        names.insert("instance_id".to_owned(), Value::from(instance_id));
        let meta = document(engine, "cloud-init/meta-data.j2", context(&names))?;
        let meta_data = to_yaml(&meta);

        let digest = digest(&[&cloud_config(&user_data), &network_config, &meta_data]);
        let secrets = instance.secrets();
        let redacted = format!(
            "# user-data\n{}\n# network-config\n{}\n# meta-data\n{}",
            to_yaml(&redact(&user_data, &secrets)),
            to_yaml(&redact(&network, &secrets)),
            to_yaml(&redact(&meta, &secrets)),
        );
        if let Some(key) = host_key {
            insert_key(&mut user_data, key);
        }
        Ok(Self {
            user_data: cloud_config(&user_data).into(),
            meta_data,
            network_config,
            digest,
            redacted,
        })
    }

    /// Returns the user-data, which begins with `#cloud-config`.
    pub fn user_data(&self) -> &SecretString {
        &self.user_data
    }

    /// Returns the meta-data.
    pub fn meta_data(&self) -> &str {
        &self.meta_data
    }

    /// Returns the network-config.
    pub fn network_config(&self) -> &str {
        &self.network_config
    }

    /// Returns the SHA-256 of the documents with the host key's placeholder, in hex.
    /// Vaulted values count, but only through this hash.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Returns all three documents for people and diffs: with the host key's
    /// placeholder, and vaulted values hidden.
    pub fn redacted(&self) -> &str {
        &self.redacted
    }
}

/// Renders one template and parses what it gives.
fn document(engine: &Engine, relative: &str, context: Value) -> Result<Json, Diagnostic> {
    let text = engine.render_file(relative, context)?;
    let place = || engine.file(relative).map(|path| Place::new(&path, 0, 0));
    let json = from_yaml(&text).map_err(|at| {
        Diagnostic::error(
            place(),
            format!("the template gives no valid YAML{at} of its result"),
        )
        .hint("pass values through to_json: {{ value | to_json }}")
    })?;
    if !json.is_object() {
        return Err(Diagnostic::error(
            place(),
            "the template gives no mapping, as cloud-init wants it",
        ));
    }
    Ok(json)
}

/// Returns the user-data as text.
fn cloud_config(user_data: &Json) -> String {
    // cloud-init tells its formats apart by this first line.
    format!("#cloud-config\n{}", to_yaml(user_data))
}

/// Puts the key where the placeholders are.
fn insert_key(json: &mut Json, key: &HostKey) {
    match json {
        Json::String(text) if text.contains(PRIVATE) => {
            *text = text.replace(PRIVATE, key.private.expose_secret());
        }
        Json::String(text) if text.contains(PUBLIC) => *text = text.replace(PUBLIC, &key.public),
        Json::Array(items) => items.iter_mut().for_each(|item| insert_key(item, key)),
        Json::Object(map) => map.values_mut().for_each(|item| insert_key(item, key)),
        _ => {}
    }
}

/// Returns the SHA-256 of several texts; each one's length keeps them apart.
fn digest(texts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update(text.len().to_be_bytes());
        hash.update(text.as_bytes());
    }
    let mut hex = String::new();
    for byte in hash.finalize() {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

#[cfg(test)]
mod tests {
    use crate::guest::testing::{engine, instance};

    use super::*;

    #[test]
    fn the_user_data_is_what_cloud_init_wants() {
        let text = "vm_ip: 10.0.0.2\nvm_hostname: zap.lab\n\
                    vm_users: [swarm, {name: will, sudo: false, groups: [adm]}]\n\
                    vm_cloud_init: {packages: [htop], runcmd: [[touch, '{{ flag }}']]}\nflag: /x\n";
        let documents = Documents::render(&engine(), &instance("zap", text), None).unwrap();
        insta::assert_snapshot!(documents.user_data().expose_secret(), @r#"
        #cloud-config
        hostname: zap
        fqdn: zap.lab
        manage_etc_hosts: true
        ssh_pwauth: false
        disable_root: true
        ssh_deletekeys: true
        ssh_keys:
          ed25519_private: "<host key>"
          ed25519_public: "<host public key>"
        users:
        - name: swarm
          shell: /bin/bash
          lock_passwd: true
          sudo: "ALL=(ALL) NOPASSWD:ALL"
          ssh_authorized_keys:
          - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ a@b
        - name: will
          shell: /bin/bash
          lock_passwd: true
          groups:
          - adm
          ssh_authorized_keys:
          - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ a@b
        growpart:
          mode: auto
          devices:
          - /
        resize_rootfs: true
        mounts:
        - - swarm
          - /mnt/swarm
          - virtiofs
          - defaults,nofail,x-systemd.automount
          - "0"
          - "0"
        bootcmd:
        - - sh
          - "-c"
          - "modprobe -q i6300esb || true"
        write_files:
        - path: /etc/modules-load.d/i6300esb.conf
          content: "i6300esb\n"
        - path: /etc/systemd/system.conf.d/50-swarmctl-watchdog.conf
          content: |
            [Manager]
            RuntimeWatchdogSec=30s
        runcmd:
        - - sh
          - "-c"
          - "modprobe -q i6300esb || rm -f /etc/modules-load.d/i6300esb.conf; systemctl daemon-reexec || true"
        - - touch
          - /x
        packages:
        - htop
        "#);
        insta::assert_snapshot!(documents.network_config(), @r#"
        version: 2
        ethernets:
          eth0:
            match:
              macaddress: "52:54:00:b4:c5:ae"
            set-name: eth0
            dhcp4: true
            dhcp6: false
        "#);
        insta::assert_snapshot!(documents.meta_data(), @r"
        instance-id: zap-f0206cb9de8b
        local-hostname: zap
        ");
    }

    #[test]
    fn keys_and_secrets_stay_out_of_digest_and_diff() {
        let text = "vm_ip: 10.0.0.2\nvm_cloud_init: {chpasswd: '{{ pw }}', b: '{{ pw | b64encode }}'}\n\
                    pw: VAULT:hunter2\n";
        let instance = instance("zap", text);
        let key = HostKey::mint().unwrap();
        let plain = Documents::render(&engine(), &instance, None).unwrap();
        let keyed = Documents::render(&engine(), &instance, Some(&key)).unwrap();
        assert_eq!(plain.digest(), keyed.digest());
        assert_eq!(plain.redacted(), keyed.redacted());
        assert!(keyed.redacted().contains("ed25519_private: \"<host key>\""));
        assert!(!keyed.redacted().contains("hunter2") && !keyed.redacted().contains("aHVudGVyMg"));
        let parsed = from_yaml(keyed.user_data().expose_secret()).unwrap();
        assert_eq!(parsed["chpasswd"], "hunter2");
        assert_eq!(
            parsed["ssh_keys"]["ed25519_private"],
            key.private.expose_secret()
        );
        assert_eq!(parsed["ssh_keys"]["ed25519_public"], key.public.as_str());
        assert!(!format!("{keyed:?}").contains("PRIVATE"));
    }

    #[test]
    fn a_template_that_gives_no_yaml_is_named() {
        let engine = Engine::new(|name| {
            let file = std::path::Path::new("fleet").join(name);
            Some((file.into(), "a: b: c\n".to_owned()))
        });
        let instance = instance("zap", "vm_ip: 10.0.0.2\n");
        let error = Documents::render(&engine, &instance, None).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("fleet/cloud-init/user-data.j2: the template gives no valid YAML"),
            "{error}"
        );
    }
}
