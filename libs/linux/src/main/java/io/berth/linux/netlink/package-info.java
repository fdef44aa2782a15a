/** Links, addresses and routes by rtnetlink: requests as immutable values, and a socket that carries them out. */
@NullMarked
package io.berth.linux.netlink;

import org.jspecify.annotations.NullMarked;
