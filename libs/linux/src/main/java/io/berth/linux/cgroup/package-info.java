/**
 * Control groups, version 1 (Documentation/admin-guide/cgroup-v1) and 2 (cgroup-v2.rst), behind one interface.
 *
 * <p>Cgroups are files: there is no native call here but opening a directory to clone into, and the root is injected, so both
 * drivers are tested against directories that a test made.
 */
@NullMarked
package io.berth.linux.cgroup;

import org.jspecify.annotations.NullMarked;
