"""Business contexts and the kernel and platform they stand on."""
