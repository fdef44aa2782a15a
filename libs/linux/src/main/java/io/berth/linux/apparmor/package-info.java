/** AppArmor: whether the kernel has it, which profiles it knows, and how it gets another. */
@NullMarked
package io.berth.linux.apparmor;

import org.jspecify.annotations.NullMarked;
