/**
 * Mounts: the descriptor-based mount API (open_tree, fsopen, move_mount, mount_setattr), the flags of the older calls, and
 * the mount table.
 */
@NullMarked
package io.berth.linux.mount;

import org.jspecify.annotations.NullMarked;
