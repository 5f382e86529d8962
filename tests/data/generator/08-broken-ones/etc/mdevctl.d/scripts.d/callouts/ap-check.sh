Where mdevctl kept its scripts.
