/**
 * Sockets of kinds that the JDK has none of.
 */
@NullMarked
package io.berth.linux.socket;

import org.jspecify.annotations.NullMarked;
