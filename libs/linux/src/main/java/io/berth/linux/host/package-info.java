/** What a host offers to a container engine, and what is missing. */
@NullMarked
package io.berth.linux.host;

import org.jspecify.annotations.NullMarked;
