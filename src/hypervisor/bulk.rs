//! The one call of libvirt whose answer the binding hands out as raw pointers.
#![expect(
    unsafe_code,
    reason = "virt 0.4 and 0.5 leave the records of virConnectGetAllDomainStats unread"
)]

use std::{
    collections::HashMap,
    ffi::{CStr, c_char},
    ptr, slice,
};

use virt::{connect::Connect, error::Error as VirtError, sys};

/// One value of a record.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    /// Any of the integer types; negative ones don't occur in what is asked for here.
    Number(u64),
    /// A text.
    Text(String),
}

/// The values of one domain, by libvirt's names for them.
/// <https://libvirt.org/html/libvirt-libvirt-domain.html#virConnectGetAllDomainStats>
#[derive(Debug)]
pub(super) struct Record {
    pub(super) name: String,
    pub(super) uuid: String,
    pub(super) values: HashMap<String, Value>,
}

impl Record {
    pub(super) fn number(&self, key: &str) -> Option<u64> {
        match self.values.get(key)? {
            Value::Number(number) => Some(*number),
            Value::Text(_) => None,
        }
    }

    pub(super) fn text(&self, key: &str) -> Option<&str> {
        match self.values.get(key)? {
            Value::Text(text) => Some(text),
            Value::Number(_) => None,
        }
    }
}

/// The list that libvirt allocates and this side frees.
struct Records(*mut sys::virDomainStatsRecordPtr);

impl Drop for Records {
    fn drop(&mut self) {
        // SAFETY: the list came from virConnectGetAllDomainStats, is freed only here, and
        // nothing borrowed from it outlives `all_domain_stats`. NULL is allowed.
        unsafe { sys::virDomainStatsRecordListFree(self.0) };
    }
}

/// Asks for the statistics of all domains with one call.
pub(super) fn all_domain_stats(
    connect: &Connect,
    stats: u32,
    flags: u32,
) -> Result<Vec<Record>, VirtError> {
    let mut list = ptr::null_mut();
    // SAFETY: the connection is open as long as `connect` is borrowed; `list` is a valid
    // place for the result.
    let count =
        unsafe { sys::virConnectGetAllDomainStats(connect.as_ptr(), stats, &mut list, flags) };
    let records = Records(list);
    let Ok(count) = usize::try_from(count) else {
        return Err(VirtError::last_error());
    };
    if records.0.is_null() {
        return Ok(Vec::new());
    }
    // SAFETY: libvirt returned `count` as the length of the list, whose entries are
    // valid until it is freed.
    let pointers = unsafe { slice::from_raw_parts(records.0, count) };
    // SAFETY: each entry points to a record of the list, which `records` keeps alive.
    pointers
        .iter()
        .map(|record| unsafe { read(*record) })
        .collect()
}

/// # Safety
/// `record` must point to a record that libvirt filled and that is not freed yet.
unsafe fn read(record: sys::virDomainStatsRecordPtr) -> Result<Record, VirtError> {
    // SAFETY: the caller's promise; a record's domain is a valid handle, whose name
    // libvirt owns, and whose UUID it writes into a buffer of the length it defines.
    unsafe {
        let name = sys::virDomainGetName((*record).dom);
        if name.is_null() {
            return Err(VirtError::last_error());
        }
        let mut uuid: [c_char; sys::VIR_UUID_STRING_BUFLEN as usize] =
            [0; sys::VIR_UUID_STRING_BUFLEN as usize];
        if sys::virDomainGetUUIDString((*record).dom, uuid.as_mut_ptr()) < 0 {
            return Err(VirtError::last_error());
        }
        let count = usize::try_from((*record).nparams).unwrap_or(0);
        let params = if (*record).params.is_null() {
            &[]
        } else {
            slice::from_raw_parts((*record).params, count)
        };
        Ok(Record {
            name: owned(name),
            uuid: owned(uuid.as_ptr()),
            values: params.iter().filter_map(|param| value(param)).collect(),
        })
    }
}

/// # Safety
/// `param` must be one that libvirt filled: its type tells which field of the union is.
unsafe fn value(param: &sys::virTypedParameter) -> Option<(String, Value)> {
    // SAFETY: the caller's promise; names are NUL-terminated, and so are texts.
    unsafe {
        let value = match u32::try_from(param.type_).ok()? {
            sys::VIR_TYPED_PARAM_INT => Value::Number(u64::try_from(param.value.i).ok()?),
            sys::VIR_TYPED_PARAM_UINT => Value::Number(u64::from(param.value.ui)),
            sys::VIR_TYPED_PARAM_LLONG => Value::Number(u64::try_from(param.value.l).ok()?),
            sys::VIR_TYPED_PARAM_ULLONG => Value::Number(param.value.ul),
            sys::VIR_TYPED_PARAM_STRING if !param.value.s.is_null() => {
                Value::Text(owned(param.value.s))
            }
            _ => return None,
        };
        Some((owned(param.field.as_ptr()), value))
    }
}

/// # Safety
/// `text` must be NUL-terminated.
unsafe fn owned(text: *const c_char) -> String {
    // SAFETY: the caller's promise.
    unsafe { CStr::from_ptr(text) }
        .to_string_lossy()
        .into_owned()
}
