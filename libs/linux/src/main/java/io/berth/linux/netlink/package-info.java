/** Network links by rtnetlink: messages as pure functions over buffers, and a socket that carries them. */
@NullMarked
package io.berth.linux.netlink;

import org.jspecify.annotations.NullMarked;
