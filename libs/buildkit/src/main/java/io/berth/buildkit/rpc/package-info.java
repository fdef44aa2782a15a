/** gRPC's methods and errors as BuildKit writes them, and calls as blocking code wants them. */
@NullMarked
package io.berth.buildkit.rpc;

import org.jspecify.annotations.NullMarked;
