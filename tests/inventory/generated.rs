use crate::{
    compare::{Order, same},
    generate::{generate, patterns},
    oracle::Oracle,
};

const INVENTORIES: u64 = 60;

#[test]
fn generated_inventories_are_read_as_ansible_reads_them() {
    let Some(mut oracle) = Oracle::start() else {
        return;
    };
    let first = std::env::var("SWARMCTL_SEED").map_or(1, |seed| seed.parse().unwrap());
    for seed in first..first + INVENTORIES {
        let generated = generate(seed);
        let patterns = patterns(seed, &generated.leaves);
        let order = if generated.flat {
            Order::Exact
        } else {
            Order::Any
        };
        same(&mut oracle, &generated.fleet, &patterns, order);
    }
}
