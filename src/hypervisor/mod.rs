//! libvirt: domains, volumes, pools, networks. Must not know OpenClaw or SSH.
