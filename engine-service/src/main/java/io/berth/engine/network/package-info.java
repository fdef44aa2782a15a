/** Networks: what there is, who is connected, addresses, names and published ports. */
@NullMarked
package io.berth.engine.network;

import org.jspecify.annotations.NullMarked;
