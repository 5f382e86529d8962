/* SPDX-License-Identifier: GPL-2.0-only */

/*
 * Lets the kernel's own vfio_ap work where there are no AP instructions
 *
 * vfio_ap is compiled with this file before its own. Its parent and its checks
 * of the matrix remain as they are. There are no queues, no guest is told of
 * its matrix, and the host keeps adapter 0 with domain 0, whatever apmask and
 * aqmask say: the AP bus has neither without the instructions.
 */

#include <linux/kvm_host.h>
#include <asm/ap.h>
#include "ap_bus.h"

static inline int emulated_owned_by_host(unsigned long *apm, unsigned long *aqm)
{
	return test_bit_inv(0, apm) && test_bit_inv(0, aqm);
}

#define ap_instructions_available() 1
#define ap_driver_register(driver, owner, name) ((void)(driver), 0)
#define ap_driver_unregister(driver) do {} while (0)
#define ap_get_qdev(apqn) NULL
#define ap_apqn_in_matrix_owned_by_def_drv(apm, aqm) emulated_owned_by_host(apm, aqm)
#define gfn_to_hva(kvm, gfn) KVM_HVA_ERR_BAD
#define kvm_get_kvm(kvm) do {} while (0)
#define kvm_put_kvm(kvm) do {} while (0)
#define kvm_arch_crypto_set_masks(kvm, apm, aqm, adm) do {} while (0)
#define kvm_arch_crypto_clear_masks(kvm) do {} while (0)
#define kvm_s390_gisc_register(kvm, isc) (-EOPNOTSUPP)
#define kvm_s390_gisc_unregister(kvm, isc) do {} while (0)
