/** What is asked of clients, on the connections that they have opened for it. */
@NullMarked
package io.berth.buildkit.session;

import org.jspecify.annotations.NullMarked;
