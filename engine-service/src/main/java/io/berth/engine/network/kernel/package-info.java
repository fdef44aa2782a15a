/** Networks in the kernel: bridges, parents of macvlan and ipvlan links, and namespaces with interfaces, by rtnetlink. */
@NullMarked
package io.berth.engine.network.kernel;

import org.jspecify.annotations.NullMarked;
