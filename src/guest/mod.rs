//! The life of one guest: image, overlay, seed, domain, lease, ready, and back.
