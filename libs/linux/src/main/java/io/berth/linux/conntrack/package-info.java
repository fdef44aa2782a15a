/** Connections that netfilter keeps track of. */
@NullMarked
package io.berth.linux.conntrack;

import org.jspecify.annotations.NullMarked;
