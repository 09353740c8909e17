use crate::{
    fleet::FleetError,
    hypervisor::HypervisorError,
    plan::{Failure, FailureKind},
};

/// Returns the failure that an error of the hypervisor room is.
pub fn hypervisor_failure(error: &HypervisorError) -> Failure {
    let kind = match error {
        HypervisorError::NoLibrary { .. }
        | HypervisorError::Unreachable { .. }
        | HypervisorError::Denied { .. } => FailureKind::Unreachable,
        _ => FailureKind::Failed,
    };
    with_hint(failed_to(kind, error), error.hint())
}

/// Returns the failure that an error of the fleet room is.
pub fn fleet_failure(error: &FleetError) -> Failure {
    let kind = match error {
        FleetError::Locked { .. } => FailureKind::Locked,
        _ => FailureKind::Failed,
    };
    with_hint(failed_to(kind, error), error.hint())
}

/// Returns the failure of an error whose text fits behind "failed to".
pub fn failed_to(kind: FailureKind, error: &(dyn std::error::Error + 'static)) -> Failure {
    let mut failure = Failure::from_error(kind, error);
    if let Some(first) = failure.causes.first_mut() {
        *first = format!("failed to {first}");
    }
    failure
}

fn with_hint(failure: Failure, hint: Option<String>) -> Failure {
    match hint {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}
