/** gRPC over byte streams that somebody else has opened, without ports. */
@NullMarked
package io.berth.buildkit.transport;

import org.jspecify.annotations.NullMarked;
