use std::process::Command;

use serde_json::{Map, Value, json};
use swarmctl::play::run::{Call, Hands, Outcome};

/// Does on this machine what needs no modules: the few that the comparison uses.
pub struct LocalHands;

fn fields(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

impl Hands for LocalHands {
    async fn call(&self, call: Call) -> Outcome {
        let args = &call.args;
        Outcome::Done(fields(match call.module {
            "ping" => json!({ "ping": "pong" }),
            "debug" => match args.get("var") {
                Some(var) => {
                    json!({ var["expression"].as_str().unwrap(): var["value"] })
                }
                None => {
                    json!({ "msg": args.get("msg").cloned().unwrap_or("Hello world!".into()) })
                }
            },
            "set_fact" => json!({ "ansible_facts": args }),
            "setup" => json!({ "ansible_facts": { "ansible_system": "Linux" } }),
            "fail" => json!({ "failed": true, "msg": args.get("msg") }),
            "assert" => {
                let that = args["that"].as_array().unwrap();
                let holds = that.iter().all(|one| one["evaluated_to"] == true);
                json!({ "failed": !holds, "msg": if holds { "All assertions passed" } else { "Assertion failed" } })
            }
            "command" | "shell" if call.check => {
                json!({ "skipped": true, "changed": false, "rc": 0, "stdout": "", "stderr": "" })
            }
            "command" | "shell" => run(&call),
            other => json!({ "failed": true, "msg": format!("no {other} here") }),
        }))
    }
}

fn run(call: &Call) -> Value {
    let text = call.args["_raw_params"].as_str().unwrap();
    let output = Command::new("/bin/sh")
        .args(["-c", text])
        .envs(call.environment.iter().cloned())
        .output()
        .unwrap();
    let text = |bytes: &[u8]| {
        String::from_utf8_lossy(bytes)
            .trim_end_matches('\n')
            .to_owned()
    };
    let stdout = text(&output.stdout);
    let lines: Vec<&str> = stdout.lines().collect();
    json!({
        "changed": true,
        "rc": output.status.code(),
        "stdout": stdout,
        "stdout_lines": lines,
        "stderr": text(&output.stderr),
        "failed": !output.status.success(),
    })
}
