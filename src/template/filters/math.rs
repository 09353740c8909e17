use minijinja::{Environment, Error, Value};

use super::{add, failure};

/// Adds `log`, `pow`, `root`.
pub(super) fn register(environment: &mut Environment<'static>) {
    add(environment, "log", log);
    add(environment, "pow", pow);
    add(environment, "root", root);
}

fn number(value: &Value) -> Result<f64, Error> {
    f64::try_from(value.clone()).map_err(|_| failure("the value is no number"))
}

/// Returns the logarithm, the natural one unless a base is given.
fn log(value: &Value, base: Option<f64>) -> Result<f64, Error> {
    let number = number(value)?;
    Ok(match base {
        None => number.ln(),
        Some(10.0) => number.log10(),
        Some(base) => number.log(base),
    })
}

fn pow(value: &Value, power: f64) -> Result<f64, Error> {
    Ok(number(value)?.powf(power))
}

fn root(value: &Value, base: Option<f64>) -> Result<f64, Error> {
    let number = number(value)?;
    Ok(match base {
        None | Some(2.0) => number.sqrt(),
        Some(base) => number.powf(1.0 / base),
    })
}
