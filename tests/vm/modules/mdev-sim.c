// SPDX-License-Identifier: GPL-2.0-only
/*
 * A parent driver that does what the kernel's sample drivers cannot
 *
 * The samples have no writable attribute, one parent each and never fail. The
 * tests need attributes that remember the order in which they were written,
 * creations that are slow or refused, and parents that are registered and
 * unregistered while their device stays. None of it touches hardware.
 *
 *   modprobe mdev-sim parents=4 instances=16 prefix=sim
 *
 * makes the parents sim0 ... sim3, each with the types mdev_sim-small and
 * mdev_sim-large. Writing 0 or 1 to the attribute "registered" of a parent
 * unregisters or registers it. The parameters probe_ms, probe_errno and remove_ms
 * delay and refuse creations and delay removals, and may be changed at any time.
 *
 * A PCI function or platform device that driver_override binds to the driver
 * mdev_sim becomes a parent of the same kind. bind_ms and bind_errno delay and
 * refuse that.
 *
 * Attributes of an mdev, in the directory sim/:
 *   a, b    accept everything
 *   errno   refuses: a write of N fails with errno N
 *   again   a write of N fails with EAGAIN the first N times
 *   log     what was written so far, one "name=value" a line
 * And in mdev/:
 *   aggregation  how many instances of its parent the device takes; a write of
 *                N takes N in place of those it had, or fails with ENOSPC
 */

#include <linux/device.h>
#include <linux/mdev.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/version.h>
#include <linux/vfio.h>
#include <linux/delay.h>
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
#include <linux/iommufd.h>
#endif

static unsigned int parents = 1;
module_param(parents, uint, 0444);
static unsigned int instances = 16;
module_param(instances, uint, 0444);
static char *prefix = "sim";
module_param(prefix, charp, 0444);
static unsigned int probe_ms;
module_param(probe_ms, uint, 0644);
static unsigned int remove_ms;
module_param(remove_ms, uint, 0644);
static unsigned int probe_errno;
module_param(probe_errno, uint, 0644);

static unsigned int bind_ms;
module_param(bind_ms, uint, 0644);
static unsigned int bind_errno;
module_param(bind_errno, uint, 0644);

struct sim_parent {
	struct device dev; /* unused if the parent is a device of a bus */
	struct device *real; /* the device that is the parent */
	struct mdev_parent parent;
	struct mdev_type types[2];
	struct mdev_type *type_list[2];
	struct mutex lock; /* guards registered */
	bool registered;
	/*
	 * Not the lock above: unregistering holds that and waits for those
	 * who write to attributes of the mdevs.
	 */
	struct mutex instances_lock; /* guards what follows, and how many each mdev has taken */
	unsigned int available;
};

struct sim_device {
	struct vfio_device vdev;
	struct sim_parent *parent;
	unsigned int taken; /* under the parent's instances_lock */
	struct mutex lock; /* guards what follows */
	unsigned int tries;
	size_t used;
	char log[PAGE_SIZE];
};

static struct sim_parent **sim_parents;

/* The attributes of an mdev */

static ssize_t sim_record(struct device *dev, const char *name, const char *buf, size_t count)
{
	struct sim_device *sim = dev_get_drvdata(dev);

	mutex_lock(&sim->lock);
	sim->used += scnprintf(sim->log + sim->used, sizeof(sim->log) - sim->used, "%s=%.*s\n", name,
			       (int)count, buf);
	mutex_unlock(&sim->lock);
	return count;
}

static ssize_t a_store(struct device *dev, struct device_attribute *attr, const char *buf, size_t count)
{
	return sim_record(dev, "a", buf, count);
}
static DEVICE_ATTR_WO(a);

static ssize_t b_store(struct device *dev, struct device_attribute *attr, const char *buf, size_t count)
{
	return sim_record(dev, "b", buf, count);
}
static DEVICE_ATTR_WO(b);

static ssize_t errno_store(struct device *dev, struct device_attribute *attr, const char *buf, size_t count)
{
	unsigned int number;
	int ret = kstrtouint(buf, 0, &number);

	return ret ? ret : number ? -(int)number : (int)count;
}
static struct device_attribute dev_attr_errno = __ATTR(errno, 0200, NULL, errno_store);

static ssize_t again_store(struct device *dev, struct device_attribute *attr, const char *buf, size_t count)
{
	struct sim_device *sim = dev_get_drvdata(dev);
	unsigned int wanted;
	int ret = kstrtouint(buf, 0, &wanted);

	if (ret)
		return ret;
	mutex_lock(&sim->lock);
	ret = sim->tries++ < wanted ? -EAGAIN : 0;
	mutex_unlock(&sim->lock);
	return ret ? ret : sim_record(dev, "again", buf, count);
}
static DEVICE_ATTR_WO(again);

static ssize_t log_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct sim_device *sim = dev_get_drvdata(dev);
	ssize_t ret;

	mutex_lock(&sim->lock);
	ret = sysfs_emit(buf, "%.*s", (int)sim->used, sim->log);
	mutex_unlock(&sim->lock);
	return ret;
}
static DEVICE_ATTR_RO(log);

static struct attribute *sim_attrs[] = {
	&dev_attr_a.attr, &dev_attr_b.attr, &dev_attr_errno.attr, &dev_attr_again.attr, &dev_attr_log.attr, NULL,
};
static const struct attribute_group sim_group = { .name = "sim", .attrs = sim_attrs };

/* Takes instances of the parent in place of those that the mdev has, none at first. */
static int sim_take_instances(struct sim_device *sim, unsigned int wanted)
{
	struct sim_parent *p = sim->parent;
	int ret = 0;

	mutex_lock(&p->instances_lock);
	if (wanted > p->available + sim->taken) {
		ret = -ENOSPC;
	} else {
		p->available = p->available + sim->taken - wanted;
		sim->taken = wanted;
	}
	mutex_unlock(&p->instances_lock);
	return ret;
}

static ssize_t aggregation_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct sim_device *sim = dev_get_drvdata(dev);
	unsigned int taken;

	mutex_lock(&sim->parent->instances_lock);
	taken = sim->taken;
	mutex_unlock(&sim->parent->instances_lock);
	return sysfs_emit(buf, "%u\n", taken);
}

static ssize_t aggregation_store(struct device *dev, struct device_attribute *attr, const char *buf, size_t count)
{
	struct sim_device *sim = dev_get_drvdata(dev);
	unsigned int wanted;
	int ret = kstrtouint(buf, 0, &wanted);

	if (!ret && !wanted)
		ret = -EINVAL;
	if (!ret)
		ret = sim_take_instances(sim, wanted);
	return ret ? ret : count;
}
static DEVICE_ATTR_RW(aggregation);

static struct attribute *sim_mdev_attrs[] = { &dev_attr_aggregation.attr, NULL };
static const struct attribute_group sim_mdev_group = { .name = "mdev", .attrs = sim_mdev_attrs };

static const struct attribute_group *sim_groups[] = { &sim_group, &sim_mdev_group, NULL };

/* An mdev */

static int sim_init_device(struct vfio_device *vdev)
{
	struct sim_device *sim = container_of(vdev, struct sim_device, vdev);

	mutex_init(&sim->lock);
	return 0;
}

static int sim_open_device(struct vfio_device *vdev)
{
	return 0;
}

static void sim_dma_unmap(struct vfio_device *vdev, u64 iova, u64 length)
{
}

static const struct vfio_device_ops sim_ops = {
	.name = "mdev-sim",
	.init = sim_init_device,
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
	.release = vfio_free_device,
#endif
	.open_device = sim_open_device,
	.dma_unmap = sim_dma_unmap,
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
	.bind_iommufd = vfio_iommufd_emulated_bind,
	.unbind_iommufd = vfio_iommufd_emulated_unbind,
	.attach_ioas = vfio_iommufd_emulated_attach_ioas,
#endif
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)
	.detach_ioas = vfio_iommufd_emulated_detach_ioas,
#endif
};

static int sim_probe(struct mdev_device *mdev)
{
	struct sim_device *sim;
	int ret;

	if (READ_ONCE(probe_ms))
		msleep(probe_ms);
	if (READ_ONCE(probe_errno))
		return -(int)probe_errno;

	sim = vfio_alloc_device(sim_device, vdev, &mdev->dev, &sim_ops);
	if (IS_ERR(sim))
		return PTR_ERR(sim);
	sim->parent = container_of(mdev->type->parent, struct sim_parent, parent);
	/* Drivers make their attributes only after probe, so this is early enough. */
	dev_set_drvdata(&mdev->dev, sim);

	/* What the kernel answers for drivers that leave the counting to it. */
	ret = sim_take_instances(sim, 1) ? -EUSERS : 0;
	if (ret)
		goto put;
	ret = vfio_register_emulated_iommu_dev(&sim->vdev);
	if (ret)
		goto give_back;
	return 0;
give_back:
	sim_take_instances(sim, 0);
put:
	vfio_put_device(&sim->vdev);
	return ret;
}

static void sim_remove(struct mdev_device *mdev)
{
	struct sim_device *sim = dev_get_drvdata(&mdev->dev);

	if (READ_ONCE(remove_ms))
		msleep(remove_ms);
	vfio_unregister_group_dev(&sim->vdev);
	sim_take_instances(sim, 0);
	vfio_put_device(&sim->vdev);
}

static unsigned int sim_get_available(struct mdev_type *type)
{
	struct sim_parent *p = container_of(type->parent, struct sim_parent, parent);
	unsigned int available;

	mutex_lock(&p->instances_lock);
	available = p->available;
	mutex_unlock(&p->instances_lock);
	return available;
}

static struct mdev_driver sim_driver = {
	.device_api = VFIO_DEVICE_API_PCI_STRING,
	.driver = {
		.name = "mdev_sim",
		.owner = THIS_MODULE,
		.mod_name = KBUILD_MODNAME,
		.dev_groups = sim_groups,
	},
	.probe = sim_probe,
	.remove = sim_remove,
	.get_available = sim_get_available,
};

/* A parent */

static int sim_parent_register(struct sim_parent *p)
{
	int ret;

	if (p->registered)
		return 0;
	/* The kobjects inside cannot be used a second time. */
	memset(&p->parent, 0, sizeof(p->parent));
	memset(p->types, 0, sizeof(p->types));
	p->types[0].sysfs_name = "small";
	p->types[0].pretty_name = "Small simulation";
	p->types[1].sysfs_name = "large";
	p->types[1].pretty_name = "Large simulation";
	p->type_list[0] = &p->types[0];
	p->type_list[1] = &p->types[1];

	ret = mdev_register_parent(&p->parent, p->real, &sim_driver, p->type_list, ARRAY_SIZE(p->type_list));
	p->registered = ret == 0;
	return ret;
}

static void sim_parent_unregister(struct sim_parent *p)
{
	if (!p->registered)
		return;
	mdev_unregister_parent(&p->parent);
	p->registered = false;
}

static ssize_t registered_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%d\n", container_of(dev, struct sim_parent, dev)->registered);
}

static ssize_t registered_store(struct device *dev, struct device_attribute *attr, const char *buf, size_t count)
{
	struct sim_parent *p = container_of(dev, struct sim_parent, dev);
	bool on;
	int ret = kstrtobool(buf, &on);

	if (ret)
		return ret;
	mutex_lock(&p->lock);
	if (on)
		ret = sim_parent_register(p);
	else
		sim_parent_unregister(p);
	mutex_unlock(&p->lock);
	return ret ? ret : count;
}
static DEVICE_ATTR_RW(registered);

static struct attribute *sim_parent_attrs[] = { &dev_attr_registered.attr, NULL };
ATTRIBUTE_GROUPS(sim_parent);

static void sim_parent_release(struct device *dev)
{
	kfree(container_of(dev, struct sim_parent, dev));
}

static struct class sim_class = {
	.name = "mdev_sim",
	.dev_groups = sim_parent_groups,
};

static struct sim_parent *sim_parent_alloc(void)
{
	struct sim_parent *p = kzalloc(sizeof(*p), GFP_KERNEL);

	if (!p)
		return NULL;
	mutex_init(&p->lock);
	mutex_init(&p->instances_lock);
	p->available = instances;
	return p;
}

static int sim_parent_add(unsigned int number)
{
	struct sim_parent *p = sim_parent_alloc();
	int ret;

	if (!p)
		return -ENOMEM;
	p->real = &p->dev;
	device_initialize(&p->dev);
	p->dev.class = &sim_class;
	p->dev.release = sim_parent_release;
	ret = dev_set_name(&p->dev, "%s%u", prefix, number);
	if (!ret)
		ret = device_add(&p->dev);
	if (ret) {
		put_device(&p->dev);
		return ret;
	}
	ret = sim_parent_register(p);
	if (ret) {
		device_unregister(&p->dev);
		return ret;
	}
	sim_parents[number] = p;
	return 0;
}

/* Devices of other buses as parents. Without a table of ids, only driver_override binds them. */

static int sim_bind(struct device *dev)
{
	struct sim_parent *p;
	int ret;

	if (READ_ONCE(bind_ms))
		msleep(bind_ms);
	if (READ_ONCE(bind_errno))
		return -(int)bind_errno;
	p = sim_parent_alloc();
	if (!p)
		return -ENOMEM;
	p->real = dev;
	ret = sim_parent_register(p);
	if (ret)
		kfree(p);
	else
		dev_set_drvdata(dev, p);
	return ret;
}

static void sim_unbind(struct device *dev)
{
	struct sim_parent *p = dev_get_drvdata(dev);

	sim_parent_unregister(p);
	kfree(p);
}

static int sim_pci_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	return sim_bind(&pdev->dev);
}

static void sim_pci_remove(struct pci_dev *pdev)
{
	sim_unbind(&pdev->dev);
}

static struct pci_driver sim_pci_driver = {
	.name = "mdev_sim",
	.probe = sim_pci_probe,
	.remove = sim_pci_remove,
};

static int sim_platform_probe(struct platform_device *pdev)
{
	return sim_bind(&pdev->dev);
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0)
static void sim_platform_remove(struct platform_device *pdev)
{
	sim_unbind(&pdev->dev);
}
#else
static int sim_platform_remove(struct platform_device *pdev)
{
	sim_unbind(&pdev->dev);
	return 0;
}
#endif

static struct platform_driver sim_platform_driver = {
	.driver = { .name = "mdev_sim" },
	.probe = sim_platform_probe,
	.remove = sim_platform_remove,
};

static void sim_cleanup(void)
{
	unsigned int i;

	for (i = 0; i < parents; i++)
		if (sim_parents[i]) {
			mutex_lock(&sim_parents[i]->lock);
			sim_parent_unregister(sim_parents[i]);
			mutex_unlock(&sim_parents[i]->lock);
			device_unregister(&sim_parents[i]->dev);
		}
	kfree(sim_parents);
	class_unregister(&sim_class);
	mdev_unregister_driver(&sim_driver);
}

static int __init sim_init(void)
{
	unsigned int i;
	int ret;

	sim_parents = kcalloc(parents, sizeof(*sim_parents), GFP_KERNEL);
	if (!sim_parents)
		return -ENOMEM;
	ret = class_register(&sim_class);
	if (ret)
		goto free;
	ret = mdev_register_driver(&sim_driver);
	if (ret)
		goto class;
	for (i = 0; i < parents; i++) {
		ret = sim_parent_add(i);
		if (ret) {
			sim_cleanup();
			return ret;
		}
	}
	ret = pci_register_driver(&sim_pci_driver);
	if (ret) {
		sim_cleanup();
		return ret;
	}
	ret = platform_driver_register(&sim_platform_driver);
	if (ret) {
		pci_unregister_driver(&sim_pci_driver);
		sim_cleanup();
	}
	return ret;
class:
	class_unregister(&sim_class);
free:
	kfree(sim_parents);
	return ret;
}

static void __exit sim_exit(void)
{
	platform_driver_unregister(&sim_platform_driver);
	pci_unregister_driver(&sim_pci_driver);
	sim_cleanup();
}

module_init(sim_init);
module_exit(sim_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Simulated mediated devices for tests");
