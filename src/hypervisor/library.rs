//! libvirt.so.0, loaded when the first connection is opened.
//!
//! A linked libvirt is loaded at every start, with some 55 libraries that it needs
//! itself, which takes longer than most verbs that need none of them. So each of its
//! functions that the binding calls is defined here, as one jump through a slot, and
//! [`load`] fills the slots. The linker then finds nothing that it needs from the
//! library, and leaves it out (`--as-needed`, rustc's default).
//!
//! On other targets libvirt is linked plainly, and so is a function that the list
//! lacks: the program works the same, it only starts slower.

use super::error::HypervisorError;

/// Loads libvirt, if that has not happened yet. No function of libvirt may be called
/// before.
///
/// # Errors
/// `NoLibrary`.
pub(super) fn load() -> Result<(), HypervisorError> {
    #[cfg(all(
        target_os = "linux",
        target_env = "gnu",
        any(target_arch = "x86_64", target_arch = "aarch64")
    ))]
    jumps::fill()?;
    Ok(())
}

#[cfg(all(
    target_os = "linux",
    target_env = "gnu",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
mod jumps {
    #![expect(
        unsafe_code,
        reason = "dlopen, and the functions that it stands in for"
    )]

    use std::{
        arch::global_asm,
        error::Error,
        ffi::c_void,
        io::{self, Write},
        mem, process,
        sync::{
            Mutex, PoisonError,
            atomic::{AtomicPtr, Ordering},
        },
    };

    use libloading::os::unix::{Library, Symbol};
    use virt::error::ErrorNumber;

    use super::super::error::{Cause, HypervisorError};

    /// The library's name since its first release (`SONAME`).
    const LIBRARY: &str = "libvirt.so.0";

    /// The table's row and the function of one name. Registers and stack are as the
    /// caller left them, so that the arguments need no knowing.
    #[cfg(target_arch = "x86_64")]
    macro_rules! jump {
        ($name:ident) => {
            concat!(
                ".pushsection .data.swarmctl_libvirt, \"aw\", %progbits\n",
                ".Lswarmctl_",
                stringify!($name),
                ": .quad {early}\n",
                ".popsection\n",
                ".globl ",
                stringify!($name),
                "\n",
                ".hidden ",
                stringify!($name),
                "\n",
                ".type ",
                stringify!($name),
                ", %function\n",
                stringify!($name),
                ": jmp qword ptr [rip + .Lswarmctl_",
                stringify!($name),
                "]\n",
                ".size ",
                stringify!($name),
                ", . - ",
                stringify!($name),
                "\n",
            )
        };
    }

    /// The same; x16 is the register that a call may lose on its way (AAPCS64, IP0).
    #[cfg(target_arch = "aarch64")]
    macro_rules! jump {
        ($name:ident) => {
            concat!(
                ".pushsection .data.swarmctl_libvirt, \"aw\", %progbits\n",
                ".Lswarmctl_",
                stringify!($name),
                ": .quad {early}\n",
                ".popsection\n",
                ".p2align 2\n",
                ".globl ",
                stringify!($name),
                "\n",
                ".hidden ",
                stringify!($name),
                "\n",
                ".type ",
                stringify!($name),
                ", %function\n",
                stringify!($name),
                ": adrp x16, .Lswarmctl_",
                stringify!($name),
                "\n",
                "ldr x16, [x16, :lo12:.Lswarmctl_",
                stringify!($name),
                "]\n",
                "br x16\n",
                ".size ",
                stringify!($name),
                ", . - ",
                stringify!($name),
                "\n",
            )
        };
    }

    macro_rules! functions {
        ($($name:ident)*) => {
            const NAMES: &[&str] = &[$(stringify!($name)),*];

            global_asm!(
                ".pushsection .data.swarmctl_libvirt, \"aw\", %progbits",
                ".p2align 3",
                ".globl swarmctl_libvirt_slots",
                ".hidden swarmctl_libvirt_slots",
                "swarmctl_libvirt_slots:",
                ".popsection",
                ".pushsection .text.swarmctl_libvirt, \"ax\", %progbits",
                $(jump!($name),)*
                ".popsection",
                early = sym early,
            );
        };
    }

    // The functions that the crate `virt` and this room call; all are as old as libvirt
    // 4.1 at least. `nm -D target/debug/swarmctl | grep ' U vir'` shows what is missing
    // after a change.
    functions! {
        virConnectBaselineCPU virConnectClose virConnectCompareCPU virConnectDomainXMLFromNative
        virConnectDomainXMLToNative virConnectFindStoragePoolSources virConnectGetAllDomainStats
        virConnectGetCPUModelNames virConnectGetCapabilities virConnectGetDomainCapabilities
        virConnectGetHostname virConnectGetLibVersion virConnectGetMaxVcpus virConnectGetSysinfo
        virConnectGetType virConnectGetURI virConnectGetVersion virConnectIsAlive
        virConnectIsEncrypted virConnectIsSecure virConnectListAllDomains
        virConnectListAllInterfaces virConnectListAllNWFilters virConnectListAllNetworks
        virConnectListAllNodeDevices virConnectListAllSecrets virConnectListAllStoragePools
        virConnectListDefinedDomains virConnectListDefinedInterfaces
        virConnectListDefinedNetworks virConnectListDefinedStoragePools virConnectListDomains
        virConnectListInterfaces virConnectListNWFilters virConnectListNetworks
        virConnectListSecrets virConnectListStoragePools virConnectNumOfDefinedDomains
        virConnectNumOfDefinedInterfaces virConnectNumOfDefinedNetworks
        virConnectNumOfDefinedStoragePools virConnectNumOfDomains virConnectNumOfInterfaces
        virConnectNumOfNWFilters virConnectNumOfNetworks virConnectNumOfSecrets
        virConnectNumOfStoragePools virConnectOpen virConnectOpenAuth virConnectOpenReadOnly
        virConnectRef virConnectSetKeepAlive virDomainAttachDevice virDomainAttachDeviceFlags
        virDomainBlockResize virDomainBlockStats virDomainCoreDump virDomainCoreDumpWithFormat
        virDomainCreate virDomainCreateWithFlags virDomainCreateXML virDomainDefineXML
        virDomainDefineXMLFlags virDomainDestroy virDomainDestroyFlags virDomainDetachDevice
        virDomainDetachDeviceFlags virDomainFree virDomainGetAutostart virDomainGetBlockInfo
        virDomainGetConnect virDomainGetHostname virDomainGetID virDomainGetInfo
        virDomainGetJobInfo virDomainGetJobStats virDomainGetMaxMemory virDomainGetMaxVcpus
        virDomainGetMemoryParameters virDomainGetMetadata virDomainGetName
        virDomainGetNumaParameters virDomainGetOSType virDomainGetSchedulerParameters
        virDomainGetSchedulerParametersFlags virDomainGetSchedulerType virDomainGetState
        virDomainGetTime virDomainGetUUID virDomainGetUUIDString virDomainGetVcpusFlags
        virDomainGetXMLDesc virDomainHasManagedSaveImage virDomainInterfaceAddresses
        virDomainInterfaceStats virDomainIsActive virDomainIsPersistent virDomainIsUpdated
        virDomainListAllSnapshots virDomainLookupByID virDomainLookupByName
        virDomainLookupByUUID virDomainLookupByUUIDString virDomainManagedSave
        virDomainManagedSaveRemove virDomainMemoryStats virDomainMigrate virDomainMigrate2
        virDomainMigrate3 virDomainMigrateGetCompressionCache virDomainMigrateGetMaxSpeed
        virDomainMigrateSetCompressionCache virDomainMigrateSetMaxDowntime
        virDomainMigrateSetMaxSpeed virDomainMigrateToURI virDomainMigrateToURI2
        virDomainMigrateToURI3 virDomainOpenChannel virDomainOpenConsole virDomainOpenGraphics
        virDomainOpenGraphicsFD virDomainPMWakeup virDomainPinEmulator virDomainPinVcpu
        virDomainPinVcpuFlags virDomainReboot virDomainRef virDomainRename virDomainReset
        virDomainRestore virDomainRestoreFlags virDomainResume virDomainRevertToSnapshot
        virDomainSaveImageDefineXML virDomainSaveImageGetXMLDesc virDomainScreenshot
        virDomainSendKey virDomainSetAutostart virDomainSetBlockThreshold virDomainSetMaxMemory
        virDomainSetMemory virDomainSetMemoryFlags virDomainSetMemoryParameters
        virDomainSetMemoryStatsPeriod virDomainSetMetadata virDomainSetNumaParameters
        virDomainSetSchedulerParameters virDomainSetSchedulerParametersFlags virDomainSetTime
        virDomainSetUserPassword virDomainSetVcpus virDomainSetVcpusFlags virDomainShutdown
        virDomainShutdownFlags virDomainSnapshotCreateXML virDomainSnapshotCurrent
        virDomainSnapshotDelete virDomainSnapshotFree virDomainSnapshotGetConnect
        virDomainSnapshotGetDomain virDomainSnapshotGetName virDomainSnapshotGetParent
        virDomainSnapshotGetXMLDesc virDomainSnapshotHasMetadata virDomainSnapshotIsCurrent
        virDomainSnapshotListAllChildren virDomainSnapshotLookupByName virDomainSnapshotNum
        virDomainSnapshotNumChildren virDomainSnapshotRef virDomainStatsRecordListFree
        virDomainSuspend virDomainUndefine virDomainUndefineFlags virDomainUpdateDeviceFlags
        virEventAddHandle virEventAddTimeout virEventRegisterDefaultImpl virEventRemoveHandle
        virEventRemoveTimeout virEventRunDefaultImpl virEventUpdateHandle virEventUpdateTimeout
        virGetLastError virGetVersion virInterfaceCreate virInterfaceDefineXML
        virInterfaceDestroy virInterfaceFree virInterfaceGetConnect virInterfaceGetMACString
        virInterfaceGetName virInterfaceGetXMLDesc virInterfaceIsActive
        virInterfaceLookupByMACString virInterfaceLookupByName virInterfaceRef
        virInterfaceUndefine virNWFilterDefineXML virNWFilterFree virNWFilterGetName
        virNWFilterGetUUID virNWFilterGetUUIDString virNWFilterGetXMLDesc
        virNWFilterLookupByName virNWFilterLookupByUUID virNWFilterLookupByUUIDString
        virNWFilterRef virNWFilterUndefine virNetworkCreate virNetworkCreateXML
        virNetworkDefineXML virNetworkDestroy virNetworkFree virNetworkGetAutostart
        virNetworkGetBridgeName virNetworkGetConnect virNetworkGetName virNetworkGetUUID
        virNetworkGetUUIDString virNetworkGetXMLDesc virNetworkIsActive virNetworkIsPersistent
        virNetworkLookupByName virNetworkLookupByUUID virNetworkLookupByUUIDString virNetworkRef
        virNetworkSetAutostart virNetworkUndefine virNetworkUpdate virNodeDeviceCreateXML
        virNodeDeviceDestroy virNodeDeviceDetachFlags virNodeDeviceDettach virNodeDeviceFree
        virNodeDeviceGetName virNodeDeviceGetParent virNodeDeviceGetXMLDesc
        virNodeDeviceListCaps virNodeDeviceLookupByName virNodeDeviceLookupSCSIHostByWWN
        virNodeDeviceNumOfCaps virNodeDeviceReAttach virNodeDeviceRef virNodeDeviceReset
        virNodeGetCellsFreeMemory virNodeGetFreeMemory virNodeGetFreePages virNodeGetInfo
        virNodeNumOfDevices virSecretDefineXML virSecretFree virSecretGetConnect
        virSecretGetUUID virSecretGetUUIDString virSecretGetUsageID virSecretGetUsageType
        virSecretGetValue virSecretGetXMLDesc virSecretLookupByUUID virSecretLookupByUUIDString
        virSecretLookupByUsage virSecretRef virSecretSetValue virSecretUndefine virSetErrorFunc
        virStoragePoolBuild virStoragePoolCreate virStoragePoolCreateXML virStoragePoolDefineXML
        virStoragePoolDelete virStoragePoolDestroy virStoragePoolFree virStoragePoolGetAutostart
        virStoragePoolGetConnect virStoragePoolGetInfo virStoragePoolGetName
        virStoragePoolGetUUID virStoragePoolGetUUIDString virStoragePoolGetXMLDesc
        virStoragePoolIsActive virStoragePoolIsPersistent virStoragePoolListAllVolumes
        virStoragePoolListVolumes virStoragePoolLookupByName virStoragePoolLookupByTargetPath
        virStoragePoolLookupByUUID virStoragePoolLookupByUUIDString virStoragePoolLookupByVolume
        virStoragePoolNumOfVolumes virStoragePoolRef virStoragePoolRefresh
        virStoragePoolSetAutostart virStoragePoolUndefine virStorageVolCreateXML
        virStorageVolCreateXMLFrom virStorageVolDelete virStorageVolDownload virStorageVolFree
        virStorageVolGetConnect virStorageVolGetInfo virStorageVolGetInfoFlags
        virStorageVolGetKey virStorageVolGetName virStorageVolGetPath virStorageVolGetXMLDesc
        virStorageVolLookupByKey virStorageVolLookupByName virStorageVolLookupByPath
        virStorageVolRef virStorageVolResize virStorageVolUpload virStorageVolWipe
        virStorageVolWipePattern virStreamAbort virStreamEventAddCallback
        virStreamEventRemoveCallback virStreamEventUpdateCallback virStreamFinish virStreamFree
        virStreamNew virStreamRecv virStreamRef virStreamSend
    }

    unsafe extern "C" {
        /// One slot for each name, in their order. Naming it here also makes the linker
        /// take the functions, which are beside it, before it looks into the library.
        safe static swarmctl_libvirt_slots: [AtomicPtr<c_void>; NAMES.len()];
    }

    /// What every slot holds until the library is loaded.
    extern "C" fn early() -> ! {
        // The program ends here in any case, whether or not the line can be written.
        drop(writeln!(
            io::stderr(),
            "libvirt was called before it was loaded"
        ));
        process::abort();
    }

    /// Fills the slots once; a failure can be tried again.
    pub(super) fn fill() -> Result<(), HypervisorError> {
        static FILLED: Mutex<bool> = Mutex::new(false);
        let mut filled = FILLED.lock().unwrap_or_else(PoisonError::into_inner);
        if *filled {
            return Ok(());
        }
        let (library, addresses) = find(LIBRARY)?;
        for (slot, address) in swarmctl_libvirt_slots.iter().zip(addresses) {
            slot.store(address, Ordering::Release);
        }
        // It stays until the end: its threads and its objects may live as long.
        mem::forget(library);
        *filled = true;
        Ok(())
    }

    /// Returns the library `name` and the address of each function, in their order.
    fn find(name: &'static str) -> Result<(Library, Vec<*mut c_void>), HypervisorError> {
        let missing = |error: libloading::Error| HypervisorError::NoLibrary {
            library: name,
            // The error itself says only which call failed, its source why.
            cause: Cause::own(
                ErrorNumber::SystemError,
                error.source().unwrap_or(&error).to_string(),
            ),
        };
        // SAFETY: loading runs the library's constructors; those of libvirt and of what
        // it needs run at the start of every program that links it.
        let library = unsafe { Library::new(name) }.map_err(missing)?;
        let addresses = NAMES
            .iter()
            // SAFETY: the address is only kept; the binding says what it is.
            .map(|function| unsafe { library.get::<*mut c_void>(*function) }.map(Symbol::into_raw))
            .collect::<Result<Vec<_>, _>>()
            .map_err(missing)?;
        Ok((library, addresses))
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_missing_library_is_named_and_says_what_to_install() {
            let error = find("libnowhere.so.0").unwrap_err();
            assert_eq!(error.to_string(), "load libnowhere.so.0");
            let cause = error.source().unwrap().to_string();
            assert!(cause.contains("No such file"), "{cause}");
            assert!(error.hint().unwrap().contains("libvirt0"));
        }

        #[test]
        fn a_library_without_the_functions_is_refused() {
            let error = find("libc.so.6").unwrap_err();
            let cause = error.source().unwrap().to_string();
            assert!(cause.contains(NAMES[0]), "{cause}");
        }

        #[test]
        fn each_slot_holds_the_function_of_its_name() {
            fill().unwrap();
            let (_library, addresses) = find(LIBRARY).unwrap();
            assert_eq!(addresses.len(), NAMES.len());
            for ((slot, address), name) in swarmctl_libvirt_slots.iter().zip(addresses).zip(NAMES) {
                assert_eq!(slot.load(Ordering::Acquire), address, "{name}");
            }
        }
    }
}
