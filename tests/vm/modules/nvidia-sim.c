// SPDX-License-Identifier: GPL-2.0-only
/*
 * vGPUs without hardware
 *
 * NVIDIA's driver for newer kernels has no mediated devices: it gives each SR-IOV
 * virtual function a directory nvidia/, where a type is set. This driver, of the
 * same name, does that for an NVMe controller that QEMU emulates with virtual
 * functions:
 *
 *   -device nvme-subsys,id=sub0
 *   -device nvme,serial=x,subsys=sub0,sriov_max_vfs=4,...
 *
 * The physical function is the card, with room for "room" GB. Functions are VFIO
 * devices that can be opened while they have a type. All parameters may be
 * changed at any time:
 *
 *   late_ms   the directory of a function appears so much later than the function
 *   mixed     the card takes types of different sizes at the same time
 *   proposed  errors as in the driver that is proposed for the kernel, which tells
 *             causes apart, and not as in NVIDIA's own module
 *   linger    so many times, a type cannot be taken back because the last guest's
 *             process has not ended yet
 *   set_ms    setting a type takes so long
 */

#include <linux/delay.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/version.h>
#include <linux/vfio_pci_core.h>
#include <linux/workqueue.h>

static unsigned int room = 48;
module_param(room, uint, 0644);
static unsigned int late_ms;
module_param(late_ms, uint, 0644);
static unsigned int set_ms;
module_param(set_ms, uint, 0644);
static unsigned int linger;
module_param(linger, uint, 0644);
static bool mixed;
module_param(mixed, bool, 0644);
static bool proposed;
module_param(proposed, bool, 0644);

struct vgpu_type {
	int number;
	unsigned int size; /* GB */
	const char *name;
};

static const struct vgpu_type vgpu_types[] = {
	{ 501, 4, "SIM S1-4Q" },
	{ 502, 12, "SIM S1-12Q" },
	{ 503, 24, "SIM S1-24Q" },
	{ 504, 48, "SIM S1-48Q" },
};

/* The physical function. */
struct card {
	struct mutex lock;
	unsigned int used; /* GB */
	unsigned int vgpus;
	unsigned int size; /* of those vGPUs */
};

struct function {
	struct vfio_pci_core_device vfio; /* vfio_alloc_device() wants it first */
	struct card *card;
	struct delayed_work controls;
	bool has_controls;
	const struct vgpu_type *type;
	unsigned int users;
	char params[128];
	int placement;
};

static struct function *function_of(struct device *dev)
{
	return container_of((struct vfio_pci_core_device *)dev_get_drvdata(dev), struct function, vfio);
}

/* Returns 0 if the card can make such a vGPU now; its lock is held. */
static int card_check(const struct card *card, const struct vgpu_type *type)
{
	if (card->used + type->size > room)
		return -ENOSPC;
	if (card->vgpus && card->size != type->size && !mixed)
		return -EINVAL;
	return 0;
}

static ssize_t creatable_vgpu_types_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct function *function = function_of(dev);
	ssize_t length = sysfs_emit(buf, "ID    : vGPU Name\n");
	size_t i;

	mutex_lock(&function->card->lock);
	for (i = 0; i < ARRAY_SIZE(vgpu_types) && !function->type; i++)
		if (card_check(function->card, &vgpu_types[i]) == 0)
			length += sysfs_emit_at(buf, length, "%-5d : %s\n", vgpu_types[i].number, vgpu_types[i].name);
	mutex_unlock(&function->card->lock);
	return length;
}
static DEVICE_ATTR_RO(creatable_vgpu_types);

static ssize_t current_vgpu_type_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct function *function = function_of(dev);

	return sysfs_emit(buf, "%d\n", function->type ? function->type->number : 0);
}

static int type_set(struct function *function, int number)
{
	const struct vgpu_type *type = NULL;
	struct card *card = function->card;
	size_t i;
	int err;

	if (function->type)
		return -EPERM;
	for (i = 0; i < ARRAY_SIZE(vgpu_types); i++)
		if (vgpu_types[i].number == number)
			type = &vgpu_types[i];
	err = type ? card_check(card, type) : -ENODEV;
	if (err)
		return proposed ? err : -EIO;
	msleep(set_ms);
	function->type = type;
	card->used += type->size;
	card->size = type->size;
	card->vgpus++;
	return 0;
}

static int type_clear(struct function *function)
{
	if (!function->type)
		return proposed ? 0 : -EPERM;
	if (function->users)
		return proposed ? -EBUSY : -EPERM;
	if (linger) {
		linger--;
		return -EBUSY;
	}
	function->card->used -= function->type->size;
	function->card->vgpus--;
	function->type = NULL;
	function->params[0] = '\0';
	function->placement = 0;
	return 0;
}

static ssize_t current_vgpu_type_store(struct device *dev, struct device_attribute *attr, const char *buf, size_t count)
{
	struct function *function = function_of(dev);
	unsigned int number;
	int err = kstrtouint(buf, 10, &number);

	if (err)
		return err;
	mutex_lock(&function->card->lock);
	err = number ? type_set(function, number) : type_clear(function);
	mutex_unlock(&function->card->lock);
	return err ? err : count;
}
static DEVICE_ATTR_RW(current_vgpu_type);

static ssize_t vgpu_params_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n", function_of(dev)->params);
}

static ssize_t vgpu_params_store(struct device *dev, struct device_attribute *attr, const char *buf, size_t count)
{
	struct function *function = function_of(dev);

	if (!function->type)
		return -ENODEV;
	if (count >= sizeof(function->params) || !strchr(buf, '='))
		return -EINVAL;
	strscpy(function->params, buf, sizeof(function->params));
	return count;
}
static DEVICE_ATTR_RW(vgpu_params);

static ssize_t placement_id_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%d\n", function_of(dev)->placement);
}

static ssize_t placement_id_store(struct device *dev, struct device_attribute *attr, const char *buf, size_t count)
{
	int err = mixed ? kstrtoint(buf, 10, &function_of(dev)->placement) : -EPERM;

	return err ? err : count;
}
static DEVICE_ATTR_RW(placement_id);

static struct attribute *controls_attrs[] = {
	&dev_attr_creatable_vgpu_types.attr,
	&dev_attr_current_vgpu_type.attr,
	&dev_attr_vgpu_params.attr,
	&dev_attr_placement_id.attr,
	NULL,
};

static const struct attribute_group controls_group = {
	.name = "nvidia",
	.attrs = controls_attrs,
};

/* No event tells of the directory. */
static void controls_add(struct work_struct *work)
{
	struct function *function = container_of(to_delayed_work(work), struct function, controls);

	function->has_controls = sysfs_create_group(&function->vfio.pdev->dev.kobj, &controls_group) == 0;
}

static int sim_open_device(struct vfio_device *vfio)
{
	struct function *function = container_of(vfio, struct function, vfio.vdev);
	int err = -ENODEV;

	mutex_lock(&function->card->lock);
	if (function->type)
		err = vfio_pci_core_enable(&function->vfio);
	if (!err) {
		vfio_pci_core_finish_enable(&function->vfio);
		function->users++;
	}
	mutex_unlock(&function->card->lock);
	return err;
}

static void sim_close_device(struct vfio_device *vfio)
{
	struct function *function = container_of(vfio, struct function, vfio.vdev);

	vfio_pci_core_close_device(vfio);
	mutex_lock(&function->card->lock);
	function->users--;
	mutex_unlock(&function->card->lock);
}

static const struct vfio_device_ops sim_ops = {
	.name = "nvidia-sim",
	.init = vfio_pci_core_init_dev,
	.release = vfio_pci_core_release_dev,
	.open_device = sim_open_device,
	.close_device = sim_close_device,
	.ioctl = vfio_pci_core_ioctl,
	.device_feature = vfio_pci_core_ioctl_feature,
	.read = vfio_pci_core_read,
	.write = vfio_pci_core_write,
	.mmap = vfio_pci_core_mmap,
	.request = vfio_pci_core_request,
	.match = vfio_pci_core_match,
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)
	.bind_iommufd = vfio_iommufd_physical_bind,
	.unbind_iommufd = vfio_iommufd_physical_unbind,
	.attach_ioas = vfio_iommufd_physical_attach_ioas,
	.detach_ioas = vfio_iommufd_physical_detach_ioas,
#endif
};

static int card_probe(struct pci_dev *pdev)
{
	struct card *card = devm_kzalloc(&pdev->dev, sizeof(*card), GFP_KERNEL);

	if (!card)
		return -ENOMEM;
	mutex_init(&card->lock);
	pci_set_drvdata(pdev, card);
	return pcim_enable_device(pdev);
}

static int sim_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct function *function;
	int err;

	if (!pdev->is_virtfn)
		return card_probe(pdev);
	function = vfio_alloc_device(function, vfio.vdev, &pdev->dev, &sim_ops);
	if (IS_ERR(function))
		return PTR_ERR(function);
	function->card = pci_get_drvdata(pci_physfn(pdev));
	INIT_DELAYED_WORK(&function->controls, controls_add);
	dev_set_drvdata(&pdev->dev, &function->vfio);
	err = function->card ? vfio_pci_core_register_device(&function->vfio) : -ENODEV;
	if (err) {
		vfio_put_device(&function->vfio.vdev);
		return err;
	}
	schedule_delayed_work(&function->controls, msecs_to_jiffies(late_ms));
	return 0;
}

static void sim_remove(struct pci_dev *pdev)
{
	struct function *function;

	if (!pdev->is_virtfn) {
		pci_disable_sriov(pdev);
		return;
	}
	function = function_of(&pdev->dev);
	cancel_delayed_work_sync(&function->controls);
	/* Waits until nobody has it open. */
	vfio_pci_core_unregister_device(&function->vfio);
	if (function->has_controls)
		sysfs_remove_group(&pdev->dev.kobj, &controls_group);
	mutex_lock(&function->card->lock);
	if (function->type) {
		function->card->used -= function->type->size;
		function->card->vgpus--;
	}
	mutex_unlock(&function->card->lock);
	vfio_put_device(&function->vfio.vdev);
}

/* Without a table for modprobe: only a test loads this. */
static const struct pci_device_id sim_ids[] = {
	{ PCI_DEVICE(PCI_VENDOR_ID_REDHAT, 0x0010) },
	{}
};

static struct pci_driver sim_driver = {
	.name = "nvidia",
	.id_table = sim_ids,
	.probe = sim_probe,
	.remove = sim_remove,
	.sriov_configure = pci_sriov_configure_simple,
	.driver_managed_dma = true,
};
module_pci_driver(sim_driver);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("vGPUs of SR-IOV functions for tests");
